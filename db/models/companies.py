"""What is known of a company beside its record: telephones, the PIN, when it takes orders, how it stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word


class CompanyPhone(Base):
    """A further telephone of a company, known when it calls. Offers go to the company's own `phone`."""

    __tablename__ = "company_phones"
    __table_args__ = (UniqueConstraint("company_id", "number_index"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(Sealed("company_phone.number"))
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    label: Mapped[Line] = mapped_column(default="")
    """Whose it is: 调度, 夜班."""


class CompanyPin(Base):
    """The PIN by which a company is known from a telephone that is not its own, as a keyed hash."""

    __tablename__ = "company_pins"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    pin_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    set_at: Mapped[datetime]
    set_by: Mapped[Line]


class CompanyAvailability(Base):
    """A word of a company on when it takes orders. Rows are never changed but for `ended_at`: they are the history."""

    __tablename__ = "company_availability"
    __table_args__ = (
        Index("ix_company_availability_until_at", "until_at"),
        Index("ix_company_availability_company_id_at", "company_id", "at"),
    )

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    """closed (no offers in that time), capacity (so many orders due in that time), or opened (ended that)."""
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    capacity: Mapped[int | None]
    at: Mapped[datetime]
    actor: Mapped[Line]
    """As company:3 or user:2."""
    channel: Mapped[Word]
    """phone_key or desk."""
    ended_at: Mapped[datetime | None]
    """Taken back, or replaced by a later word."""


class CompanySuspension(Base):
    """A company is given no orders for a time: decided by a person, with words."""

    __tablename__ = "company_suspensions"
    __table_args__ = (Index("ix_company_suspensions_company_id_from_at", "company_id", "from_at"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    """None: until a person lifts it."""
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]
    decided_by: Mapped[Line]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(200))
    lifted_reason: Mapped[str] = mapped_column(Text, default="")


class CompanySuggestion(Base):
    """The rule's word that a person should think about suspending a company. Raised once for the same reasons."""

    __tablename__ = "company_suggestions"
    __table_args__ = (UniqueConstraint("company_id", "day"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    day: Mapped[str] = mapped_column(String(10))
    """The local day on which it was raised, so that two jobs raise it once."""
    raised_at: Mapped[datetime]
    codes: Mapped[Line]
    """Codes of the reasons, with commas."""
    reasons: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))


class CompanyStanding(Base):
    """What dispatch weighs of a company, written by a job from its last 90 days. None: not enough is known."""

    __tablename__ = "company_standings"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True)
    acceptance: Mapped[float | None]
    punctuality: Mapped[float | None]
    verified: Mapped[float | None]
    score: Mapped[float]
    complaints_per_100: Mapped[float | None]
    at: Mapped[datetime]

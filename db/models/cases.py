"""Cases that a person must close: SOS, complaints, messages left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class Case(Base):
    """Something that a person must close, with an outcome."""

    __tablename__ = "cases"
    __table_args__ = (Index("ix_cases_kind_opened_at", "kind", "opened_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key, as sos-<call id>."""
    kind: Mapped[Word]
    """One of routing.orders.cases.KINDS."""
    state: Mapped[str] = mapped_column(String(20), index=True)
    """open or closed."""
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    sms_id: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"))
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    result: Mapped[str | None] = mapped_column(String(30))
    """What became of an SOS, by code (routing.orders.sos.RESULTS), or of a complaint: upheld, unfounded. None while it
    is open, for other kinds, and for a complaint of which nobody said it."""
    outcome: Mapped[str] = mapped_column(Sealed("case.outcome"), default="")
    """The same in words."""
    number: Mapped[str | None] = mapped_column(Sealed("case.number"))
    """Who left what was recorded, E.164; of others the call's record tells it."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Name of the file of what the caller said, without folder and ending; none if nothing was recorded."""

    timeline: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.at, CaseEvent.id")


class CaseEvent(Base):
    """A step in the life of a case."""

    __tablename__ = "case_events"
    __table_args__ = (Index("ix_case_events_case_id_key", "case_id", "key", unique=True),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(Sealed("case_event.detail"), default="")
    key: Mapped[str | None] = mapped_column(String(80))
    """Idempotency key within the case, as journey-12, of what a machine writes; a person may say a thing twice."""

    case: Mapped[Case] = relationship(back_populates="timeline")

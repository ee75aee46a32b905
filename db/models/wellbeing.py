"""Daily calls to those who live alone: who is enrolled, when not to call, and what came of each day's call."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class WellBeingEnrolment(Base):
    """An elder is called on the days of a rule. One row for each time that somebody enrolled or ended; at most one is
    active."""

    __tablename__ = "well_being_enrolments"

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    active_elder_id: Mapped[int | None] = mapped_column(unique=True)
    """The same while it is active, then empty: the database allows one active row for each elder."""
    at: Mapped[str] = mapped_column(String(5))
    """Time of day on the clocks of the hotline, as 08:30."""
    rule: Mapped[str] = mapped_column(String(300))
    """On which days, as FREQ=DAILY (routing/orders/planning/rules.py)."""
    starts_on: Mapped[date]
    consent: Mapped[Word]
    """Who said yes: elder, relative or paper (a form that is signed)."""
    consent_note: Mapped[str] = mapped_column(Sealed("well_being.consent_note"), default="")
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[str] = mapped_column(String(60))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))


class WellBeingPause(Base):
    """Days on which an elder is not called, as in hospital."""

    __tablename__ = "well_being_pauses"

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    first: Mapped[date]
    last: Mapped[date | None]
    """Empty: until somebody ends it."""
    reason: Mapped[Word]
    """hospital, away or other."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))


class WellBeingCheck(Base):
    """One elder's call of one day. The row is the claim: it stands before anything dials."""

    __tablename__ = "well_being_checks"
    __table_args__ = (
        UniqueConstraint("elder_id", "day"),
        Index("ix_well_being_checks_day_state", "day", "state"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    """wellbeing-<elder>-<date>; the calls of it are <key>-1 and so on."""
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"))
    day: Mapped[date]
    state: Mapped[Word] = mapped_column(index=True)
    """calling, well, call_me, person, sos, alarm (no answer), missed (never dialled) or left (not wanted any more)."""
    attempts: Mapped[int] = mapped_column(default=0)
    rang: Mapped[int] = mapped_column(default=0)
    """Of those, how many rang without an answer, or were answered without a key."""
    no_key: Mapped[int] = mapped_column(default=0)
    """Of those, how many were picked up, and nobody pressed a key."""
    first_at: Mapped[datetime]
    """When the first attempt was due: an hour after it, it is an alarm."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    looking_in: Mapped[Word] = mapped_column(default="")
    """With an alarm: asking, well, needs_us or nobody (no contact was reached, or there is none)."""
    settled_at: Mapped[datetime | None]


class LookIn(Base):
    """One call to a relative or neighbour: please look in. The row stands before anything dials."""

    __tablename__ = "look_ins"
    __table_args__ = (UniqueConstraint("check_id", "number_at"),)

    id: Mapped[Id]
    check_id: Mapped[int] = mapped_column(ForeignKey("well_being_checks.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    number_at: Mapped[int]
    """Which call of this check, from 1."""
    position: Mapped[int]
    """Whom in turn, from 0."""
    cause: Mapped[str] = mapped_column(String(100), unique=True)
    answer: Mapped[Word] = mapped_column(default="")
    """well, needs_us, going (they go and look), person, sos or no_answer; empty: not over."""
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

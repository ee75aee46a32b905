"""Reminders of medicine at set times, and what came of each time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class MedicineReminder(Base):
    """An elder is reminded at a time of day, on the days of a rule."""

    __tablename__ = "medicine_reminders"

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    at: Mapped[str] = mapped_column(String(5))
    """Time of day on the clocks of the hotline, as 08:30."""
    rule: Mapped[str] = mapped_column(String(300))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    text: Mapped[str] = mapped_column(Sealed("medicine.text"), default="")
    """Which medicine, in plain words; empty: "the medicine of the morning"."""
    language: Mapped[str] = mapped_column(String(20))
    tell_contact: Mapped[bool]
    """Whether the first contact gets an SMS when nobody said that it was taken."""
    consent: Mapped[Word]
    """Who said yes: elder, relative or paper."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str | None] = mapped_column(String(60))


class MedicineDose(Base):
    """One time of one reminder. The row is the claim: it stands before anything dials, and stays as history."""

    __tablename__ = "medicine_doses"
    __table_args__ = (UniqueConstraint("reminder_id", "day"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    """medicine-<reminder>-<date>; the calls of it are <key>-1 and so on."""
    reminder_id: Mapped[int] = mapped_column(ForeignKey("medicine_reminders.id", ondelete="CASCADE"))
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    due_at: Mapped[datetime]
    state: Mapped[Word] = mapped_column(index=True)
    """calling, taken, person, sos, not_taken, missed (not reminded in time) or left (not wanted any more)."""
    attempts: Mapped[int] = mapped_column(default=0)
    unanswered: Mapped[int] = mapped_column(default=0)
    later: Mapped[int] = mapped_column(default=0)
    """How often the elder asked to be reminded again."""
    told_contact: Mapped[bool] = mapped_column(default=False)
    taken_at: Mapped[datetime | None]
    """When the elder said so."""
    settled_at: Mapped[datetime | None]

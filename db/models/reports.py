"""What reports need kept: how long agents were in each state, schedules, and the reports made by them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class AgentSpell(Base):
    """A time that an agent spent in one state, written when it is over. Times logged off have no row."""

    __tablename__ = "agent_spells"
    __table_args__ = (UniqueConstraint("extension", "began_at", "state"),)

    id: Mapped[Id]
    extension: Mapped[str] = mapped_column(String(10))
    state: Mapped[Word]
    """One of routing.calls.messages.AgentState."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime] = mapped_column(index=True)
    missed: Mapped[bool] = mapped_column(default=False)
    """The phone rang in this time, and nobody answered."""


class ReportSchedule(Base):
    """A report that is made and sent by itself."""

    __tablename__ = "report_schedules"

    id: Mapped[Id]
    report: Mapped[Word]
    """One of routing.reports.book.NAMES."""
    every: Mapped[Word]
    """day, week (Monday to Sunday) or month."""
    recipients: Mapped[str] = mapped_column(Sealed("report_schedule.recipients"), default="")
    """E-mail addresses with commas; empty: it is only kept."""
    language: Mapped[str] = mapped_column(String(20))
    form: Mapped[Word]
    """xlsx or csv."""
    active: Mapped[bool] = mapped_column(default=True)
    starts_on: Mapped[date]
    """The first local day that a report of it can be of: no report is made of what was before it."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(60))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


class ReportRun(Base):
    """One report of a schedule: the database allows one for each period, and it is claimed before it is made."""

    __tablename__ = "report_runs"
    __table_args__ = (UniqueConstraint("schedule_id", "first"),)

    id: Mapped[Id]
    schedule_id: Mapped[int] = mapped_column(ForeignKey("report_schedules.id"))
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[Word] = mapped_column(index=True)
    """due, making, made (and to be sent), sending, done (kept, and sent if it could be), failed, or unsent (kept)."""
    tries: Mapped[int] = mapped_column(default=0)
    """Of making, and then of sending."""
    due_at: Mapped[datetime]
    """When it is next taken up; while it is being made or sent, when whoever does so must have died."""
    trouble: Mapped[str] = mapped_column(String(200), default="")
    """Why the last try failed, without an address."""
    file: Mapped[str] = mapped_column(String(80), default="")
    """Name of the file; empty: there is none (yet, or any more)."""
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

"""Calls, what happened in them, and how tickets ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class CallRecord(Base):
    """One call, by its Linkedid. `number` is the far end: the caller's, or the one that was dialled."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    node: Mapped[Word]
    direction: Mapped[Word]
    """inbound or outbound."""
    dialled: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[str | None] = mapped_column(Sealed("call.number"))
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    agent_extension: Mapped[str | None] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """self_served, answered, abandoned, promised, fallback, or empty while it lasts."""
    recording: Mapped[str | None] = mapped_column(String(200))
    agent_note: Mapped[str] = mapped_column(Sealed("call.agent_note"), default="")


class JourneyEvent(Base):
    """A step of a call. `what` is a word as welcome.greeted; `detail` holds no personal data."""

    __tablename__ = "journey_events"
    __table_args__ = (Index("ix_journey_events_call_id_at", "call_id", "at"),)

    id: Mapped[Id]
    call_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(Text, default="")


class TicketRecord(Base):
    """A ticket and its one end."""

    __tablename__ = "tickets"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"))
    intent: Mapped[Word]
    caller_class: Mapped[Word]
    joined_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end: Mapped[str | None] = mapped_column(String(20))
    agent_extension: Mapped[str | None] = mapped_column(String(10))
    waited_seconds: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    """The policy's words for why this agent."""

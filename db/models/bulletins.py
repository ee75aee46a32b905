"""What supervisors tell all agents at once, and who has read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id


class Bulletin(Base):
    """A note on the desks of all agents, or of those with one skill, until it ends by itself."""

    __tablename__ = "bulletins"

    id: Mapped[Id]
    words: Mapped[str] = mapped_column(Sealed("bulletin.words"))
    """Sealed: nobody should name an elder here, and somebody will."""
    important: Mapped[bool]
    skill: Mapped[str] = mapped_column(String(40), default="")
    """Empty: all agents."""
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime] = mapped_column(index=True)
    """It is on no desk any more from then on; ending it sooner sets this."""
    ended_by: Mapped[str] = mapped_column(String(60), default="")
    """Who ended it before its time."""


class BulletinRead(Base):
    """That it was on an agent's desk, and whether they said that they have read it."""

    __tablename__ = "bulletin_reads"
    __table_args__ = (UniqueConstraint("bulletin_id", "user_id"),)

    id: Mapped[Id]
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletins.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    shown_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

"""What elders are told when they call: announcements by district, and who has heard which."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base, Id


class Announcement(Base):
    """A few words for the elders of a district, or for all, while they are valid."""

    __tablename__ = "announcements"

    id: Mapped[Id]
    district: Mapped[str] = mapped_column(String(60))
    """Empty: for all."""
    text: Mapped[str] = mapped_column(String(200))
    """Public, so not sealed; nobody is to be named in it."""
    language: Mapped[str] = mapped_column(String(20))
    """In which it is written, BCP 47."""
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    active: Mapped[bool]
    """False once somebody has ended it; then it is never said again."""
    recording: Mapped[str | None] = mapped_column(String(100))
    """Name of the file with a human voice, without folder and ending; without one the text is spoken by the voice."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(60))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))


class AnnouncementHeard(Base):
    """An elder has been told this announcement, and is not told again."""

    __tablename__ = "announcements_heard"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    elder_id: Mapped[int] = mapped_column(
        ForeignKey("elders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    at: Mapped[datetime]

    announcement: Mapped[Announcement] = relationship()

"""What elders look like."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base


class ElderPhoto(Base):
    """The photo in an elder's record: one, small, sealed like all that tells who somebody is."""

    __tablename__ = "elder_photos"

    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), primary_key=True)
    jpeg: Mapped[str] = mapped_column(Sealed("elder_photo.jpeg"))
    """Base64. At most 480x480 pixels, upright, without any word of the camera's (routing/elders/portrait.py)."""
    width: Mapped[int]
    height: Mapped[int]
    put_at: Mapped[datetime]
    put_by: Mapped[str] = mapped_column(String(60))
    """As user:2."""

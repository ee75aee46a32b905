"""Who has taken which task of the work lists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Id


class TaskClaim(Base):
    """One task that somebody took or put off. It holds nothing of the task itself, which the case or call-back is."""

    __tablename__ = "task_claims"

    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(40), unique=True)
    """As case:12 or callback:7."""
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    """As user:3; none while it is free."""
    claimed_until: Mapped[datetime | None]
    """The claim is over then, whatever became of whoever took it."""
    deferred_until: Mapped[datetime | None]
    updated_at: Mapped[datetime]

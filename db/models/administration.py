"""What administrators do that must be kept: records of elders that were merged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id


class ElderMerge(Base):
    """Two records of one person became one. Everything that it takes to part them again is kept."""

    __tablename__ = "elder_merges"

    id: Mapped[Id]
    kept_id: Mapped[int] = mapped_column(ForeignKey("elders.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("elders.id"), index=True)
    """The record that nothing belongs to any more; its state is ``merged``."""
    merged_at: Mapped[datetime]
    merged_by: Mapped[str] = mapped_column(String(60))
    undo: Mapped[str] = mapped_column(Sealed("elder_merge.undo"))
    """JSON: the keys of the rows that moved by table, rows that were joined into another, and the fields before."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(60))

"""What administrators do that must be kept: records of elders that were merged, and elders who are served no more."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


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


class ElderDeparture(Base):
    """An elder who is served no more: moved away, died, or does not wish to be. It can be undone for a time."""

    __tablename__ = "elder_departures"

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    """What became of the record: moved, deceased or deregistered."""
    on: Mapped[date]
    """The day that was said, which may be past."""
    note: Mapped[str] = mapped_column(Sealed("elder_departure.note"), default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    undo: Mapped[str] = mapped_column(Text)
    """JSON: the state before, and the keys of the plans, reminders and daily call that ended."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(60))


class ElderImport(Base):
    """A file of elders that somebody handed over: checked first, then taken, in the background."""

    __tablename__ = "elder_imports"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(Sealed("elder_import.name"))
    """Of the file."""
    content: Mapped[str | None] = mapped_column(Sealed("elder_import.content"), deferred=True)
    """Base64; nothing once it was taken, discarded or left for too long."""
    state: Mapped[Word] = mapped_column(index=True)
    """checking, checked, waiting (to be taken), done, refused (no file that can be read) or discarded."""
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str] = mapped_column(String(60))
    confirmed_by: Mapped[str | None] = mapped_column(String(60))
    finished_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    """A worker is at it until then; afterwards another begins anew, which changes nothing twice."""
    attempts: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    about: Mapped[int | None]
    """Rows that were read of this round, and about how many there are."""
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    ignored: Mapped[str] = mapped_column(Text, default="")
    """Headers of columns that mean nothing to us, with commas."""
    sheet: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """CSV of what is wrong, row by row; it holds nothing of what the cells held."""
    trouble: Mapped[str] = mapped_column(String(500), default="")
    """Why the file cannot be read, in both languages."""


class SettingChange(Base):
    """Somebody changed a setting while the hotline ran. The latest row of a name counts."""

    __tablename__ = "setting_changes"
    __table_args__ = (Index("ix_setting_changes_name_id", "name", "id"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(200))
    """Empty: what the environment says."""
    before: Mapped[str] = mapped_column(String(200))
    """What counted until then."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class SmsTextChange(Base):
    """Somebody changed what an SMS says. The latest row of a text in a language counts."""

    __tablename__ = "sms_text_changes"
    __table_args__ = (Index("ix_sms_text_changes_language_key_id", "language", "key", "id"),)

    id: Mapped[Id]
    language: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    """With its fields in braces. Empty: what the file of the deployment says, or ours."""
    before: Mapped[str] = mapped_column(Text)
    """What was said until then."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))

"""Who may be called and written to: what people allowed or forbade, with its history, and whom never to call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class Consent(Base):
    """One word of a person on one purpose by one channel. Rows are only added: the latest is the truth, all the others
    its history. A number that wants nothing at all by a channel is an `OptOut`."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_elder_id_channel_purpose", "elder_id", "channel", "purpose"),
        Index("ix_consents_number_index_channel_purpose", "number_index", "channel", "purpose"),
    )

    id: Mapped[Id]
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"))
    number: Mapped[str | None] = mapped_column(Sealed("consent.number"))
    """E.164; of whom we know nothing but that."""
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    channel: Mapped[Word]
    """call or sms."""
    purpose: Mapped[Word]
    """survey, reminder, well_being, announcement; all: the channel as a whole, told beside its opt-out."""
    given: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))
    """Who wrote it down, as elder:12, user:3, token:5."""
    how: Mapped[Word]
    """phone_key, sms, desk, paper or import."""
    note: Mapped[str | None] = mapped_column(Sealed("consent.note"))


class NeverCall(Base):
    """A number, or an elder by whatever number, that no automatic call rings. Ended, never deleted."""

    __tablename__ = "never_call"

    id: Mapped[Id]
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"), index=True)
    number: Mapped[str | None] = mapped_column(Sealed("never_call.number"))
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    reason: Mapped[Word]
    """asked, hospital, fax, wrong_number or other."""
    note: Mapped[str | None] = mapped_column(Sealed("never_call.note"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(60))
    expires_at: Mapped[datetime | None]
    """Until when, as of a stay in hospital; empty: until somebody ends it."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))

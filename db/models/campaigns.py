"""Group messages: one message to many elders, and what became of it with each of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class Campaign(Base):
    """One message to the elders of a selection, within some hours of some days, on a few lines at once."""

    __tablename__ = "campaigns"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(200))
    """Public, so not sealed; nobody is to be named in it."""
    language: Mapped[str] = mapped_column(String(20))
    recording: Mapped[str | None] = mapped_column(String(100))
    """Name of the file with a human voice, without folder and ending; without one the text is spoken by the voice."""
    way: Mapped[Word]
    """call, sms or call_sms (who is not reached by telephone is written to)."""
    warning: Mapped[Word] = mapped_column(default="")
    """Of the weather, as blue, yellow, orange or red; empty: none. Warnings go before other messages."""
    district: Mapped[str] = mapped_column(String(60), default="")
    """Empty: all, as with the next two."""
    caller_class: Mapped[Word] = mapped_column(default="")
    payer_class: Mapped[Word] = mapped_column(default="")
    alone: Mapped[bool] = mapped_column(default=False)
    """Only those who live alone."""
    lines: Mapped[int]
    """The most calls of it at once."""
    opens: Mapped[str] = mapped_column(String(5))
    """Time of day on the clocks of the hotline, as 08:00."""
    closes: Mapped[str] = mapped_column(String(5))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[Word] = mapped_column(index=True)
    """draft, running, paused, stopped or finished."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


class CampaignMove(Base):
    """Somebody made, recorded, started, paused, resumed or stopped a message; or it finished by itself."""

    __tablename__ = "campaign_moves"

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    act: Mapped[Word]
    state: Mapped[Word]
    """In which it was afterwards."""
    by: Mapped[str] = mapped_column(String(60))
    """user:<id>, or system."""
    why: Mapped[Word] = mapped_column(default="")
    """Why it finished by itself: all_settled or time_over."""


class CampaignRecipient(Base):
    """An elder whom a message is for, frozen at the start. Several elders of one telephone get one call."""

    __tablename__ = "campaign_recipients"
    __table_args__ = (
        UniqueConstraint("campaign_id", "elder_id"),
        # The database allows one call of a campaign to a number.
        UniqueConstraint("campaign_id", "lead_index"),
        Index("ix_campaign_recipients_campaign_id_state", "campaign_id", "state"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    number: Mapped[str | None] = mapped_column(Sealed("campaign.number"))
    """E.164; empty: there is none."""
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    lead_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """The same for the one elder of a number who is called; empty for the others."""
    cause: Mapped[str] = mapped_column(String(80), unique=True)
    """Of the call and of the SMS: campaign-<campaign>-<elder>."""
    position: Mapped[int]
    """Whose turn it is, from 0."""
    state: Mapped[Word]
    """waiting, owed, writing, shared (with another elder of the number), or the outcome: heard, person, opted_out,
    sent, not_reached, left_out or stopped."""
    reason: Mapped[Word] = mapped_column(default="")
    settled_at: Mapped[datetime | None]

"""What the link to an SMS carrier keeps: the carrier's ids of parts, its reports, and parts of messages that came."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class SmsPart(Base):
    """One part of an outgoing message that a carrier took, by the id that its reports name."""

    __tablename__ = "sms_parts"

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("sms_messages.id"), index=True)
    carrier_id: Mapped[str] = mapped_column(String(70), index=True)
    """In lower case, without leading zeros."""
    report: Mapped[Word]
    """The last word of the carrier: under way, delivered, failed, expired."""
    at: Mapped[datetime]


class SmsReport(Base):
    """A report that came, each once: also one that is early, late or about nothing that we know."""

    __tablename__ = "sms_reports"
    __table_args__ = (Index("ix_sms_reports_carrier_id_number_index", "carrier_id", "number_index"),)

    id: Mapped[Id]
    carrier_id: Mapped[str] = mapped_column(String(70))
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    report: Mapped[Word]
    said: Mapped[Word]
    """In the carrier's own word, as DELIVRD."""
    received_at: Mapped[datetime] = mapped_column(index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("sms_parts.id"))
    """The part that it is about, when that is known."""


class SmsSegment(Base):
    """A message from a phone, or one part of it, written before the carrier is told that we have it."""

    __tablename__ = "sms_segments"
    __table_args__ = (Index("ix_sms_segments_sender_index_id", "sender_index", "id"),)

    id: Mapped[Id]
    whole: Mapped[str] = mapped_column(String(40), index=True)
    """Names the message that it is a part of."""
    sender: Mapped[str] = mapped_column(Sealed("sms.segment.sender"))
    sender_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    number_to: Mapped[str] = mapped_column(String(40))
    reference: Mapped[int | None]
    total: Mapped[int]
    part: Mapped[int]
    coding: Mapped[int]
    data: Mapped[str] = mapped_column(Sealed("sms.segment.data"))
    """Its bytes in hexadecimal: a part may end within a character."""
    content_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    """Keyed hash of the bytes, by which a repetition is known."""
    received_at: Mapped[datetime]
    handed_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the message went on to be read."""
    attempts: Mapped[int] = mapped_column(default=0)

"""Elders, their phones and the people close to them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed, SealedFloat
from db.models.base import Base, Id, Line, Word


class Elder(Base):
    """One registered elder."""

    __tablename__ = "elders"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    """Registration number; imports match on it."""
    name: Mapped[str] = mapped_column(Sealed("elder.name"))
    name_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    sex: Mapped[Word]
    """female, male or unknown: decides the form of address."""
    form_of_address: Mapped[str] = mapped_column(String(10), default="")
    """奶奶, 爷爷, 女士, 先生; empty: chosen from sex and age."""
    birth_date: Mapped[date | None]
    identity_number: Mapped[str | None] = mapped_column(Sealed("elder.identity_number"))
    identity_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    address: Mapped[str | None] = mapped_column(Sealed("elder.address"))
    landmarks: Mapped[str | None] = mapped_column(Sealed("elder.landmarks"))
    """How the door is found: what stands beside it, which gate, which floor."""
    way_in: Mapped[str | None] = mapped_column(Sealed("elder.way_in"))
    """How to get in if nobody opens: who has a key, where it is, what the door wants."""
    district: Mapped[str] = mapped_column(String(60), default="", index=True)
    latitude: Mapped[float | None] = mapped_column(SealedFloat("elder.latitude"))
    longitude: Mapped[float | None] = mapped_column(SealedFloat("elder.longitude"))
    health_notes: Mapped[str | None] = mapped_column(Sealed("elder.health_notes"))
    hearing: Mapped[str] = mapped_column(String(10), default="normal")
    """normal, weak or deaf."""
    dialect: Mapped[str] = mapped_column(String(20), default="")
    payer_class: Mapped[str] = mapped_column(String(20), default="self_paid")
    """assisted, subsidised or self_paid."""
    caller_class: Mapped[str] = mapped_column(String(20), default="elder")
    """frail or elder: the class of priority while waiting."""
    lives_alone: Mapped[bool] = mapped_column(default=False)
    straight_to_person: Mapped[bool] = mapped_column(default=False)
    rest: Mapped[str] = mapped_column(String(11), default="", server_default=text("''"))
    """Hours of rest, as 12:30-14:00, in which no automatic call rings; empty: none."""
    language: Mapped[str] = mapped_column(String(10), default="zh-CN")
    state: Mapped[str] = mapped_column(String(20), default="active")
    """active, moved, deregistered or deceased; merged: all that was its belongs to another record (ElderMerge)."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    phones: Mapped[list[ElderPhone]] = relationship(back_populates="elder", cascade="all, delete-orphan")
    contacts: Mapped[list[Contact]] = relationship(back_populates="elder", cascade="all, delete-orphan")


class ElderPhone(Base):
    """A number by which an elder is known. One number may belong to several elders: one row for each."""

    __tablename__ = "elder_phones"
    __table_args__ = (
        UniqueConstraint("elder_id", "number_index"),
        Index("ix_elder_phones_number_index_elder_id", "number_index", "elder_id"),
    )

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(Sealed("elder_phone.number"))
    """E.164."""
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    kind: Mapped[str] = mapped_column(String(20), default="home")
    """home, mobile or one_key (an SOS device)."""
    place: Mapped[str | None] = mapped_column(Sealed("elder_phone.place"))
    """Where this phone is, if that is not the elder's address."""

    elder: Mapped[Elder] = relationship(back_populates="phones")


class Contact(Base):
    """A relative or neighbour of an elder."""

    __tablename__ = "contacts"

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Sealed("contact.name"))
    relation: Mapped[Line]
    number: Mapped[str] = mapped_column(Sealed("contact.number"))
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    priority: Mapped[int] = mapped_column(default=1)
    has_key: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether they have a key to the elder's door."""

    elder: Mapped[Elder] = relationship(back_populates="contacts")


class ElderManner(Base):
    """How one elder is spoken with, beyond what the record says: what people set (null: nothing), what talks taught."""

    __tablename__ = "elder_manners"

    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), primary_key=True)
    slow: Mapped[bool | None]
    loud: Mapped[bool | None]
    key_seconds: Mapped[float | None]
    hints: Mapped[int | None]
    favourite_offered: Mapped[bool | None]
    straight_set: Mapped[bool] = mapped_column(default=False)
    """Whether a person decided on `Elder.straight_to_person`, also if it is no."""
    set_by: Mapped[str] = mapped_column(Text, default="")
    """JSON: who set a part, by its name, as user:2."""
    learnt: Mapped[str] = mapped_column(Text, default="")
    """JSON, bounded: routing/manners/keeping.py."""

"""Work orders: their history, the offers made to companies, and the visits that prove them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word
from db.models.people import Elder
from db.models.providers import Company, ServiceItem, Worker


class Order(Base):
    """A work order. States and their moves: routing/orders/policy.py."""

    __tablename__ = "orders"
    __table_args__ = (Index("ix_orders_elder_id_created_at", "elder_id", "created_at"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(12), unique=True)
    """Short number as it is spoken: six digits."""
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key: the same key never makes a second order."""
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(default=1)
    """Counts moves; two people who act on one order cannot both win."""
    source: Mapped[Word]
    """voice, desk, sms or plan."""
    call_id: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[datetime]
    price_fen: Mapped[int]
    elder_pays_fen: Mapped[int]
    price_reason: Mapped[Line]
    note: Mapped[str] = mapped_column(Sealed("order.note"), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    elder: Mapped[Elder] = relationship()
    item: Mapped[ServiceItem] = relationship()
    company: Mapped[Company | None] = relationship()
    worker: Mapped[Worker | None] = relationship()
    history: Mapped[list[OrderEvent]] = relationship(back_populates="order", order_by="OrderEvent.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own form.


class OrderEvent(Base):
    """One move of an order: who, when, by which channel."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_to_state_at", "to_state", "at"),)

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    from_state: Mapped[Word]
    to_state: Mapped[Word]
    actor: Mapped[Line]
    """As elder:12, company:3, worker:7, user:2, system."""
    channel: Mapped[Word]
    """phone_key, sms, desk or job."""
    reason: Mapped[str] = mapped_column(Text, default="")

    order: Mapped[Order] = relationship(back_populates="history")


class Offer(Base):
    """An order offered to a company for a time."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("order_id", "round", "company_id"),
        Index("ix_offers_offered_at_company_id", "offered_at", "company_id"),
        Index("ix_offers_open_order", "order_id", unique=True, sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
    )  # fmt: skip

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    """open, accepted, declined, expired or withdrawn."""
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why this company: the policy's words."""
    decline_reason: Mapped[Word] = mapped_column(default="", server_default=text("''"))
    """Why the company declined: no_staff, too_far, bad_time, other, or empty if it did not say."""

    order: Mapped[Order] = relationship()
    company: Mapped[Company] = relationship()


class Visit(Base):
    """The six facts of electronic visit verification (21st Century Cures Act s.12006), in and out."""

    __tablename__ = "visits"

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id"), index=True)
    checked_in_at: Mapped[datetime] = mapped_column(index=True)
    checked_out_at: Mapped[datetime | None]
    in_verified: Mapped[bool]
    """The call came from a phone of the elder."""
    out_verified: Mapped[bool | None]
    in_call_id: Mapped[str] = mapped_column(String(64))
    out_call_id: Mapped[str | None] = mapped_column(String(64))

    order: Mapped[Order] = relationship()
    worker: Mapped[Worker] = relationship()

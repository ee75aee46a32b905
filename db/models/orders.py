"""Work orders: their history, the offers made to companies, and the visits that prove them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word
from db.models.people import Elder
from db.models.providers import Company, ServiceItem, Worker


class Order(Base):
    """A work order. States and their moves: routing/orders/policy.py."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_elder_id_created_at", "elder_id", "created_at"),
        Index("ix_orders_state_updated_at", "state", "updated_at"),
        Index("ix_orders_plan_id_plan_day", "plan_id", "plan_day"),
        Index("ix_orders_company_id_due_at_state", "company_id", "due_at", "state"),
        Index("ix_orders_due_at", "due_at"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(12), unique=True)
    """Short number as it is spoken: six digits."""
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key: the same key never makes a second order."""
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), active_history=True)
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True, active_history=True)
    version: Mapped[int] = mapped_column(default=1)
    """Counts moves; two people who act on one order cannot both win."""
    source: Mapped[Word]
    """voice, desk, sms or plan."""
    call_id: Mapped[str | None] = mapped_column(String(64))
    due_at: Mapped[datetime] = mapped_column(active_history=True)
    price_fen: Mapped[int]
    elder_pays_fen: Mapped[int]
    price_reason: Mapped[Line]
    """The reasons in one English sentence."""
    unit: Mapped[Word] = mapped_column(default="piece", server_default="piece")
    quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    """Pieces, or minutes of an item by the hour."""
    price_reasons: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """JSON: how the price came about, coded with values (routing/orders/pricing/reasons.py)."""
    price_day: Mapped[date | None]
    """The local day of the visit, whose tariff and rule were taken; its month is the one of the quota."""
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the visit was over, and the amounts below were settled (routing/orders/pricing/settling.py)."""
    settled_quantity: Mapped[int | None]
    settled_price_fen: Mapped[int | None]
    settled_pays_fen: Mapped[int | None]
    owed_fen: Mapped[int | None]
    """What the company is owed in all, by its own tariff if it has one."""
    note: Mapped[str] = mapped_column(Sealed("order.note"), default="")
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("order_plans.id"))
    """The plan that it was made from."""
    plan_day: Mapped[date | None]
    """The date of the plan's rule, which stays where a date is moved."""
    dispatch_from: Mapped[datetime | None]
    """It is not offered before this instant; None: at once."""
    batch_night: Mapped[date | None]
    """The last night whose batch looked at it."""
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
    __table_args__ = (
        Index("ix_order_events_key", "key", unique=True),
        Index("ix_order_events_to_state_at", "to_state", "at"),
    )

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
    command: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    """What was done, with its object: assign 3. Empty before commands were kept."""
    key: Mapped[str | None] = mapped_column(String(160))
    """Idempotency key: the same command under the same key leaves one row."""

    order: Mapped[Order] = relationship(back_populates="history")


class Offer(Base):
    """An order offered to a company for a time."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("order_id", "round", "company_id"),
        Index("ix_offers_offered_at_company_id", "offered_at", "company_id"),
        Index("ix_offers_open_order", "order_id", "company_id", unique=True, sqlite_where=text("state = 'open'"),
              postgresql_where=text("state = 'open'")),
        Index("ix_offers_accepted_order", "order_id", unique=True, sqlite_where=text("state = 'accepted'"),
              postgresql_where=text("state = 'accepted'")),
        Index("ix_offers_company_id_offered_at", "company_id", "offered_at"),
        Index("ix_offers_offered_at", "offered_at"),
        Index("ix_offers_answer_key", "answer_key", unique=True),
    )  # fmt: skip

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), active_history=True)
    round: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    """open, accepted, declined, expired or withdrawn; accepted, and then given_up by the company
    or taken_back from it."""
    offered_at: Mapped[datetime] = mapped_column(active_history=True)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer_key: Mapped[str | None] = mapped_column(String(160))
    """Idempotency key of the answer."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why this company: the policy's words."""
    decline_reason: Mapped[Word] = mapped_column(default="", server_default=text("''"))
    """Why the company declined: no_staff, too_far, bad_time, other, or empty if it did not say."""

    order: Mapped[Order] = relationship()
    company: Mapped[Company] = relationship()


class DispatchDecision(Base):
    """Whom dispatch asked for an order, and why the others not: one row a decision."""

    __tablename__ = "dispatch_decisions"

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[Word]
    """offered or unassigned."""
    asked: Mapped[Line]
    """Ids of the companies that were asked, with commas."""
    why: Mapped[str] = mapped_column(Text)
    """The decision in a sentence."""
    ranking: Mapped[str] = mapped_column(Sealed("dispatch_decision.ranking"))
    """JSON (routing/orders/dispatching/record.py). Sealed: distances from several places tell where a home is."""


class Visit(Base):
    """The six facts of electronic visit verification (21st Century Cures Act s.12006), in and out."""

    __tablename__ = "visits"

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"), index=True)
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id"), index=True)
    assigned_worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    """Who was to come, if another of the same company did; else none."""
    checked_in_at: Mapped[datetime | None] = mapped_column(index=True)
    """None: the worker checked out without having checked in, and nobody has completed it yet."""
    checked_out_at: Mapped[datetime | None]
    in_verified: Mapped[bool]
    """The call came from a phone of the elder."""
    out_verified: Mapped[bool | None]
    in_from: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    """What telephone the call came from (routing.orders.evv.policy.CalledFrom); empty: there was no call."""
    out_from: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    in_call_id: Mapped[str | None] = mapped_column(String(64))
    out_call_id: Mapped[str | None] = mapped_column(String(64))
    minutes: Mapped[int | None]
    """Whole minutes from begin to end."""
    worked_minutes: Mapped[int | None]
    """The same as it is counted: docs/visits.md has the rule."""

    order: Mapped[Order] = relationship()
    worker: Mapped[Worker] = relationship(foreign_keys=[worker_id])

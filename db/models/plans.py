"""Plans: what an elder wants again and again, their pauses, and dates that are skipped or moved."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word
from db.models.people import Elder
from db.models.providers import Company, ServiceItem, Worker


class OrderPlan(Base):
    """A calendar rule from which orders are made some days ahead (docs/plans.md)."""

    __tablename__ = "order_plans"
    __table_args__ = (Index("ix_order_plans_state_made_until", "state", "made_until"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key: the same key never makes a second plan."""
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    quantity: Mapped[int | None]
    """Pieces, or minutes of an item by the hour; None: what is usual by the tariff when an order is made."""
    rule: Mapped[str] = mapped_column(String(300))
    """RFC 5545 RRULE of dates, as FREQ=WEEKLY;BYDAY=MO,TH. Times of day are beside it."""
    times: Mapped[str] = mapped_column(String(60))
    """Local times of day, with commas: 11:30,17:30."""
    zone: Mapped[str] = mapped_column(String(60))
    """IANA name of the zone of these times."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day, if there is one."""
    holidays: Mapped[Word]
    """usual, skip or next_working_day."""
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    """Who is asked first."""
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("workers.id"))
    """Whom the elder would like to come."""
    note: Mapped[str] = mapped_column(Sealed("order_plan.note"), default="")
    state: Mapped[str] = mapped_column(String(20))
    """active, paused or ended."""
    end_reason: Mapped[Line] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes: what was made by an older one is looked at again."""
    made_until: Mapped[date | None]
    """Orders are made up to this day; None: since the last change nobody has looked."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    elder: Mapped[Elder] = relationship()
    item: Mapped[ServiceItem] = relationship()
    company: Mapped[Company | None] = relationship()
    worker: Mapped[Worker | None] = relationship()
    pauses: Mapped[list[PlanPause]] = relationship(back_populates="plan", order_by="PlanPause.first_day")
    exceptions: Mapped[list[PlanException]] = relationship(back_populates="plan", order_by="PlanException.day")


class PlanPause(Base):
    """Days on which nothing is made: in hospital, away."""

    __tablename__ = "plan_pauses"

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("order_plans.id", ondelete="CASCADE"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    """None: until somebody ends the pause."""
    why: Mapped[Line]

    plan: Mapped[OrderPlan] = relationship(back_populates="pauses")


class PlanException(Base):
    """One date that is skipped or moved."""

    __tablename__ = "plan_exceptions"
    __table_args__ = (UniqueConstraint("plan_id", "day"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(ForeignKey("order_plans.id", ondelete="CASCADE"))
    day: Mapped[date]
    """The date of the rule."""
    moved_to: Mapped[date | None]
    """None: skipped."""
    why: Mapped[Line] = mapped_column(default="")

    plan: Mapped[OrderPlan] = relationship(back_populates="exceptions")

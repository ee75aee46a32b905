"""What proves a visit beside its times: tasks and what became of them, exceptions, corrections, alerts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word
from db.models.orders import Visit
from db.models.providers import ServiceItem


class ItemTask(Base):
    """A task of an item, of which the worker says at check-out what became of it. By phone the first few are asked."""

    __tablename__ = "item_tasks"
    __table_args__ = (UniqueConstraint("item_id", "code"),)

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id", ondelete="CASCADE"))
    code: Mapped[Word]
    position: Mapped[int]
    """The order in which they are asked, from 1."""
    name: Mapped[Line]
    """As spoken and shown, in Chinese. A name that has no recording is said generically (docs/visits.md)."""
    name_en: Mapped[Line]
    active: Mapped[bool] = mapped_column(default=True)

    item: Mapped[ServiceItem] = relationship()


class VisitTask(Base):
    """What became of a task in one visit; the worker's last word counts."""

    __tablename__ = "visit_tasks"
    __table_args__ = (UniqueConstraint("visit_id", "task_id"),)

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"))
    task_id: Mapped[int] = mapped_column(ForeignKey("item_tasks.id"), index=True)
    result: Mapped[Word]
    """done, not_needed or refused."""
    at: Mapped[datetime]

    task: Mapped[ItemTask] = relationship()


class VisitException(Base):
    """Something about a visit that a person looks into, and resolves with a reason. One of a kind for each visit."""

    __tablename__ = "visit_exceptions"
    __table_args__ = (
        UniqueConstraint("visit_id", "kind"),
        Index("ix_visit_exceptions_state_at", "state", "at"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    """routing.orders.evv.policy.ExceptionKind."""
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    """open or resolved."""
    reason: Mapped[str | None] = mapped_column(String(40))
    """routing.orders.evv.policy.REASONS."""
    note: Mapped[str] = mapped_column(Sealed("visit_exception.note"), default="")
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(60))
    """As user:2 or token:5."""

    visit: Mapped[Visit] = relationship()


class VisitCorrection(Base):
    """A time of a visit that a person put right; what it was before stays here. Rows are never changed."""

    __tablename__ = "visit_corrections"

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    what: Mapped[Word]
    """checked_in_at or checked_out_at."""
    before: Mapped[datetime | None]
    after: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Sealed("visit_correction.note"), default="")


class LateVisit(Base):
    """The desk and the elder were told that the worker comes late, once for each time that was promised."""

    __tablename__ = "late_visits"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime]

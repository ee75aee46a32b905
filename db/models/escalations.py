"""Orders that stand too long in a state, and who was told of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base, Id, Line, Word
from db.models.orders import Order


class OrderEscalation(Base):
    """One level that an overdue order reached, once for each of its stays in a state (`version` counts its moves).

    It is over as soon as the order moves, for then the order's version is another.
    """

    __tablename__ = "order_escalations"
    __table_args__ = (
        UniqueConstraint("order_id", "version", "level"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level_1_to_3"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    version: Mapped[int]
    state: Mapped[Word]
    level: Mapped[int]
    """routing.orders.escalation.policy.Level: 1 the desk, 2 the supervisor, 3 the duty phones."""
    at: Mapped[datetime]
    overdue_since: Mapped[datetime]
    reason: Mapped[Line]
    taken_at: Mapped[datetime | None]
    """When a person took it upon them; from then on the order has its time once more."""
    taken_by: Mapped[str | None] = mapped_column(String(60))
    """As user:2, token:5 or duty:3."""

    order: Mapped[Order] = relationship()

"""Overdue orders, as pages, the API and conversations see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from db.models import OrderEscalation
from routing.orders.escalation.policy import Level
from routing.orders.policy import OrderState


@dataclass(frozen=True)
class OverdueOrder:
    """An order that stands too long, with the highest level that it has reached. `id` is that level's."""

    id: int
    order_id: int
    number: str
    item_code: str
    item_name: str
    elder_id: int
    state: OrderState
    due_at: datetime
    level: Level
    since: datetime
    reason: str
    taken_at: datetime | None
    taken_by: str | None
    over: bool
    """The order has moved on meanwhile."""


def overdue_order(row: OrderEscalation) -> OverdueOrder:
    """Take a view of a level within its unit of work."""
    order = row.order
    return OverdueOrder(
        id=row.id, order_id=order.id, number=order.number, item_code=order.item.code, item_name=order.item.name,
        elder_id=order.elder_id, state=OrderState(row.state), due_at=order.due_at, level=Level(row.level),
        since=row.overdue_since, reason=row.reason, taken_at=row.taken_at, taken_by=row.taken_by,
        over=row.version != order.version,
    )  # fmt: skip

"""Whom an elder would like to come, as the plan of the order has it."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from db.models import Order, OrderPlan, Worker

PREFERRED = func.coalesce(OrderPlan.company_id, Worker.company_id)
"""The company of a plan, or that of the worker whom it names. For statements that join the two."""
_WORKER = (
    select(OrderPlan.worker_id).join(Order, Order.plan_id == OrderPlan.id).where(Order.id == bindparam("order_id"))
)


def preferred_worker(session: Session, order_id: int) -> int | None:
    """Give the worker who is sent, if it is one who may be."""
    return session.connection().scalar(_WORKER, {"order_id": order_id})

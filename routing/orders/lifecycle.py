"""The moves of an order within a unit of work: each change of state goes through `move` and leaves a row of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Order, OrderEvent
from routing.calls.messages import OrderMoved
from routing.errors import NotFound
from routing.orders.errors import MovedMeanwhile, MoveRefused
from routing.orders.policy import OrderState, may_move
from routing.orders.pricing.settling import on_move


@dataclass(frozen=True)
class Act:
    """Who does something to an order, when, by which channel, and why.

    `actor` is as elder:12, company:3, worker:7, user:2 or system; `channel` is phone_key, sms, desk or job.
    """

    actor: str
    channel: str
    at: datetime
    reason: str = ""


def load(session: Session, order_id: int, expected_version: int | None = None) -> Order:
    """Take the order for a change; nobody else can change it before this unit of work ends.

    Raises NotFound, and MovedMeanwhile (which names who moved it) when the order is no longer at `expected_version`.
    """
    # Lock first and read then: what this session read of the order before may be old.
    if session.scalar(select(Order.id).where(Order.id == order_id).with_for_update()) is None:
        raise NotFound(f"there is no order {order_id}")
    order = session.get_one(Order, order_id, populate_existing=True)
    if expected_version is not None and order.version != expected_version:
        last = order.history[-1] if order.history else None
        by = f"{last.actor} moved it to {last.to_state}" if last else "somebody changed it"
        raise MovedMeanwhile(f"order {order.number} was changed meanwhile: {by}")
    return order


def move(session: Session, order: Order, to: OrderState, act: Act) -> OrderMoved:
    """Move an order that was taken with `load`. Raises MoveRefused when the table does not allow it."""
    if not may_move(OrderState(order.state), to):
        raise MoveRefused(f"order {order.number} is {order.state} and cannot become {to.value}")
    order.history.append(
        OrderEvent(
            at=act.at, from_state=order.state, to_state=to.value, actor=act.actor, channel=act.channel,
            reason=act.reason,
        )
    )  # fmt: skip
    on_move(session, order, to, act.at)  # Reads before anything of the order changes: a move is one version of it.
    order.state = to.value
    order.updated_at = act.at
    session.flush()
    return OrderMoved(order.id, to.value, act.at.timestamp(), order.elder_id)

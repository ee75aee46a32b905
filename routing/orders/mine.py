"""The orders of one elder, as the elder asks for them by telephone."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.models import Order
from routing.orders.policy import OPEN, OrderState
from routing.orders.views import MyOrders, order_view

_OPEN = sorted(state.value for state in OPEN)
NOT_AHEAD = or_(Order.plan_id.is_(None), Order.state != OrderState.REQUESTED.value)
"""What a plan made days ahead and no company was asked for yet is no order that an elder has in mind."""
_LATEST = (Order.created_at.desc(), Order.id.desc())


def orders_of(session: Session, elder_id: int) -> MyOrders:
    """Find the latest order that the elder waits for and how many more there are, the last of all, and the last visit
    that is done and has no score yet."""
    mine = select(Order).where(Order.elder_id == elder_id, NOT_AHEAD).order_by(*_LATEST).limit(1)
    waiting = select(func.count()).where(Order.elder_id == elder_id, Order.state.in_(_OPEN), NOT_AHEAD)
    last = session.scalar(mine)
    if last is None:
        return MyOrders()
    standing = session.scalar(mine.where(Order.state.in_(_OPEN)))
    done = session.scalar(mine.where(Order.state == OrderState.DONE.value))
    return MyOrders(
        standing=order_view(standing) if standing else None,
        more=max(0, (session.scalar(waiting) or 0) - 1),
        last=order_view(last),
        unrated=order_view(done) if done else None,
    )

"""Services that should be over, and of which nobody has told us: the elder is asked whether anybody came."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select

from db.models import Callback, Order
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.orders.evv.writing import owe_callback
from routing.orders.lifecycle import load
from routing.orders.policy import OrderState
from routing.outreach.policy import CallRules

log = structlog.get_logger(__name__)

USUALLY_TAKES = timedelta(hours=1)
"""Of an item that is not counted by the hour: nothing tells how long it takes."""
OVER_BY = timedelta(hours=1)
"""Beyond its time a visit may last so much longer before the elder is asked."""
NOT_AFTER = timedelta(days=2)
"""Nobody remembers later; the overdue order is with people by then (`routing.orders.escalation`)."""
A_ROUND = 100


class UnseenVisits:
    """Owes the call, with the same cause as the one after a visit that ends: so there is never a second one."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        rules: CallRules,
        delay: timedelta,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._rules = rules
        self._delay = delay

    def sweep(self) -> int:
        """Owe what is to be asked; give how many."""
        now = self._clock()
        asked = exists().where(Callback.order_id == Order.id, Callback.kind == "after_service")
        query = (
            select(Order)
            .where(Order.state.in_(_UNSEEN), ~asked)
            .where(Order.due_at <= now - OVER_BY, Order.due_at >= now - NOT_AFTER)
        )
        with self._reading() as session:
            found = session.scalars(query.order_by(Order.due_at, Order.id).limit(A_ROUND))
            over = [order.id for order in found if is_over(order, now)]
        return sum(self._owe(order_id, now) for order_id in over)

    def _owe(self, order_id: int, now: datetime) -> bool:
        with self._unit_of_work() as session:
            try:
                order = load(session, order_id)
            except NotFound:
                return False
            if order.state not in _UNSEEN or not is_over(order, now):
                return False  # It was begun again, put off or ended meanwhile.
            owe_callback(session, order, now, self._rules, timedelta(0))
        return True


def is_over(order: Order, now: datetime) -> bool:
    """Tell whether a service should have ended by its own time."""
    return order.due_at + lasts(order) + OVER_BY <= now


def lasts(order: Order) -> timedelta:
    """How long a service takes, as far as the order tells."""
    return USUALLY_TAKES if order.unit == "piece" else timedelta(minutes=order.quantity)


_UNSEEN = (OrderState.ACCEPTED.value, OrderState.VISITING.value)

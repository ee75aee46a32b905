"""Telephones that still ring for what is settled: as an order moves, the router is told to let go of such calls.

The database is the truth: should the word be lost, the telephone rings to its end, and whoever answers hears that it is
settled.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import Callback, Offer, Order
from db.session import UnitOfWork
from routing.calls.messages import Message, OrderMoved
from routing.orders.offers import still_asked
from routing.orders.policy import OrderState
from routing.outreach.following import ASKED

log = structlog.get_logger(__name__)

_ENDS_NOTHING = (OrderState.OFFERED.value, OrderState.VISITING.value, OrderState.DONE.value)
"""States in which no call that rings becomes needless."""


def may_end_calls(message: Message) -> bool:
    """Tell whether a telephone may ring in vain after what was published."""
    return isinstance(message, OrderMoved) and message.state not in _ENDS_NOTHING


def _ringing(order_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Callback.order_id == order_id,
        Callback.state == "dialling",
        Callback.kind.in_(("offer", "after_service")),
    )


class Withdrawals:
    """Finds the calls of an order that ring in vain."""

    def __init__(self, reading: UnitOfWork, withdraw: Callable[[str], None]) -> None:
        """`withdraw` has the call of a cause not made (routing.calls.tickets)."""
        self._reading = reading
        self._withdraw = withdraw

    def let_go(self, order_id: int) -> None:
        """Withdraw what rings in vain. Nothing is raised: at worst a telephone rings on."""
        try:
            for cause in self.needless(order_id):
                self._withdraw(cause)
        except Exception:
            log.warning("withdrawals.failed", order_id=order_id, exc_info=True)

    def rings(self, order_id: int) -> bool:
        """Tell whether a telephone may ring for an order just now; if nobody can say, it may."""
        try:
            with self._reading() as session:
                return bool(session.scalar(select(exists().where(*_ringing(order_id)))))
        except SQLAlchemyError:
            log.warning("withdrawals.not_looked", order_id=order_id, exc_info=True)
            return True

    def needless(self, order_id: int) -> tuple[str, ...]:
        """Give the causes of the attempts that ring now for an order, and are needed no more."""
        with self._reading() as session:
            ringing = select(Callback).where(*_ringing(order_id))
            return tuple(
                f"{each.cause}.{each.attempts}"
                for each in session.scalars(ringing.order_by(Callback.id))
                if not _is_needed(session, each)
            )


def _is_needed(session: Session, call: Callback) -> bool:
    if call.kind == "offer":
        offer = session.get(Offer, int(call.reference))
        return offer is not None and still_asked(session, offer)
    order = session.get(Order, int(call.reference))
    return order is not None and order.state in ASKED

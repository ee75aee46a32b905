"""Whether an offer can still be answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Offer, Order
from routing.orders.actors import name_of
from routing.orders.errors import OfferGone
from routing.orders.policy import OrderState


def must_be_open(session: Session, offer: Offer, order: Order, at: datetime | None) -> None:
    """Refuse an answer at `at` (None: the expiry) to an offer that is over. Raises OfferGone, with who has it now."""
    late = at is not None and at > offer.expires_at
    if offer.state == "open" and order.state == OrderState.OFFERED.value and not late:
        return
    last = order.history[-1] if order.history else None
    if offer.state == "open" or last is None or order.state == OrderState.OFFERED.value:
        raise OfferGone(f"offer {offer.id} is {'expired' if late else offer.state}")
    who = name_of(session, last.actor, last.at)
    raise OfferGone(f"offer {offer.id} is {offer.state}: {who} moved the order to {last.to_state}", who=who)

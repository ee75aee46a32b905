"""Offers within a unit of work: made, told to the company, answered, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.models import Callback, Company, Offer, Order, OrderEvent
from routing.orders.policy import OrderState
from routing.outreach.owing import cancel, owe
from routing.outreach.sms import company_texts
from routing.outreach.sms.outbox import Sms

_GAVE_UP = "give_up "
_PAST = union_all(
    select(OrderEvent.at, OrderEvent.from_state, OrderEvent.to_state, OrderEvent.command, literal(0)).where(
        OrderEvent.order_id == bindparam("order_id")
    ),
    select(Offer.offered_at, literal(""), literal(""), literal(""), Offer.company_id).where(
        Offer.order_id == bindparam("order_id")
    ),
)
"""The moves of an order, and whom it was offered to and when: one question."""
_CAME_BACK_FROM = (OrderState.UNASSIGNED.value, OrderState.ACCEPTED.value)


def offer_cause(offer_id: int) -> str:
    """Name the call that tells a company of an offer."""
    return f"offer-{offer_id}"


def rounds_made(session: Session, order_id: int) -> int:
    """Count the rounds in which an order was offered; an emergency is offered to several companies in one."""
    return session.scalar(select(func.max(Offer.round)).where(Offer.order_id == order_id)) or 0


def open_offers(session: Session, order_id: int) -> Sequence[Offer]:
    """Give the open offers of an order as they are now, by id."""
    query = select(Offer).where(Offer.order_id == order_id, Offer.state == "open").order_by(Offer.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def asked_with(session: Session, offer: Offer) -> Sequence[Offer]:
    """Give the open offers that a company is told of by the same call, in order: a night's list was made at one moment
    and has one call for all of it; any other call is about one order."""
    same = (Offer.company_id == offer.company_id, Offer.offered_at == offer.offered_at, Offer.state == "open")
    found = session.scalars(select(Offer).where(*same).order_by(Offer.id)).all()
    others = {offer_cause(each.id): each for each in found if each is not offer}
    called = set(session.scalars(select(Callback.cause).where(Callback.cause.in_(others)))) if others else set()
    return [each for each in found if each is offer or offer_cause(each.id) not in called]


def still_asked(session: Session, offer: Offer) -> bool:
    """Tell whether a call about this offer, or about the list that it begins, still has something to ask."""
    return offer.state == "open" or bool(asked_with(session, offer))


class Asked(NamedTuple):
    """The companies that an order was offered to since it last came back, and those that had it and gave it up."""

    lately: frozenset[int]
    gave_up: frozenset[int]


def who_was_asked(session: Session, order_id: int) -> Asked:
    """Tell who was asked for an order; it comes back from a supervisor, or from a company that had it."""
    past = session.connection().execute(_PAST, {"order_id": order_id}).all()
    again = [at for at, before, to, *_ in past if to == OrderState.REQUESTED.value and before in _CAME_BACK_FROM]
    since = max(again, default=None)
    return Asked(
        frozenset(company for at, *_, company in past if company and (since is None or at >= since)),
        # Also of a company that somebody had assigned, and that was never offered it.
        frozenset(int(done.removeprefix(_GAVE_UP)) for *_, done, _ in past if done.startswith(_GAVE_UP)),
    )


def make_offer(
    session: Session, order: Order, company: Company, *, round_: int, reason: str, now: datetime, lasts: timedelta,
    sms: Sms,
) -> Offer:  # fmt: skip
    """Write the offer, owe the company a call about it at once, and queue an SMS that says the same."""
    offer = Offer(
        order_id=order.id, company_id=company.id, round=round_, state="open",
        offered_at=now, expires_at=now + lasts, reason=reason,
    )  # fmt: skip
    session.add(offer)
    session.flush()
    owe(
        session, now, cause=offer_cause(offer.id), kind="offer", flow="offer", reference=str(offer.id),
        number=company.phone, order_id=order.id,
    )  # fmt: skip
    sms.enqueue(
        session, key=f"sms-offer-{offer.id}", number=company.phone, order_id=order.id, deadline=offer.expires_at,
        text=company_texts.offered(order.item.name, order.number, order.elder.district),
    )  # fmt: skip
    return offer


def end_offer(session: Session, offer: Offer, state: str, now: datetime, key: str = "") -> None:
    """End an offer (accepted, declined, expired or withdrawn), and the call about it that has not been made yet.

    A company whose telephone rings just then hears that the order is taken, whatever it presses.
    """
    offer.state, offer.answered_at, offer.answer_key = state, now, key or None
    cancel(session, offer_cause(offer.id), now)


def hand_back(session: Session, order_id: int, state: str) -> None:
    """The offer by which a company had the order holds no more: it was given_up by it, or taken_back from it."""
    for offer in session.scalars(select(Offer).where(Offer.order_id == order_id, Offer.state == "accepted")).all():
        offer.state = state
    session.flush()

"""Offers within a unit of work: made, told to the company, answered, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Company, Offer, Order
from routing.orders.policy import OrderState
from routing.outreach.owing import cancel, owe
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms

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


def asked_lately(session: Session, order: Order) -> frozenset[int]:
    """Give the companies that were asked since the order last came back from a supervisor or a company that gave up."""
    again = [
        event.at
        for event in order.history
        if event.to_state == OrderState.REQUESTED.value and event.from_state in _CAME_BACK_FROM
    ]
    query = select(Offer.company_id).where(Offer.order_id == order.id)
    if again:
        query = query.where(Offer.offered_at >= max(again))
    return frozenset(session.scalars(query))


def gave_it_up(session: Session, order: Order) -> frozenset[int]:
    """Give the companies that had the order and gave it up: they are not asked for it again."""
    query = select(Offer.company_id).where(Offer.order_id == order.id, Offer.state == "given_up")
    by_hand = {
        int(event.command.removeprefix("give_up ")) for event in order.history if event.command.startswith("give_up ")
    }
    return frozenset(session.scalars(query)) | by_hand


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
        text=texts.offered(order.item.name, order.number, order.elder.district),
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

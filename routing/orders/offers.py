"""Offers within a unit of work: made, told to the company, taken back."""

from __future__ import annotations

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
    """Count all the offers that were made of an order."""
    return session.scalar(select(func.count()).select_from(Offer).where(Offer.order_id == order_id)) or 0


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


def make_offer(
    session: Session, order: Order, company: Company, *, reason: str, now: datetime, lasts: timedelta, sms: Sms
) -> Offer:
    """Write the offer, owe the company a call about it at once, and queue an SMS that says the same."""
    offer = Offer(
        order_id=order.id, company_id=company.id, round=rounds_made(session, order.id) + 1, state="open",
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


def end_offer(session: Session, offer: Offer, state: str, now: datetime) -> None:
    """End an offer (accepted, declined, expired or withdrawn), and the call about it that has not been made yet."""
    offer.state, offer.answered_at = state, now
    cancel(session, offer_cause(offer.id), now)


def withdraw_offers(session: Session, order_id: int, now: datetime) -> None:
    """Take back the open offer of an order, if there is one."""
    for offer in session.scalars(select(Offer).where(Offer.order_id == order_id, Offer.state == "open")).all():
        end_offer(session, offer, "withdrawn", now)

"""What becomes of a price as its order moves on: given back when it is cancelled, settled when the visit is over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Order, Tariff, Visit
from routing.orders.policy import OrderState
from routing.orders.pricing.ledger import give_back, release
from routing.orders.pricing.lookup import holds_on, rate_of
from routing.orders.pricing.policy import Price, Unit, amount, fits, settle
from routing.orders.pricing.reasons import read


def on_move(session: Session, order: Order, to: OrderState, at: datetime) -> None:
    """Do what a move means for money. Called with the order locked, before its state changes: whatever is written here
    is part of the same unit of work, and of the same version of the order."""
    if to is OrderState.CANCELLED:
        release(session, order, at)
    elif to is OrderState.DONE and order.settled_at is None:
        _settle(session, order, at)


def priced(order: Order) -> Price:
    """Give the price with which an order was placed."""
    return Price(
        order.price_fen, order.elder_pays_fen, read(order.price_reasons), Unit(order.unit), order.quantity
    )  # fmt: skip


def _settle(session: Session, order: Order, at: datetime) -> None:
    ordered = priced(order)
    minutes = _minutes(session, order.id) if ordered.unit is Unit.HOUR else None
    final = settle(ordered, minutes)
    owed = _owed(session, order, final)
    give_back(session, order, "settled", ordered.covered_fen - final.covered_fen, at)
    order.settled_at = at
    order.settled_quantity = final.quantity
    order.settled_price_fen, order.settled_pays_fen = final.price_fen, final.elder_pays_fen
    order.owed_fen = owed


def _minutes(session: Session, order_id: int) -> int | None:
    """Give how long the visits took, None when no visit has both its times: then it is paid as ordered."""
    visits = session.scalars(select(Visit).where(Visit.order_id == order_id)).all()
    times = [(each.checked_in_at, each.checked_out_at) for each in visits]
    lasted = [(out - begin).total_seconds() for begin, out in times if begin is not None and out is not None]
    return round(sum(lasted) / 60) if lasted else None


def _owed(session: Session, order: Order, final: Price) -> int:
    """Give what the company is owed in all: by its own tariff of the day if it has one, else the price."""
    if order.company_id is None:
        return final.price_fen
    day: date = order.price_day or order.due_at.date()
    own = session.scalar(
        select(Tariff).where(Tariff.item_id == order.item_id, Tariff.company_id == order.company_id, holds_on(day))
    )
    if own is None or own.unit != final.unit.value:
        return final.price_fen
    rate = rate_of(own)
    return amount(rate, final.quantity) if fits(rate, final.quantity) else final.price_fen

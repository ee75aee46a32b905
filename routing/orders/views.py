"""What the services of orders, visits and cases give back: frozen values, free of any session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db.models import Case, Offer, Order, OrderEvent
from routing.orders.policy import OrderState
from routing.orders.pricing.reasons import Reason, read


@dataclass(frozen=True)
class MenuItem:
    """An item that can be ordered by telephone; `key` (1 to 4) is its place among those of its kind, 0: it has none."""

    id: int
    key: int
    code: str
    kind: str
    name: str
    name_en: str
    price_fen: int
    day_and_night: bool
    """Whether it may be promised at any hour."""


@dataclass(frozen=True)
class OfferedKind:
    """A kind of services with its key (1 to 4) in the voice menu `menu`, and the item that it stands for by phone."""

    menu: str
    key: int
    code: str
    name: str
    name_en: str
    item: MenuItem
    times: str = ""
    """When it is offered (routing/orders/menu_times.py)."""


@dataclass(frozen=True)
class OrderView:
    """A work order as it stands. Money in fen."""

    id: int
    number: str
    state: OrderState
    version: int
    elder_id: int
    item_id: int
    item_code: str
    item_name: str
    company_id: int | None
    company_name: str | None
    worker_id: int | None
    worker_name: str | None = field(repr=False)
    source: str
    due_at: datetime
    price_fen: int
    elder_pays_fen: int
    price_reason: str
    created_at: datetime
    updated_at: datetime
    call_id: str | None
    note: str = field(repr=False, default="")
    unit: str = "piece"
    quantity: int = 1
    """Pieces, or minutes of an item by the hour."""
    reasons: tuple[Reason, ...] = ()
    """How the price came about."""


@dataclass(frozen=True)
class MyOrders:
    """What an elder may ask of their orders: the latest that they wait for, how many `more` such there are, the last of
    all, and the last visit that is done and has no score."""

    standing: OrderView | None = None
    more: int = 0
    last: OrderView | None = None
    unrated: OrderView | None = None


@dataclass(frozen=True)
class OrderStep:
    """One row of an order's history."""

    at: datetime
    from_state: str
    to_state: str
    actor: str
    channel: str
    reason: str


@dataclass(frozen=True)
class OfferView:
    """An order as it is offered to a company."""

    id: int
    order_id: int
    number: str
    company_id: int
    state: str
    round: int
    item_code: str
    item_name: str
    district: str
    due_at: datetime
    expires_at: datetime
    reason: str


@dataclass(frozen=True)
class CaseView:
    """Something that a person must close."""

    id: int
    key: str
    kind: str
    state: str
    elder_id: int | None
    order_id: int | None
    call_id: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str = field(repr=False)
    result: str | None = None
    """What became of an SOS, by code."""


def order_view(order: Order) -> OrderView:
    """Take a view of an order within its unit of work."""
    return OrderView(
        id=order.id,
        number=order.number,
        state=OrderState(order.state),
        version=order.version,
        elder_id=order.elder_id,
        item_id=order.item_id,
        item_code=order.item.code,
        item_name=order.item.name,
        company_id=order.company_id,
        company_name=order.company.name if order.company else None,
        worker_id=order.worker_id,
        worker_name=order.worker.name if order.worker else None,
        source=order.source,
        due_at=order.due_at,
        price_fen=order.price_fen,
        elder_pays_fen=order.elder_pays_fen,
        price_reason=order.price_reason,
        created_at=order.created_at,
        updated_at=order.updated_at,
        call_id=order.call_id,
        note=order.note,
        unit=order.unit,
        quantity=order.quantity,
        reasons=read(order.price_reasons),
    )


def new_order_view(
    order_id: int, number: str, given: Mapping[str, Any], item: MenuItem, created_at: datetime
) -> OrderView:
    """Take a view of an order that was just written from `given`, its columns."""
    return OrderView(
        id=order_id, number=number, state=OrderState.REQUESTED, version=1, elder_id=given["elder_id"], item_id=item.id,
        item_code=item.code, item_name=item.name, company_id=None, company_name=None, worker_id=None, worker_name=None,
        source=given["source"], due_at=given["due_at"], price_fen=given["price_fen"],
        elder_pays_fen=given["elder_pays_fen"], price_reason=given["price_reason"], created_at=created_at,
        updated_at=created_at, call_id=given["call_id"], note=given["note"], unit=given["unit"],
        quantity=given["quantity"], reasons=read(given["price_reasons"]),
    )  # fmt: skip


def order_step(event: OrderEvent) -> OrderStep:
    """Take a view of a row of history."""
    return OrderStep(event.at, event.from_state, event.to_state, event.actor, event.channel, event.reason)


def offer_view(offer: Offer) -> OfferView:
    """Take a view of an offer within its unit of work."""
    order = offer.order
    return OfferView(
        id=offer.id,
        order_id=order.id,
        number=order.number,
        company_id=offer.company_id,
        state=offer.state,
        round=offer.round,
        item_code=order.item.code,
        item_name=order.item.name,
        district=order.elder.district,
        due_at=order.due_at,
        expires_at=offer.expires_at,
        reason=offer.reason,
    )


def case_view(case: Case) -> CaseView:
    """Take a view of a case within its unit of work."""
    return CaseView(
        case.id, case.key, case.kind, case.state, case.elder_id, case.order_id, case.call_id,
        case.opened_at, case.due_at, case.closed_at, case.outcome, case.result,
    )  # fmt: skip

"""Work orders: read, place, cancel."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.orders.order_moves import possible_for
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import Offer, Order, OrderEvent
from routing.errors import Invalid, NotFound
from routing.orders.intake import Asked
from routing.orders.pricing.reasons import Reason, read
from routing.orders.pricing.words import in_words

resource = Resource("orders", "Work orders and their history; money in fen")


class OrderSchema(Schema):
    """A work order."""

    id = fields.Integer()
    number = fields.String(metadata={"description": "short number as spoken: six digits"})
    elder_id = fields.Integer()
    item_id = fields.Integer()
    item_code = fields.String()
    item_name = fields.String()
    company_id = fields.Integer(allow_none=True)
    company_name = fields.String(allow_none=True)
    worker_id = fields.Integer(allow_none=True)
    state = fields.String()
    version = fields.Integer()
    source = fields.String(metadata={"description": "voice, desk, plan or import"})
    call_id = fields.String(allow_none=True)
    due_at = Instant()
    price_fen = fields.Integer()
    elder_pays_fen = fields.Integer()
    price_reason = fields.String()
    reasons = fields.List(fields.Dict(), metadata={"description": "how the price came about: code, values, zh, en"})
    unit = fields.String(metadata={"description": "hour or piece"})
    quantity = fields.Integer(metadata={"description": "pieces, or minutes of an item by the hour"})
    settled_at = Instant(allow_none=True, metadata={"description": "when the visit was over"})
    settled_quantity = fields.Integer(allow_none=True)
    settled_price_fen = fields.Integer(allow_none=True)
    settled_pays_fen = fields.Integer(allow_none=True)
    note = fields.String(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class OrderStepSchema(Schema):
    """A move of an order."""

    at = Instant()
    from_state = fields.String()
    to_state = fields.String()
    actor = fields.String()
    channel = fields.String()
    reason = fields.String(allow_none=True)
    command = fields.String(metadata={"description": "what was done, with its object: assign 3"})


class OfferSchema(Schema):
    """An offer of an order to a company."""

    id = fields.Integer()
    company_id = fields.Integer()
    round = fields.Integer()
    state = fields.String()
    offered_at = Instant()
    expires_at = Instant()
    answered_at = Instant(allow_none=True)


class OrderRecordSchema(OrderSchema):
    """A work order with its history, its offers, and the moves that whoever asks may make now."""

    history = fields.List(fields.Nested(OrderStepSchema))
    offers = fields.List(fields.Nested(OfferSchema))
    moves = fields.List(fields.String())


class OrderQuery(PageQuery):
    """Asks for orders."""

    state = fields.String()
    elder_id = fields.Integer()
    company_id = fields.Integer()


class NewOrderSchema(Schema):
    """A new order. Without `due_at` it is promised for as soon as services wanted now are."""

    elder_id = fields.Integer(required=True, strict=True)
    item_id = fields.Integer(required=True, strict=True)
    due_at = Instant()
    note = fields.String(load_default="", validate=validate.Length(max=2000))
    call_id = fields.String(validate=validate.Length(max=64))
    confirm_repeat = fields.Boolean(
        load_default=False, metadata={"description": "two are wanted, though the same was ordered within ten minutes"}
    )
    place_anyway = fields.Boolean(
        load_default=False, metadata={"description": "though no company serves the place: a supervisor finds one"}
    )
    quantity = fields.Integer(load_default=None, allow_none=True, strict=True)
    told_fen = fields.Integer(
        load_default=None, allow_none=True, strict=True,
        metadata={"description": "what the elder was told that they pay; 409 if it would be more"},
    )  # fmt: skip


class QuoteWishSchema(Schema):
    """What shall be quoted; as for a new order."""

    elder_id = fields.Integer(required=True, strict=True)
    item_id = fields.Integer(required=True, strict=True)
    due_at = Instant()
    quantity = fields.Integer(load_default=None, allow_none=True, strict=True)


class QuoteSchema(Schema):
    """What an order would cost. Order it with `elder_pays_fen` as `told_fen`: then nobody pays more than told."""

    item_id = fields.Integer()
    due_at = Instant()
    unit = fields.String(metadata={"description": "hour or piece"})
    quantity = fields.Integer(metadata={"description": "pieces, or minutes of an item by the hour"})
    smallest = fields.Integer()
    usual = fields.Integer()
    largest = fields.Integer()
    price_fen = fields.Integer()
    elder_pays_fen = fields.Integer()
    reasons = fields.List(fields.Dict())
    nobody_serves = fields.String(metadata={"description": "why no company would bring it; empty if one does"})


class IdempotencySchema(Schema):
    """The key that makes a repeated request the same order."""

    key = fields.String(required=True, data_key="Idempotency-Key", validate=validate.Regexp(r"^[\x21-\x7e]{8,80}$"))


class CancelSchema(Schema):
    """Why an order is cancelled, and the version that whoever cancels has seen."""

    reason = fields.String(load_default="", validate=validate.Length(max=2000))
    version = fields.Integer(load_default=None, allow_none=True)


_PARTS = (selectinload(Order.item), selectinload(Order.company))
_JOINED = {"item_code", "item_name", "company_name", "reasons"}


def show_order(order: Order, lens: Lens) -> Shown:
    """An order; its note is free text about a person."""
    own = set(OrderSchema._declared_fields) - _JOINED
    return {
        **{name: getattr(order, name) for name in own},
        "item_code": order.item.code,
        "item_name": order.item.name,
        "company_name": order.company.name if order.company else None,
        "note": lens.text(order.note),
        "reasons": [_why(each) for each in read(order.price_reasons)],
    }


def _why(reason: Reason) -> Shown:
    said = {"zh": in_words(reason, "zh-CN"), "en": in_words(reason, "en")}
    return {"code": reason.code.value, **dict(reason.values), **said}


def _show_step(step: OrderEvent, lens: Lens) -> Shown:
    names = set(OrderStepSchema._declared_fields)
    return {**{name: getattr(step, name) for name in names}, "reason": lens.text(step.reason)}


def read_order(order_id: int) -> Shown:
    """Read one order with its history, for whoever asks. Raises NotFound."""
    services, who = console_services(), identity()
    with services.reading() as work:
        query = select(Order).where(Order.id == order_id).options(*_PARTS, selectinload(Order.history))
        order = work.scalar(query)
        if order is None:
            raise NotFound(f"there is no order {order_id}")
        offers = work.scalars(select(Offer).where(Offer.order_id == order_id).order_by(Offer.id)).all()
    audit(services, who, "order.record", f"elder:{order.elder_id}", f"order:{order_id}")
    lens = Lens(who)
    return {
        **show_order(order, lens),
        "history": [_show_step(step, lens) for step in order.history],
        "offers": [{name: getattr(offer, name) for name in OfferSchema._declared_fields} for offer in offers],
        "moves": possible_for(services, who, order_id),
    }


@resource.get("", page_of(OrderSchema), query=OrderQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List orders, the newest first."""
    query = where_asked(select(Order).options(*_PARTS), Order, asked, "state", "elder_id", "company_id")
    return show_page(query, (Order.id,), asked, show_order, "order.listed")


@resource.get("/<int:order_id>", OrderRecordSchema, refuses={404: "no such order"})
def show(order_id: int) -> Shown:
    """Show one order with its history."""
    return read_order(order_id)


@resource.post(
    "",
    OrderRecordSchema,
    headers=IdempotencySchema,
    body=NewOrderSchema,
    status=201,
    refuses={
        404: "no such elder or item",
        409: "looks_doubled: the same was ordered within ten minutes (order_number); nobody_serves the place; or "
        "price_changed: the elder would pay more than they were told",
        422: "not served any more, or a time that is past or more than a year away",
    },
)
def place(headers: dict[str, Any], asked: dict[str, Any]) -> Shown:
    """Place an order. The same Idempotency-Key from the same holder gives the same order again."""
    who = identity()
    order = console_services().intake.place(
        Asked(
            asked["elder_id"],
            asked["item_id"],
            key=f"api-{who.actor}-{headers['key']}",
            actor=who.actor,
            due_at=asked.get("due_at"),
            note=asked["note"],
            call_id=asked.get("call_id"),
            confirm_repeat=asked["confirm_repeat"],
            place_anyway=asked["place_anyway"],
            quantity=asked["quantity"],
            told_fen=asked["told_fen"],
        )
    )
    if (order.elder_id, order.item_id) != (asked["elder_id"], asked["item_id"]):
        raise Invalid(f"this Idempotency-Key belongs to order {order.number}, which is another one")
    return read_order(order.id)


@resource.post(
    "/quote", QuoteSchema, body=QuoteWishSchema,
    refuses={404: "no such elder or item", 422: "not served any more, a bad time or quantity"},
)  # fmt: skip
def quote(asked: dict[str, Any]) -> Shown:
    """Say what an order would cost and why; nothing is written but the look in the audit."""
    services = console_services()
    found = services.quotes.of(
        asked["elder_id"], asked["item_id"], due_at=asked.get("due_at"), quantity=asked["quantity"]
    )
    audit(services, identity(), "order.quoted", f"elder:{asked['elder_id']}", f"item:{asked['item_id']}")
    rate, price = found.rate, found.price
    return {
        "item_id": found.item.id, "due_at": found.due_at, "unit": rate.unit.value, "quantity": price.quantity,
        "smallest": rate.smallest, "usual": rate.usual, "largest": rate.largest, "price_fen": price.price_fen,
        "elder_pays_fen": price.elder_pays_fen, "reasons": [_why(each) for each in price.reasons],
        "nobody_serves": found.nobody_serves,
    }  # fmt: skip


@resource.post(
    "/<int:order_id>/cancel",
    OrderRecordSchema,
    body=CancelSchema,
    refuses={404: "no such order", 409: "it cannot be cancelled any more, or somebody else moved it"},
)
def cancel(asked: dict[str, Any], order_id: int) -> Shown:
    """Cancel an order."""
    console_services().orders.cancel(
        order_id,
        actor=identity().actor,
        channel="desk",
        reason=asked["reason"],
        expected_version=asked["version"],
    )
    return read_order(order_id)

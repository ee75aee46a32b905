"""Tariffs, rules of payers, and what elders took of a month's quota."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console import privacy
from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.services import console_services
from routing.orders.pricing.book import Written
from routing.orders.pricing.catalogue import RuleView, TariffView
from routing.orders.pricing.policy import Rate, Unit
from routing.orders.pricing.statements import first_of

resource = Resource("prices", "What services cost, and what elders of each class pay; money in fen")
_UNIT = validate.OneOf([unit.value for unit in Unit])


class ValiditySchema(Schema):
    """From when until when something holds."""

    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True, metadata={"description": "the last day; null: until further notice"})
    stands = fields.String(metadata={"description": "now, planned, past or withdrawn"})
    made_at = Instant()
    made_by = fields.String()


class TariffSchema(ValiditySchema):
    """A tariff; without a company it is what elders are told, with one what that one is owed."""

    id = fields.Integer()
    item_id = fields.Integer()
    company_id = fields.Integer(allow_none=True)
    unit = fields.String(metadata={"description": "hour or piece"})
    price_fen = fields.Integer()
    smallest = fields.Integer(metadata={"description": "pieces, or minutes of an item by the hour"})
    usual = fields.Integer()
    largest = fields.Integer()


class ItemPricesSchema(Schema):
    """An item with all its tariffs, the newest first."""

    id = fields.Integer()
    code = fields.String()
    kind = fields.String()
    name = fields.String()
    name_en = fields.String()
    active = fields.Boolean()
    tariffs = fields.List(fields.Nested(TariffSchema))


class RuleSchema(ValiditySchema):
    """What elders of a class pay: a share while the month's quota lasts, then all."""

    id = fields.Integer()
    payer_class = fields.String()
    elder_percent = fields.Integer()
    monthly_fen = fields.Integer(allow_none=True, metadata={"description": "null: without a bound"})


class PayerClassSchema(Schema):
    """A class of payers with all its rules, the newest first."""

    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    rules = fields.List(fields.Nested(RuleSchema))


class PricesSchema(Schema):
    """The whole price book."""

    items = fields.List(fields.Nested(ItemPricesSchema))
    classes = fields.List(fields.Nested(PayerClassSchema))


class FromSchema(Schema):
    """From which day on a change holds; without `valid_to` until the next change."""

    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None, allow_none=True)
    sure = fields.Boolean(load_default=False, metadata={"description": "what looks like a slip is meant"})


class NewTariffSchema(FromSchema):
    """A new tariff."""

    item_id = fields.Integer(required=True, strict=True)
    company_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    unit = fields.String(required=True, validate=_UNIT)
    price_fen = fields.Integer(required=True, strict=True)
    smallest = fields.Integer(required=True, strict=True)
    usual = fields.Integer(required=True, strict=True)
    largest = fields.Integer(required=True, strict=True)


class EndTariffSchema(Schema):
    """The last day of a company's own tariff."""

    item_id = fields.Integer(required=True, strict=True)
    company_id = fields.Integer(required=True, strict=True)
    last = fields.Date(required=True)


class NewRuleSchema(FromSchema):
    """A new rule of a class of payers."""

    payer_class = fields.String(required=True, validate=validate.Length(max=20))
    elder_percent = fields.Integer(required=True, strict=True)
    monthly_fen = fields.Integer(load_default=None, allow_none=True, strict=True)


class NewClassSchema(FromSchema):
    """A new class of payers, with its first rule."""

    code = fields.String(required=True, validate=validate.Length(max=20))
    name = fields.String(required=True, validate=validate.Length(max=40))
    name_en = fields.String(load_default="", validate=validate.Length(max=40))
    elder_percent = fields.Integer(required=True, strict=True)
    monthly_fen = fields.Integer(load_default=None, allow_none=True, strict=True)


class EndClassSchema(Schema):
    """The last day of a class of payers; `sure` although elders are of it."""

    payer_class = fields.String(required=True, validate=validate.Length(max=20))
    last = fields.Date(required=True)
    sure = fields.Boolean(load_default=False)


class QuotaLineSchema(Schema):
    """What an order took of a month, or gave back (less than zero)."""

    order_id = fields.Integer()
    order_number = fields.String()
    cause = fields.String(metadata={"description": "placed, settled or released"})
    amount_fen = fields.Integer()
    at = Instant()


class QuotaSchema(Schema):
    """An elder's month as one of a class."""

    month = fields.String()
    payer_class = fields.String()
    taken_fen = fields.Integer()
    lines = fields.List(fields.Nested(QuotaLineSchema))


class QuotasSchema(Schema):
    """An elder's month."""

    items = fields.List(fields.Nested(QuotaSchema))


class MonthQuery(Schema):
    """Asks for a month."""

    month = fields.String(required=True, metadata={"description": "as 2026-03"})


@resource.get("", PricesSchema)
def index() -> Shown:
    """Show the price book."""
    prices = console_services().prices
    today = prices.today()
    return {
        "items": [
            asdict(each) | {"tariffs": [_shown(tariff, today) for tariff in each.tariffs]}
            for each in prices.catalogue()
        ],
        "classes": [
            asdict(each) | {"rules": [_shown(rule, today) for rule in each.rules]} for each in prices.classes()
        ],
    }


@resource.post("/tariffs", TariffSchema, body=NewTariffSchema, status=201, refuses={404: "no such item or company"})
def set_tariff(asked: dict[str, Any]) -> Shown:
    """Let a price hold from a day on; 422 says what is absurd, or asks for `sure`."""
    services = console_services()
    rate = Rate(Unit(asked["unit"]), asked["price_fen"], asked["smallest"], asked["usual"], asked["largest"])
    made = services.prices.set_tariff(asked["item_id"], rate, _written(asked), asked["company_id"])
    _write_down(
        "price.tariff",
        f"item:{made.item_id} company:{made.company_id or '-'} {made.price_fen} fen per {made.unit} "
        f"from {asked['valid_from']}",
    )
    return _shown(made, services.prices.today())


@resource.post("/tariffs/end", PricesSchema, body=EndTariffSchema, refuses={404: "it has no tariff of its own"})
def end_tariff(asked: dict[str, Any]) -> Shown:
    """Let a company's own tariff end."""
    item, company, last = asked["item_id"], asked["company_id"], asked["last"]
    console_services().prices.end_tariff(item, company, last, identity().actor)
    _write_down("price.tariff_ended", f"item:{item} company:{company} last day {last}")
    return index()


@resource.post("/rules", RuleSchema, body=NewRuleSchema, status=201, refuses={404: "no such class of payers"})
def set_rule(asked: dict[str, Any]) -> Shown:
    """Let a rule hold for a class of payers from a day on."""
    services, monthly = console_services(), asked["monthly_fen"]
    made = services.prices.set_rule(asked["payer_class"], asked["elder_percent"], monthly, _written(asked))
    bound = "no bound" if monthly is None else f"{monthly} fen a month"
    _write_down("price.rule", f"{made.payer_class} {made.elder_percent} %, {bound}, from {asked['valid_from']}")
    return _shown(made, services.prices.today())


@resource.post(
    "/classes", PayerClassSchema, body=NewClassSchema, status=201, refuses={409: "the code or the name is taken"}
)
def add_class(asked: dict[str, Any]) -> Shown:
    """Add a class of payers with the rule that holds from a day on."""
    services = console_services()
    made = services.payer_classes.add(
        asked["code"], asked["name"], asked["name_en"], asked["elder_percent"], asked["monthly_fen"], _written(asked)
    )
    _write_down("price.class_added", f"{made.code} {asked['elder_percent']} % from {asked['valid_from']}")
    return asdict(made) | {"rules": [_shown(rule, services.prices.today()) for rule in made.rules]}


@resource.post(
    "/classes/end", PricesSchema, body=EndClassSchema,
    refuses={404: "no such class of payers", 409: "it has ended already", 422: "elders are of it: say `sure`"},
)  # fmt: skip
def end_class(asked: dict[str, Any]) -> Shown:
    """Let a class of payers end: from the day after it has no rule, and who is of it pays all."""
    code, last = asked["payer_class"], asked["last"]
    elders = console_services().payer_classes.end(code, last, identity().actor, sure=asked["sure"])
    _write_down("price.class_ended", f"{code} last day {last}, {elders} elders are of it")
    return index()


@resource.get("/quotas/<int:elder_id>", QuotasSchema, query=MonthQuery)
def quotas(asked: dict[str, Any], elder_id: int) -> Shown:
    """Show what an elder took of a month."""
    services, who = console_services(), identity()
    first_of(asked["month"])
    found = services.prices.quotas(elder_id, asked["month"])
    privacy.audit(services, who, "elder.quota", f"elder:{elder_id}", asked["month"])
    return {"items": [asdict(each) for each in found]}


def _shown(each: TariffView | RuleView, today: date) -> Shown:
    return asdict(each) | asdict(each.validity) | {"stands": each.validity.when(today)}


def _written(asked: dict[str, Any]) -> Written:
    return Written(identity().actor, asked["valid_from"], asked["valid_to"], asked["sure"])


def _write_down(action: str, detail: str) -> None:
    privacy.write_down(console_services(), identity(), action, "prices", detail)

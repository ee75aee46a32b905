"""Monthly statements of companies and elders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from agent_console.access import identity
from agent_console.api.prices import MonthQuery, QuotaSchema
from agent_console.api.resource import Resource
from agent_console.api.schemas import Shown
from agent_console.orders.statements_page import note
from agent_console.privacy import Lens
from agent_console.services import console_services
from routing.orders.pricing.statements import Statement, StatementLine, totals_of

resource = Resource("statements", "What a month of a company or an elder came to; money in fen")


class StatementLineSchema(Schema):
    """An order that was done in the month, as settled."""

    order_id = fields.Integer()
    number = fields.String()
    day = fields.Date()
    item = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    elder_id = fields.Integer()
    elder_name = fields.String()
    company = fields.String()
    state = fields.String()
    price_fen = fields.Integer()
    subsidy_fen = fields.Integer()
    pays_fen = fields.Integer(metadata={"description": "the elder's share"})
    owed_fen = fields.Integer(metadata={"description": "to the company in all, by its own tariff if it has one"})
    fund_fen = fields.Integer(metadata={"description": "owed beside the elder's share; below zero: given back"})


class StatementTotalsSchema(Schema):
    """Sums."""

    orders = fields.Integer()
    price_fen = fields.Integer()
    subsidy_fen = fields.Integer()
    pays_fen = fields.Integer()
    owed_fen = fields.Integer()
    fund_fen = fields.Integer()


class StatementSchema(Schema):
    """A month; what is disputed stands apart and counts nowhere."""

    whose = fields.String()
    id = fields.Integer()
    code = fields.String()
    name = fields.String()
    month = fields.String()
    totals = fields.Nested(StatementTotalsSchema)
    lines = fields.List(fields.Nested(StatementLineSchema))
    disputed = fields.List(fields.Nested(StatementLineSchema))
    disputed_totals = fields.Nested(StatementTotalsSchema)
    quotas = fields.List(fields.Nested(QuotaSchema))


@resource.get("/companies/<int:company_id>", StatementSchema, query=MonthQuery, refuses={404: "no such company"})
def of_company(asked: dict[str, Any], company_id: int) -> Shown:
    """Draw up a company's month."""
    return _shown(console_services().statements.of_company(company_id, asked["month"]))


@resource.get("/elders/<int:elder_id>", StatementSchema, query=MonthQuery, refuses={404: "no such elder"})
def of_elder(asked: dict[str, Any], elder_id: int) -> Shown:
    """Draw up an elder's month."""
    return _shown(console_services().statements.of_elder(elder_id, asked["month"]))


def _shown(drawn: Statement) -> Shown:
    note(drawn)
    lens = Lens(identity())
    return {
        "whose": drawn.whose, "id": drawn.id, "code": drawn.code, "month": drawn.month,
        "name": drawn.name if drawn.whose == "company" else lens.name(drawn.name),
        "totals": asdict(drawn.totals), "disputed_totals": asdict(totals_of(drawn.disputed)),
        "lines": [_line(each, lens) for each in drawn.lines],
        "disputed": [_line(each, lens) for each in drawn.disputed],
        "quotas": [asdict(each) for each in drawn.quotas],
    }  # fmt: skip


def _line(each: StatementLine, lens: Lens) -> Shown:
    amounts = {"subsidy_fen": each.subsidy_fen, "fund_fen": each.fund_fen}
    return asdict(each) | amounts | {"elder_name": lens.name(each.elder_name)}

"""What is done with a work order: moves, each once per Idempotency-Key, and the decisions of dispatch."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.orders import IdempotencySchema, OrderRecordSchema, read_order, resource
from agent_console.api.schemas import Instant, Shown
from agent_console.orders.order_moves import GIVEN_BY, Wish, carry_out
from agent_console.privacy import Lens
from agent_console.services import console_services
from routing.orders.dispatching.decisions import DecisionView, decisions_of


class OrderMoveSchema(Schema):
    """What is to be done, and the version that whoever asks has seen."""

    command = fields.String(required=True, validate=validate.OneOf(sorted(GIVEN_BY)))
    company_id = fields.Integer(
        load_default=None, strict=True, metadata={"description": "for assign, reassign, accept and decline"}
    )
    outcome = fields.String(
        load_default="", validate=validate.OneOf(["", "closed", "cancelled"]), metadata={"description": "for resolve"}
    )
    reason = fields.String(load_default="", validate=validate.Length(max=2000))
    version = fields.Integer(load_default=None, allow_none=True)


class ChosenSchema(Schema):
    """A company that could be asked. `km` and `score` are hidden from those who see no personal data."""

    company_id = fields.Integer()
    asked = fields.Boolean()
    preferred = fields.Boolean(metadata={"description": "the elder would like this one to come"})
    score = fields.Float(allow_none=True)
    km = fields.Float(allow_none=True)
    rating = fields.Float()
    scores = fields.Integer()
    acceptance = fields.Float(allow_none=True)
    punctuality = fields.Float(allow_none=True)
    offers_today = fields.Integer()
    daily_capacity = fields.Integer()


class LeftOutSchema(Schema):
    """A company that was not asked, and why; `numbers` belong to the reason."""

    company_id = fields.Integer()
    why = fields.String()
    numbers = fields.List(fields.Float())


class DecisionSchema(Schema):
    """A decision of dispatch."""

    at = Instant()
    outcome = fields.String(metadata={"description": "offered, or unassigned: a supervisor decides"})
    chosen = fields.List(fields.Nested(ChosenSchema), metadata={"description": "best first"})
    left_out = fields.List(fields.Nested(LeftOutSchema))


class DecisionsSchema(Schema):
    """What dispatch decided about an order, in order."""

    items = fields.List(fields.Nested(DecisionSchema))


@resource.post(
    "/<int:order_id>/moves",
    OrderRecordSchema,
    headers=IdempotencySchema,
    body=OrderMoveSchema,
    refuses={
        404: "no such order or company",
        409: "the order does not allow it, or somebody was faster: who, and what",
    },
)
def move(headers: dict[str, Any], asked: dict[str, Any], order_id: int) -> Shown:
    """Do something with an order. The same Idempotency-Key from the same holder does it once."""
    wish = Wish(
        asked["command"], headers["key"], asked["company_id"], asked["outcome"], asked["reason"], asked["version"]
    )
    carry_out(console_services(), identity(), order_id, wish)
    return read_order(order_id)


@resource.get("/<int:order_id>/decisions", DecisionsSchema, refuses={404: "no such order"})
def decisions(order_id: int) -> Shown:
    """Tell whom dispatch asked, and why each company was chosen or left out."""
    services, lens = console_services(), Lens(identity())
    read_order(order_id)
    with services.reading() as work:
        return {"items": [_show(each, lens) for each in decisions_of(work, order_id)]}


def _show(decision: DecisionView, lens: Lens) -> Shown:
    return {
        "at": decision.at,
        "outcome": decision.outcome,
        "chosen": [
            {
                "company_id": each.company_id,
                "asked": each.company_id in decision.asked,
                "preferred": each.preferred,
                **each.facts._asdict(),
                # Distances from several known places tell where a home is; so does a score of which all else is known.
                "score": each.score if lens.clear else None,
                "km": each.facts.km if lens.clear else None,
            }
            for each in decision.ranking.chosen
        ],
        "left_out": [
            {
                "company_id": each.company_id,
                "why": each.why.value,
                "numbers": each.numbers if lens.clear or each.why != "radius" else (),
            }
            for each in decision.ranking.left_out
        ],
    }

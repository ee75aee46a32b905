"""Orders that stand too long, and who looks after them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import write_down
from agent_console.services import console_services
from routing.orders.escalation.views import OverdueOrder

resource = Resource("overdue", "Orders that stand too long in a state, level by level: desk, supervisor, duty phones")
_MOST = 200


class OverdueSchema(Schema):
    """One order at the highest level that it has reached, or one level that it reached once."""

    id = fields.Integer()
    order_id = fields.Integer()
    number = fields.String()
    item_code = fields.String()
    item_name = fields.String()
    elder_id = fields.Integer()
    state = fields.String(metadata={"description": "in which it stands, or stood"})
    due_at = Instant()
    level = fields.Integer(metadata={"description": "1 the desk, 2 the supervisor, 3 the duty phones"})
    since = Instant(metadata={"description": "from when on it is overdue"})
    reason = fields.String()
    taken_at = Instant(allow_none=True)
    taken_by = fields.String(allow_none=True, metadata={"description": "user:2, token:5, or duty:1, the first phone"})
    over = fields.Boolean(metadata={"description": "it has moved on"})


class OverdueListSchema(Schema):
    """Overdue orders, the highest level first and then the longest; 200 at most."""

    items = fields.List(fields.Nested(OverdueSchema))


class OverdueQuery(Schema):
    """With `order_id`: every level that this order ever reached."""

    order_id = fields.Integer()


class TakeSchema(Schema):
    """Nothing to say."""


def _shown(each: OverdueOrder) -> Shown:
    return {**asdict(each), "state": each.state.value, "level": int(each.level)}


@resource.get("", OverdueListSchema, query=OverdueQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List what is overdue now."""
    escalations = console_services().escalations
    found = escalations.of_order(asked["order_id"]) if "order_id" in asked else escalations.standing(_MOST)
    return {"items": [_shown(each) for each in found]}


@resource.post(
    "/<int:escalation_id>/take", OverdueSchema, body=TakeSchema,
    refuses={404: "no such level", 409: "the order has moved on, or somebody else took it"},
)  # fmt: skip
def take(_asked: dict[str, Any], escalation_id: int) -> Shown:
    """Take an order upon oneself: nobody else is rung, and it has its time once more."""
    services, who = console_services(), identity()
    taken = services.escalations.take_over(escalation_id, who.actor)
    write_down(services, who, "order.taken_over", f"order:{taken.order_id}", "")
    return _shown(taken)

"""Plans: what an elder wants again and again, and the dates that follow from it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.orders import IdempotencySchema
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from routing.errors import Invalid
from routing.orders.planning.policy import HolidayWay, Occurrence
from routing.orders.planning.views import PlanView, PlanWish

resource = Resource("plans", "Plans: orders that come again and again, by a rule of RFC 5545")

_RULE = "RFC 5545 rule of dates, as FREQ=WEEKLY;BYDAY=MO,TH; FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"


class WishSchema(Schema):
    """What a plan shall be."""

    item_id = fields.Integer(required=True, strict=True)
    rule = fields.String(required=True, validate=validate.Length(1, 300), metadata={"description": _RULE})
    times = fields.String(
        required=True, validate=validate.Length(1, 60), metadata={"description": "local times of day, as 11:30,17:30"}
    )
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    holidays = fields.String(load_default="usual", validate=validate.OneOf([way.value for way in HolidayWay]))
    zone = fields.String(load_default="", validate=validate.Length(max=60))
    company_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    worker_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    quantity = fields.Integer(
        load_default=None, allow_none=True, strict=True,
        metadata={"description": "pieces, or minutes of an item by the hour; null: the usual one"},
    )  # fmt: skip
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class NewPlanSchema(WishSchema):
    """A new plan."""

    elder_id = fields.Integer(required=True, strict=True)


class ChangedPlanSchema(WishSchema):
    """A plan as it shall be from now on, and the version that whoever changes it has seen."""

    version = fields.Integer(load_default=None, allow_none=True)


class DateSchema(Schema):
    """A date of a plan, or one that is left out: then `due_at` is null, and `reason` says why."""

    day = fields.Date(metadata={"description": "by the rule"})
    on = fields.Date(metadata={"description": "the day on which it happens, or would have"})
    due_at = Instant(allow_none=True)
    reason = fields.String()


class PlanSchema(Schema):
    """A plan as it stands."""

    id = fields.Integer()
    elder_id = fields.Integer()
    item_id = fields.Integer()
    item_name = fields.String()
    rule = fields.String()
    times = fields.String()
    zone = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    holidays = fields.String()
    company_id = fields.Integer(allow_none=True)
    worker_id = fields.Integer(allow_none=True)
    quantity = fields.Integer(allow_none=True)
    note = fields.String(allow_none=True)
    state = fields.String()
    end_reason = fields.String()
    version = fields.Integer()
    made_until = fields.Date(allow_none=True)
    pauses = fields.List(fields.Dict())
    exceptions = fields.List(fields.Dict())


class PlansSchema(Schema):
    """Plans of an elder, those that go on first."""

    items = fields.List(fields.Nested(PlanSchema))


class DatesSchema(Schema):
    """The next dates of a plan, and what is left out among them."""

    items = fields.List(fields.Nested(DateSchema))
    holidays_known_until = fields.Date(allow_none=True)


class PlansQuery(Schema):
    """Whose plans."""

    elder_id = fields.Integer(required=True)


class DatesQuery(Schema):
    """How many dates."""

    count = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class ChangeSchema(Schema):
    """A change of a plan: `first` and `last` day (see docs/plans.md), why, and the version that was seen."""

    first = fields.Date(load_default=None, allow_none=True)
    last = fields.Date(load_default=None, allow_none=True)
    why = fields.String(load_default="", validate=validate.Length(max=200))
    version = fields.Integer(load_default=None, allow_none=True)


_GONE = {404: "no such plan or date", 409: "it has ended, or somebody changed it first"}


@resource.get("", PlansSchema, query=PlansQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List the plans of an elder."""
    services, who = console_services(), identity()
    audit(services, who, "plan.listed", f"elder:{asked['elder_id']}")
    return {"items": [_show(plan) for plan in services.plans.of_elder(asked["elder_id"])]}


@resource.get("/<int:plan_id>", PlanSchema, refuses={404: "no such plan"})
def show(plan_id: int) -> Shown:
    """Show one plan."""
    services, who = console_services(), identity()
    plan = services.plans.get(plan_id)
    audit(services, who, "plan.record", f"elder:{plan.elder_id}", f"plan:{plan_id}")
    return _show(plan)


@resource.get("/<int:plan_id>/dates", DatesSchema, query=DatesQuery, refuses={404: "no such plan"})
def next_dates(asked: dict[str, Any], plan_id: int) -> Shown:
    """Give the next dates of a plan, and why others are left out."""
    return _dates(console_services().plans.preview(plan_id, asked["count"]))


@resource.post("/preview", DatesSchema, body=WishSchema)
def preview(asked: dict[str, Any]) -> Shown:
    """Give the next dates that a plan would have; nothing is written."""
    return _dates(console_services().plans.preview_of(PlanWish(**asked)))


@resource.post(
    "", PlanSchema, headers=IdempotencySchema, body=NewPlanSchema, status=201, refuses={404: "no such elder or item"}
)
def create(headers: dict[str, Any], asked: dict[str, Any]) -> Shown:
    """Make a plan. The same Idempotency-Key from the same holder gives the same plan again."""
    elder_id = asked.pop("elder_id")
    key = f"api-{identity().actor}-{headers['key']}"
    return _done(console_services().plans.create(elder_id, PlanWish(**asked), key=key), "plan.created")


@resource.post("/<int:plan_id>", PlanSchema, body=ChangedPlanSchema, refuses=_GONE)
def change(asked: dict[str, Any], plan_id: int) -> Shown:
    """Change a plan: what no company was asked for is made anew, the rest stays."""
    version = asked.pop("version")
    return _done(console_services().plans.change(plan_id, PlanWish(**asked), version=version), "plan.changed")


@resource.post("/<int:plan_id>/pause", PlanSchema, body=ChangeSchema, refuses=_GONE)
def pause(asked: dict[str, Any], plan_id: int) -> Shown:
    """Make nothing from the first day to the last; without a last day until somebody resumes it."""
    plans, first = console_services().plans, _first(asked)
    return _done(plans.pause(plan_id, first, asked["last"], asked["why"], version=asked["version"]), "plan.pause")


@resource.post("/<int:plan_id>/resume", PlanSchema, body=ChangeSchema, refuses=_GONE)
def resume(asked: dict[str, Any], plan_id: int) -> Shown:
    """Go on from the first day, or today."""
    return _done(console_services().plans.resume(plan_id, asked["first"], version=asked["version"]), "plan.resume")


@resource.post("/<int:plan_id>/skip", PlanSchema, body=ChangeSchema, refuses=_GONE)
def skip(asked: dict[str, Any], plan_id: int) -> Shown:
    """Leave out the date `first` of the rule, or move it to `last`."""
    plans, first = console_services().plans, _first(asked)
    return _done(plans.skip(plan_id, first, to=asked["last"], why=asked["why"], version=asked["version"]), "plan.skip")


@resource.post("/<int:plan_id>/end", PlanSchema, body=ChangeSchema, refuses=_GONE)
def end(asked: dict[str, Any], plan_id: int) -> Shown:
    """End a plan now, or after the day `last`."""
    plans = console_services().plans
    return _done(plans.end(plan_id, asked["why"], last_day=asked["last"], version=asked["version"]), "plan.end")


def _first(asked: dict[str, Any]) -> Any:
    if asked["first"] is None:
        raise Invalid("say which day: first")
    return asked["first"]


def _done(plan: PlanView, action: str) -> Shown:
    write_down(console_services(), identity(), action, f"elder:{plan.elder_id}", f"plan:{plan.id} v{plan.version}")
    return _show(plan)


def _show(plan: PlanView) -> Shown:
    lens = Lens(identity())
    names = set(PlanSchema._declared_fields) - {"pauses", "exceptions", "note", "state"}
    return {
        **{name: getattr(plan, name) for name in names},
        "state": plan.state.value,
        "note": lens.text(plan.note),
        "pauses": [
            {"first": str(each.first), "last": str(each.last) if each.last else None, "why": lens.text(each.why)}
            for each in plan.pauses
        ],
        "exceptions": [{"day": str(day), "moved_to": str(to) if to else None} for day, to in plan.moved],
    }


def _dates(found: tuple[Occurrence, ...]) -> Shown:
    shown = [{"day": each.day, "on": each.on, "due_at": each.due_at, "reason": each.reason} for each in found]
    return {"items": shown, "holidays_known_until": console_services().plans.known_until()}

"""Opening hours, exceptions by date, and the rota of duty phones."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.asked_days import needed_day
from agent_console.line.hours_changes import write_down
from agent_console.privacy import Lens
from agent_console.services import console_services
from routing.hours.policy import DayKind, DayPlan, standing, week_of, write_spans
from routing.hours.rota import on_duty, write_times

resource = Resource("hours", "When the hotline is open, and whose telephones ring when it is not")

_HOURS = "as 08:00-12:00, 14:00-18:00 in the hotline's zone; nothing: closed"


class DaySchema(Schema):
    """The hours of one date."""

    day = fields.Date()
    hours = fields.String(metadata={"description": _HOURS})
    why = fields.String(metadata={"description": "exception, holiday, make_up, weekday or always"})
    name = fields.String(metadata={"description": "of the holiday, or why there is an exception"})
    known = fields.Boolean(metadata={"description": "false where public holidays are not known yet"})


class DutyPhoneSchema(Schema):
    """A duty phone, in the order in which they ring."""

    id = fields.Integer(metadata={"description": "negative: of the settings, while the rota is empty"})
    name = fields.String()
    number = fields.String()
    times = fields.String(metadata={"description": "as mon-fri 18:00-08:00; nothing: always"})
    on_duty = fields.Boolean(metadata={"description": "now"})


class HoursSchema(Schema):
    """How the hotline stands, the coming week, and what is set."""

    open = fields.Boolean()
    why = fields.String()
    name = fields.String()
    until = Instant(allow_none=True)
    holidays_known_until = fields.Date(allow_none=True)
    week = fields.List(fields.Nested(DaySchema))
    hours = fields.Dict(metadata={"description": f"kind of day (mon to sun, holiday, make_up) to hours, {_HOURS}"})
    exceptions = fields.List(fields.Nested(DaySchema))
    duty = fields.List(fields.Nested(DutyPhoneSchema))


class WeekSchema(Schema):
    """The hours of every kind of day. A kind that is not named is closed; none at all: always open."""

    hours = fields.Dict(
        keys=fields.String(validate=validate.OneOf([kind.value for kind in DayKind])),
        values=fields.String(validate=validate.Length(max=200)),
        required=True,
    )


class ExceptionSchema(Schema):
    """The hours of one date alone."""

    day = fields.Date(required=True)
    hours = fields.String(load_default="", validate=validate.Length(max=200), metadata={"description": _HOURS})
    why = fields.String(load_default="", validate=validate.Length(max=200))


class DropSchema(Schema):
    """Nothing to say."""


class NewPhoneSchema(Schema):
    """A duty phone."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    number = fields.String(required=True, validate=validate.Length(1, 40))
    times = fields.String(load_default="", validate=validate.Length(max=400))
    position = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 999))


@resource.get("", HoursSchema)
def index() -> Shown:
    """Tell how the hotline stands, and what is set."""
    services, lens = console_services(), Lens(identity())
    plan, now = services.hours_register.plan(), services.clock()
    calendar, stands = plan.calendar, standing(plan.calendar, now)
    there = {each.id for each in on_duty(plan.phones, calendar, now)}
    return {
        "open": stands.open, "why": stands.why.value, "name": stands.name, "until": stands.until,
        "holidays_known_until": calendar.known_until,
        "week": [_shown(each) for each in week_of(calendar, now)],
        "hours": {kind.value: write_spans(spans) for kind, spans in calendar.hours.items()},
        "exceptions": [
            {"day": day, "hours": write_spans(each.spans), "why": "exception", "name": each.why, "known": True}
            for day, each in sorted(calendar.exceptions.items())
        ],
        "duty": [
            {"id": each.id, "name": lens.name(each.name), "number": lens.number(each.number),
             "times": write_times(each.times), "on_duty": each.id in there}
            for each in plan.phones
        ],
    }  # fmt: skip


@resource.post("/week", HoursSchema, body=WeekSchema)
def set_week(asked: dict[str, Any]) -> Shown:
    """Take the hours of every kind of day."""
    hours = {DayKind(kind): spans for kind, spans in asked["hours"].items() if spans.strip()}
    console_services().hours_register.set_week(hours)
    write_down("hours.week", "; ".join(f"{kind.value} {spans}" for kind, spans in hours.items()) or "always open")
    return index()


@resource.post("/exceptions", HoursSchema, body=ExceptionSchema)
def set_exception(asked: dict[str, Any]) -> Shown:
    """Take hours for one date, or none."""
    day: date = asked["day"]
    console_services().hours_register.set_exception(day, asked["hours"], asked["why"])
    write_down("hours.exception", f"{day}: {asked['hours'].strip() or 'closed'}")
    return index()


@resource.post("/exceptions/<string:day>/drop", HoursSchema, body=DropSchema, refuses={404: "no such exception"})
def drop_exception(_asked: dict[str, Any], day: str) -> Shown:
    """Let a date have its usual hours again."""
    services = console_services()
    services.hours_register.drop_exception(needed_day(day))
    write_down("hours.exception_dropped", day)
    return index()


@resource.post("/duty", HoursSchema, body=NewPhoneSchema, status=201)
def add_phone(asked: dict[str, Any]) -> Shown:
    """Add a duty phone, at the end if no position is given."""
    phone = console_services().hours_register.add_phone(**asked)
    write_down("duty.added", f"duty:{phone}")
    return index()


@resource.post("/duty/<int:phone_id>", HoursSchema, body=NewPhoneSchema, refuses={404: "no such duty phone"})
def change_phone(asked: dict[str, Any], phone_id: int) -> Shown:
    """Change a duty phone."""
    console_services().hours_register.change_phone(phone_id, **asked)
    write_down("duty.changed", f"duty:{phone_id}")
    return index()


@resource.post("/duty/<int:phone_id>/drop", HoursSchema, body=DropSchema, refuses={404: "no such duty phone"})
def drop_phone(_asked: dict[str, Any], phone_id: int) -> Shown:
    """Take a phone off the rota."""
    console_services().hours_register.drop_phone(phone_id)
    write_down("duty.dropped", f"duty:{phone_id}")
    return index()


def _shown(plan: DayPlan) -> Shown:
    return {
        "day": plan.day, "hours": write_spans(plan.spans), "why": plan.why.value, "name": plan.name,
        "known": plan.known,
    }  # fmt: skip

"""Daily calls to those who live alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit, audit_list, write_down
from agent_console.services import console_services
from routing.errors import NotFound
from routing.outreach.wellbeing.enrolments import CONSENTS, EVERY_DAY, REASONS, Enrolment

resource = Resource("wellbeing", "Daily calls to those who live alone: enrolments, pauses, and what came of each day")
_NONE = {404: "no such elder, or not enrolled"}


class CheckSchema(Schema):
    """One elder's call of one day."""

    id = fields.Integer()
    elder_id = fields.Integer()
    day = fields.Date()
    state = fields.String(metadata={"description": "calling, well, call_me, person, sos, alarm, missed or left"})
    attempts = fields.Integer()
    no_key = fields.Integer(metadata={"description": "how many were picked up without a key"})
    first_at = Instant()
    reason = fields.String()
    case_id = fields.Integer(allow_none=True)
    looking_in = fields.String(metadata={"description": "asking, well, needs_us or nobody; empty without an alarm"})
    settled_at = Instant(allow_none=True)


class ChecksSchema(Schema):
    """The calls of a day, alarms first; or of an elder, the latest first."""

    items = fields.List(fields.Nested(CheckSchema))


class ChecksQuery(Schema):
    """Of one day (today if not given), or the last fourteen of an elder."""

    day = fields.Date()
    elder_id = fields.Integer()


class PauseSchema(Schema):
    """Days without a call."""

    id = fields.Integer()
    first = fields.Date()
    last = fields.Date(allow_none=True)
    reason = fields.String()
    made_at = Instant()
    made_by = fields.String()


class EnrolmentSchema(Schema):
    """When an elder is called."""

    elder_id = fields.Integer()
    at = fields.String()
    rule = fields.String()
    starts_on = fields.Date()
    consent = fields.String()
    consent_note = fields.String(allow_none=True)
    enrolled_at = Instant()
    enrolled_by = fields.String()
    pauses = fields.List(fields.Nested(PauseSchema))


class EnrolSchema(Schema):
    """An enrolment to be made; it takes the place of the one that there is."""

    at = fields.String(required=True, metadata={"description": "time of day, as 08:30"})
    rule = fields.String(load_default=EVERY_DAY, validate=validate.Length(1, 300))
    starts_on = fields.Date(load_default=None, allow_none=True)
    consent = fields.String(required=True, validate=validate.OneOf(sorted(CONSENTS)))
    consent_note = fields.String(load_default="", validate=validate.Length(max=500))


class NewPauseSchema(Schema):
    """Days without a call; without `last` until it is ended."""

    first = fields.Date(required=True)
    last = fields.Date(load_default=None, allow_none=True)
    reason = fields.String(required=True, validate=validate.OneOf(sorted(REASONS)))


class NoMoreSchema(Schema):
    """Nothing to say."""


def _shown(found: Enrolment) -> Shown:
    lens = Lens(identity())
    return {**asdict(found), "consent_note": lens.text(found.consent_note)}


@resource.get("", ChecksSchema, query=ChecksQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List what came of the calls."""
    services = console_services()
    if "elder_id" in asked:
        found = services.well_being.of_elder(asked["elder_id"])
    else:
        today = services.clock().astimezone(services.settings.zone).date()
        found = services.well_being.of_day(asked.get("day", today))
    audit_list(services, identity(), "wellbeing.listed", [f"elder:{each.elder_id}" for each in found])
    return {"items": [asdict(each) for each in found]}


@resource.get("/elders/<int:elder_id>", EnrolmentSchema, refuses=_NONE)
def show(elder_id: int) -> Shown:
    """Show how an elder is called."""
    services = console_services()
    found = services.enrolments.of_elder(elder_id)
    if found is None:
        raise NotFound("this elder is not called every day")
    audit(services, identity(), "wellbeing.record", f"elder:{elder_id}")
    return _shown(found)


@resource.post("/elders/<int:elder_id>", EnrolmentSchema, body=EnrolSchema, status=201, refuses=_NONE)
def enrol(asked: dict[str, Any], elder_id: int) -> Shown:
    """Have an elder called every day, or on the days of a rule."""
    services, who = console_services(), identity()
    found = services.enrolments.enrol(
        elder_id, asked["at"], rule=asked["rule"], consent=asked["consent"], consent_note=asked["consent_note"],
        starts_on=asked["starts_on"], by=who.actor,
    )  # fmt: skip
    write_down(services, who, "wellbeing.enrolled", f"elder:{elder_id}", asked["at"])
    return _shown(found)


@resource.post("/elders/<int:elder_id>/end", NoMoreSchema, body=NoMoreSchema, refuses=_NONE)
def end(_asked: dict[str, Any], elder_id: int) -> Shown:
    """Call an elder no more."""
    services, who = console_services(), identity()
    services.enrolments.end(elder_id, who.actor)
    write_down(services, who, "wellbeing.ended", f"elder:{elder_id}", "")
    return {}


@resource.post("/elders/<int:elder_id>/pauses", EnrolmentSchema, body=NewPauseSchema, status=201, refuses=_NONE)
def pause(asked: dict[str, Any], elder_id: int) -> Shown:
    """Call an elder not on some days."""
    services, who = console_services(), identity()
    found = services.enrolments.pause(elder_id, asked["first"], asked["last"], asked["reason"], who.actor)
    write_down(services, who, "wellbeing.paused", f"elder:{elder_id}", asked["reason"])
    return _shown(found)


@resource.post(
    "/elders/<int:elder_id>/pauses/<int:pause_id>/end", EnrolmentSchema, body=NoMoreSchema,
    refuses={404: "no such pause", 409: "it is over"},
)  # fmt: skip
def resume(_asked: dict[str, Any], elder_id: int, pause_id: int) -> Shown:
    """Call an elder again from today on."""
    services, who = console_services(), identity()
    found = services.enrolments.end_pause(elder_id, pause_id)
    write_down(services, who, "wellbeing.resumed", f"elder:{elder_id}", f"pause:{pause_id}")
    return _shown(found)

"""Reminders of medicine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from routing.outreach.medicine.reminders import CONSENTS, LONGEST_TEXT, Reminder, Wish
from routing.outreach.wellbeing.enrolments import REASONS

resource = Resource("reminders", "Reminders of medicine at set times, and what came of each")


class ReminderSchema(Schema):
    """One reminder."""

    id = fields.Integer()
    elder_id = fields.Integer()
    at = fields.String()
    rule = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    text = fields.String(allow_none=True)
    spoken = fields.Boolean(metadata={"description": "whether there is a sound of the text; else fixed words are said"})
    tell_contact = fields.Boolean()
    consent = fields.String()
    made_at = Instant()
    made_by = fields.String()
    ended_at = Instant(allow_none=True)


class DoseSchema(Schema):
    """One time of one reminder."""

    id = fields.Integer()
    reminder_id = fields.Integer()
    day = fields.Date()
    due_at = Instant()
    state = fields.String(metadata={"description": "calling, taken, person, sos, not_taken, missed or left"})
    attempts = fields.Integer()
    later = fields.Integer()
    told_contact = fields.Boolean()
    taken_at = Instant(allow_none=True)
    settled_at = Instant(allow_none=True)


class RemindersSchema(Schema):
    """An elder's reminders, and the last sixty times."""

    items = fields.List(fields.Nested(ReminderSchema))
    doses = fields.List(fields.Nested(DoseSchema))


class ReminderPauseSchema(Schema):
    """Days without reminders and without the daily call."""

    id = fields.Integer()
    first = fields.Date()
    last = fields.Date(allow_none=True)
    reason = fields.String()
    made_by = fields.String()


class ReminderPausesSchema(Schema):
    """An elder's pauses that are not over."""

    items = fields.List(fields.Nested(ReminderPauseSchema))


class NewReminderPauseSchema(Schema):
    """A pause to be made."""

    elder_id = fields.Integer(required=True)
    first = fields.Date(required=True)
    last = fields.Date(load_default=None, allow_none=True, metadata={"description": "none: until it is ended"})
    reason = fields.String(required=True, validate=validate.OneOf(sorted(REASONS)))


class WhosePauseSchema(Schema):
    """Whose pause is ended."""

    elder_id = fields.Integer(required=True)


class RemindersQuery(Schema):
    """Whose."""

    elder_id = fields.Integer(required=True)


class NewReminderSchema(Schema):
    """A reminder to be made."""

    elder_id = fields.Integer(required=True)
    at = fields.String(required=True, metadata={"description": "time of day, as 08:30"})
    consent = fields.String(required=True, validate=validate.OneOf(sorted(CONSENTS)))
    text = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))
    rule = fields.String(load_default=Wish.rule, validate=validate.Length(1, 300))
    starts_on = fields.Date(load_default=None, allow_none=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    tell_contact = fields.Boolean(load_default=False)


class EndReminderSchema(Schema):
    """Nothing to say."""


def _shown(reminder: Reminder) -> Shown:
    return {**asdict(reminder), "text": Lens(identity()).text(reminder.text)}


@resource.get("", RemindersSchema, query=RemindersQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List an elder's reminders and what came of them."""
    services, elder_id = console_services(), asked["elder_id"]
    audit(services, identity(), "medicine.record", f"elder:{elder_id}")
    return {
        "items": [_shown(each) for each in services.reminders.of_elder(elder_id)],
        "doses": [asdict(each) for each in services.reminders.doses(elder_id)],
    }


@resource.post(
    "", ReminderSchema, body=NewReminderSchema, status=201,
    refuses={404: "no such elder", 409: "there is one at that time, or there are too many"},
)  # fmt: skip
def make(asked: dict[str, Any]) -> Shown:
    """Remind an elder at a time of day."""
    services, who, elder_id = console_services(), identity(), asked.pop("elder_id")
    made = services.reminders.make(elder_id, Wish(**asked), by=who.actor)
    write_down(services, who, "medicine.made", f"elder:{elder_id}", f"reminder:{made.id}")
    return _shown(made)


@resource.post(
    "/pauses", ReminderPausesSchema, body=NewReminderPauseSchema, status=201, refuses={404: "who is not reminded"}
)
def pause(asked: dict[str, Any]) -> Shown:
    """Remind an elder not on some days, and make no daily call: they are not at home."""
    services, who, elder_id = console_services(), identity(), asked["elder_id"]
    found = services.reminders.pause(elder_id, asked["first"], asked["last"], asked["reason"], who.actor)
    write_down(services, who, "medicine.paused", f"elder:{elder_id}", asked["reason"])
    return {"items": [asdict(each) for each in found]}


@resource.post(
    "/pauses/<int:pause_id>/end", ReminderPausesSchema, body=WhosePauseSchema,
    refuses={404: "no such pause", 409: "it is over"},
)  # fmt: skip
def resume(asked: dict[str, Any], pause_id: int) -> Shown:
    """Remind an elder again from today on."""
    services, who, elder_id = console_services(), identity(), asked["elder_id"]
    found = services.reminders.end_pause(elder_id, pause_id)
    write_down(services, who, "medicine.resumed", f"elder:{elder_id}", f"pause:{pause_id}")
    return {"items": [asdict(each) for each in found]}


@resource.post(
    "/<int:reminder_id>/end", ReminderSchema, body=EndReminderSchema,
    refuses={404: "no such reminder", 409: "it was ended already"},
)  # fmt: skip
def end(_asked: dict[str, Any], reminder_id: int) -> Shown:
    """Remind no more."""
    services, who = console_services(), identity()
    ended = services.reminders.end(reminder_id, who.actor)
    write_down(services, who, "medicine.ended", f"elder:{ended.elder_id}", f"reminder:{reminder_id}")
    return _shown(ended)

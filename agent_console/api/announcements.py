"""Announcements by district."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import write_down
from agent_console.services import console_services
from routing.outreach.announcements import LONGEST_TEXT, Told

resource = Resource("announcements", "What elders of a district are told once, when they call")


class AnnouncementSchema(Schema):
    """An announcement."""

    id = fields.Integer()
    district = fields.String(metadata={"description": "empty: for all"})
    text = fields.String()
    language = fields.String()
    valid_from = Instant()
    valid_until = Instant()
    active = fields.Boolean(metadata={"description": "false once it was ended"})
    recording = fields.Boolean(metadata={"description": "whether a human voice says it"})
    spoken = fields.Boolean(metadata={"description": "whether there is a sound of it; without one nobody is told"})
    created_at = Instant()
    created_by = fields.String()
    ended_at = Instant(allow_none=True)


class AnnouncementsSchema(Schema):
    """Announcements, the newest first; a hundred at most."""

    items = fields.List(fields.Nested(AnnouncementSchema))


class NewAnnouncementSchema(Schema):
    """An announcement to be made."""

    text = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))
    district = fields.String(load_default="", validate=validate.Length(max=60))
    valid_from = fields.AwareDateTime(load_default=None, allow_none=True)
    valid_until = fields.AwareDateTime(required=True)


class EndAnnouncementSchema(Schema):
    """Nothing to say."""


def _shown(told: Told) -> Shown:
    return {**asdict(told), "recording": told.recording is not None}


@resource.get("", AnnouncementsSchema)
def index() -> Shown:
    """List announcements."""
    return {"items": [_shown(each) for each in console_services().announcements.all()]}


@resource.get("/<int:announcement_id>", AnnouncementSchema, refuses={404: "no such announcement"})
def show(announcement_id: int) -> Shown:
    """Show one announcement."""
    return _shown(console_services().announcements.get(announcement_id))


@resource.post("", AnnouncementSchema, body=NewAnnouncementSchema, status=201)
def make(asked: dict[str, Any]) -> Shown:
    """Make an announcement; it is told as soon as there is a sound of it."""
    services, who = console_services(), identity()
    made = services.announcements.make(
        asked["text"], asked["district"], asked["valid_from"] or services.clock(), asked["valid_until"], by=who.actor
    )
    write_down(services, who, "announcement.made", f"announcement:{made.id}", "")
    return _shown(made)


@resource.post(
    "/<int:announcement_id>/end", AnnouncementSchema, body=EndAnnouncementSchema,
    refuses={404: "no such announcement", 409: "it was ended already"},
)  # fmt: skip
def end(_asked: dict[str, Any], announcement_id: int) -> Shown:
    """End an announcement."""
    services, who = console_services(), identity()
    ended = services.announcements.end(announcement_id, by=who.actor)
    write_down(services, who, "announcement.ended", f"announcement:{announcement_id}", "")
    return _shown(ended)

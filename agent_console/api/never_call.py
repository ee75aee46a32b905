"""Whom never to call."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit_list
from agent_console.services import console_services
from routing.outreach.never_call import REASONS, Barred

resource = Resource("never-call", "Numbers and elders that no automatic call rings, with reason and end")


class BarredSchema(Schema):
    """One entry: a number or an elder."""

    id = fields.Integer()
    elder_id = fields.Integer(allow_none=True)
    number = fields.String(allow_none=True)
    reason = fields.String(metadata={"description": ", ".join(REASONS)})
    note = fields.String(allow_none=True)
    created_at = Instant()
    created_by = fields.String()
    expires_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    ended_by = fields.String(allow_none=True)


class BarredListSchema(Schema):
    """What counts now, the newest first; 200 at most."""

    items = fields.List(fields.Nested(BarredSchema))


class BarSchema(Schema):
    """A number, in any form that it is dialled in, or an elder."""

    number = fields.String(validate=validate.Length(1, 30))
    elder_id = fields.Integer(strict=True)
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    note = fields.String(load_default="", validate=validate.Length(max=500))
    expires_at = Instant(allow_none=True, load_default=None)


class EndBarSchema(Schema):
    """Nothing to say."""


def _shown(entry: Barred) -> Shown:
    lens = Lens(identity())
    return {**asdict(entry), "number": lens.number(entry.number), "note": lens.text(entry.note)}


@resource.get("", BarredListSchema)
def index() -> Shown:
    """List whom never to call."""
    services = console_services()
    listed = services.never_call.standing()
    audit_list(services, identity(), "never_call.listed", [f"never_call:{each.id}" for each in listed])
    return {"items": [_shown(each) for each in listed]}


@resource.post("", BarredSchema, body=BarSchema, refuses={404: "no such elder"})
def add(asked: dict[str, Any]) -> Shown:
    """Put a number or an elder on the list; one that stands there gets the new reason and end."""
    return _shown(console_services().never_call.add(**asked, by=identity().actor))


@resource.post("/<int:entry_id>/end", BarredSchema, body=EndBarSchema, refuses={404: "no entry", 409: "ended before"})
def end(_asked: dict[str, Any], entry_id: int) -> Shown:
    """Take an entry off the list; it stays in the history."""
    return _shown(console_services().never_call.end(entry_id, by=identity().actor))

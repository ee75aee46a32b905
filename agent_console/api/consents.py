"""What an elder allows: a part of the resource `elders`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.manners import resource
from agent_console.api.schemas import Instant, Shown
from agent_console.desk.consent_card import set_rest
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import Elder
from routing.errors import NotFound
from routing.outreach.consent import CHOICES, Channel

__all__ = ["resource"]


class ConsentWordSchema(Schema):
    """One word of an elder."""

    channel = fields.String()
    purpose = fields.String()
    given = fields.Boolean()
    at = Instant()
    by = fields.String(metadata={"description": "who wrote it down, as user:2 or elder:12"})
    how = fields.String(metadata={"description": "phone_key, sms, desk, paper or import"})
    note = fields.String(allow_none=True)


class ConsentsSchema(Schema):
    """An elder's words, the latest first, and when they rest."""

    rest = fields.String(metadata={"description": "as 12:30-14:00, local; empty: no rest"})
    items = fields.List(fields.Nested(ConsentWordSchema))


class SaySchema(Schema):
    """What the elder says: a word on a purpose by a channel, or their hours of rest, or both."""

    channel = fields.String(validate=validate.OneOf([each.value for each in Channel]))
    purpose = fields.String(validate=validate.OneOf([each.value for each in CHOICES]))
    given = fields.Boolean()
    how = fields.String(load_default="desk", validate=validate.OneOf(("desk", "paper")))
    note = fields.String(load_default="", validate=validate.Length(max=500))
    rest = fields.String(validate=validate.Length(max=11))


@resource.get("/<int:elder_id>/consents", ConsentsSchema, refuses={404: "no such elder"})
def show_consents(elder_id: int) -> Shown:
    """Show what an elder allowed and forbade, with its history."""
    services, who = console_services(), identity()
    with services.reading() as work:
        elder = work.get(Elder, elder_id)
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        rest = elder.rest
    audit(services, who, "elder.consents_seen", f"elder:{elder_id}")
    words, lens = services.consents.of_elder(elder_id), Lens(who)
    items = [
        {"channel": each.channel, "purpose": each.purpose, "given": each.given, "at": each.at, "by": each.by,
         "how": each.how, "note": lens.text(each.note)}
        for each in words
    ]  # fmt: skip
    return {"rest": rest, "items": items}


@resource.post("/<int:elder_id>/consents", ConsentsSchema, body=SaySchema, refuses={404: "no such elder"})
def say(asked: dict[str, Any], elder_id: int) -> Shown:
    """Write down a word of the elder; it counts at once, also for what is queued or rings."""
    services, who = console_services(), identity()
    if "rest" in asked:
        set_rest(services, who, elder_id, asked["rest"])
    if {"channel", "purpose", "given"} & asked.keys():
        services.consents.note(
            elder_id=elder_id, channel=asked.get("channel", ""), purpose=asked.get("purpose", ""),
            given=asked.get("given", False), by=who.actor, how=asked["how"], note=asked["note"].strip(),
        )  # fmt: skip
    return show_consents(elder_id)

"""How an elder is spoken with: a part of the resource `elders`."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.elders import resource
from agent_console.api.schemas import Shown
from agent_console.desk.manner_card import set_manner as set_and_write_down
from agent_console.privacy import audit
from agent_console.services import console_services
from routing.manners.book import LANGUAGES, MOST_DIALECT
from routing.manners.manner import LONGEST_KEY_SECONDS, MOST_HINTS, SHORTEST_KEY_SECONDS, Manner
from routing.manners.wishes import SETTABLE

__all__ = ["resource"]

_AS_LEARNT = "null: as learnt, else the usual"


class PartSchema(Schema):
    """One part of a manner, and where it comes from."""

    value = fields.Raw(allow_none=True)
    source = fields.String(metadata={"description": "set, learnt or default"})
    by = fields.String(metadata={"description": "who set it, as user:2; empty: the record does not tell"})
    why = fields.String(metadata={"description": "help, late, still_late, hash, favourite, hearing, or nothing"})
    count = fields.Integer(metadata={"description": "in so many"})
    of = fields.Integer(metadata={"description": "of so many of the last talks (favourite: orders) it was seen"})


class MannerSchema(Schema):
    """How an elder is spoken with."""

    language = fields.Nested(PartSchema)
    dialect = fields.Nested(PartSchema)
    slow = fields.Nested(PartSchema)
    loud = fields.Nested(PartSchema)
    key_seconds = fields.Nested(PartSchema)
    hints = fields.Nested(PartSchema)
    straight_to_person = fields.Nested(PartSchema)
    favourite_offered = fields.Nested(PartSchema)
    favourite_item_id = fields.Nested(PartSchema)


class MannerChangeSchema(Schema):
    """What to set; what is not named stays."""

    language = fields.String(
        allow_none=True, validate=validate.OneOf(LANGUAGES), metadata={"description": "null: the house's"}
    )
    dialect = fields.String(allow_none=True, validate=validate.Length(max=MOST_DIALECT))
    slow = fields.Boolean(allow_none=True, metadata={"description": _AS_LEARNT})
    loud = fields.Boolean(allow_none=True, metadata={"description": _AS_LEARNT})
    key_seconds = fields.Float(
        allow_none=True,
        validate=validate.Range(SHORTEST_KEY_SECONDS, LONGEST_KEY_SECONDS),
        metadata={"description": f"silence after a question; {_AS_LEARNT}"},
    )
    hints = fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(0, MOST_HINTS), metadata={"description": _AS_LEARNT}
    )
    straight_to_person = fields.Boolean(allow_none=True, metadata={"description": _AS_LEARNT})
    favourite_offered = fields.Boolean(allow_none=True, metadata={"description": "null: yes"})


def show_manner(manner: Manner) -> Shown:
    """Each part with its origin."""
    shown: Shown = {}
    for part in (*SETTABLE, "favourite_item_id"):
        origin = manner.origin(part)
        shown[part] = {
            "value": getattr(manner, part), "source": origin.source.value, "by": origin.by, "why": origin.why,
            "count": origin.count, "of": origin.of,
        }  # fmt: skip
    return shown


@resource.get("/<int:elder_id>/manner", MannerSchema, refuses={404: "no such elder"})
def show_how(elder_id: int) -> Shown:
    """Show how an elder is spoken with, and where each part of it comes from."""
    services = console_services()
    manner = services.manners.of(elder_id)
    audit(services, identity(), "elder.manner_seen", f"elder:{elder_id}")
    return show_manner(manner)


@resource.patch("/<int:elder_id>/manner", MannerSchema, body=MannerChangeSchema, refuses={404: "no such elder"})
def set_how(asked: dict[str, Any], elder_id: int) -> Shown:
    """Set parts of it, or give them back to what is learnt; audited."""
    return show_manner(set_and_write_down(console_services(), identity(), elder_id, asked))

"""Group messages: one message to many elders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.privacy import Lens, audit_list, write_down
from agent_console.services import console_services
from routing.outreach.campaigns.policy import Act, Selection, Way
from routing.outreach.campaigns.views import CampaignView, Wish

resource = Resource("campaigns", "Group messages: by district, class or weather warning, with progress, pause and stop")
_NONE = {404: "no such message"}


class SelectionSchema(Schema):
    """Whom a message is for; empty words stand for all."""

    district = fields.String(load_default="", validate=validate.Length(max=60))
    caller_class = fields.String(load_default="")
    payer_class = fields.String(load_default="")
    alone = fields.Boolean(load_default=False)


class NewCampaignSchema(Schema):
    """A message to be made; it is a draft until it is started."""

    title = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "120 characters at most"})
    way = fields.String(load_default=Way.CALL.value, metadata={"description": "call, sms or call_sms"})
    warning = fields.String(load_default="", metadata={"description": "blue, yellow, orange, red, or empty"})
    selection = fields.Nested(SelectionSchema, load_default=dict)
    lines = fields.Integer(required=True)
    opens = fields.String(load_default="08:00")
    closes = fields.String(load_default="20:00")
    starts_at = fields.AwareDateTime(load_default=None, allow_none=True)
    ends_at = fields.AwareDateTime(load_default=None, allow_none=True)


class CampaignSchema(Schema):
    """A message as it stands."""

    id = fields.Integer()
    title = fields.String()
    text = fields.String()
    way = fields.String()
    warning = fields.String()
    selection = fields.Nested(SelectionSchema)
    lines = fields.Integer()
    opens = fields.String()
    closes = fields.String()
    starts_at = Instant()
    ends_at = Instant()
    state = fields.String(metadata={"description": "draft, running, paused, stopped or finished"})
    spoken = fields.Boolean(metadata={"description": "whether there is a sound of it"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "elders by state"})
    calls = fields.Integer(metadata={"description": "of it that ring or are talked on now"})
    queued = fields.Integer(metadata={"description": "SMS of it that wait to be sent, or are held"})
    total = fields.Integer()
    settled = fields.Integer()
    reached = fields.Integer()


class CampaignsSchema(Schema):
    """The newest first."""

    items = fields.List(fields.Nested(CampaignSchema))


class PreviewSchema(Schema):
    """What a start would do now."""

    elders = fields.Integer()
    telephones = fields.Integer()
    messages = fields.Integer()
    shared = fields.Integer()
    left_out = fields.Dict(keys=fields.String(), values=fields.Integer())
    lines = fields.Integer()
    parts = fields.Integer(metadata={"description": "short messages that one SMS of it takes"})
    parts_at_once = fields.Integer(metadata={"description": "that go at the start"})
    parts_at_most = fields.Integer(metadata={"description": "if nobody is reached by telephone"})
    fen = fields.Integer(metadata={"description": "expected cost"})
    fen_at_most = fields.Integer()
    lasts_seconds = fields.Float()
    fits = fields.Boolean()


class RecipientsQuery(Schema):
    """Of a state only; from a position on."""

    state = fields.String(load_default="")
    after = fields.Integer(load_default=-1)


class RecipientSchema(Schema):
    """An elder, and what became of it."""

    elder_id = fields.Integer()
    name = fields.String()
    number = fields.String(allow_none=True)
    state = fields.String()
    reason = fields.String()
    attempts = fields.Integer()
    last_outcome = fields.String()
    settled_at = Instant(allow_none=True)


class RecipientsSchema(Schema):
    """In their turn, 200 at a time."""

    items = fields.List(fields.Nested(RecipientSchema))


class CampaignMoveSchema(Schema):
    """What to do with it."""

    what = fields.String(required=True, validate=validate.OneOf(["start", "pause", "resume", "stop"]))


def _shown(view: CampaignView) -> Shown:
    return {**asdict(view), "total": view.total, "settled": view.settled, "reached": view.reached}


@resource.get("", CampaignsSchema)
def index() -> Shown:
    """List them."""
    return {"items": [_shown(each) for each in console_services().campaigns.all()]}


@resource.post("", CampaignSchema, body=NewCampaignSchema, status=201)
def make(asked: dict[str, Any]) -> Shown:
    """Make a draft."""
    services, who = console_services(), identity()
    asked["selection"] = Selection(**asked["selection"])
    made = services.campaigns.make(Wish(**asked), by=who.actor)
    write_down(services, who, "campaign.made", f"campaign:{made.id}", "")
    return _shown(made)


@resource.get("/<int:campaign_id>", CampaignSchema, refuses=_NONE)
def show(campaign_id: int) -> Shown:
    """Show one, and how far it is."""
    return _shown(console_services().campaigns.get(campaign_id))


@resource.get("/<int:campaign_id>/preview", PreviewSchema, refuses=_NONE)
def preview(campaign_id: int) -> Shown:
    """Say whom it would reach, and why not the others."""
    found = console_services().campaigns.preview(campaign_id)
    return {**asdict(found), "lasts_seconds": found.lasts.total_seconds()}


@resource.post(
    "/<int:campaign_id>/move",
    CampaignSchema,
    body=CampaignMoveSchema,
    refuses={**_NONE, 409: "its state does not allow it"},
)
def move(asked: dict[str, Any], campaign_id: int) -> Shown:
    """Start, pause, resume or stop it."""
    services, who = console_services(), identity()
    book = services.campaigns
    acts = {Act.START: book.start, Act.PAUSE: book.pause, Act.RESUME: book.resume, Act.STOP: book.stop}
    moved = acts[Act(asked["what"])](campaign_id, by=who.actor)
    write_down(services, who, f"campaign.{asked['what']}", f"campaign:{campaign_id}", "")
    return _shown(moved)


@resource.get("/<int:campaign_id>/recipients", RecipientsSchema, query=RecipientsQuery, refuses=_NONE)
def recipients(asked: dict[str, Any], campaign_id: int) -> Shown:
    """List whom it was for, and what became of it; masked for whoever sees masks."""
    services, who = console_services(), identity()
    lens = Lens(who)
    found = services.recipients.of(campaign_id, state=asked["state"], after=asked["after"])
    audit_list(services, who, "campaign.recipients", [f"elder:{each.elder_id}" for each in found])
    return {
        "items": [{**asdict(each), "name": lens.name(each.name), "number": lens.number(each.number)} for each in found]
    }

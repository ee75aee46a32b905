"""Talks in progress: hold, transfer, consult, conference, and supervision. The router does what is asked in moments."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import OVERSEERS, identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown, epoch
from agent_console.desk import talk_requests
from agent_console.desk.talk_requests import Whom, Wish
from agent_console.services import console_services
from routing.calls.supervise_messages import Ear
from routing.calls.talk import Talk
from routing.calls.talk_messages import TalkAction, TalkStage

resource = Resource("talks", "Callers and agents who speak with each other now")

_NOT_NOW = {403: "not the agent's own talk", 404: "no such talk or target", 409: "not at this stage, or not free"}


class GuestSchema(Schema):
    """An outside phone that was called into a talk."""

    party = fields.String(metadata={"description": "an emergency number, contact:ID, company:ID or outside"})
    joined = fields.Boolean(metadata={"description": "false while it rings"})


class TalkSchema(Schema):
    """One talk."""

    call_id = fields.String()
    extension = fields.String(metadata={"description": "the agent's; empty: an outside number helps"})
    stage = fields.String(metadata={"enum": [stage.value for stage in TalkStage]})
    since = Instant()
    partner = fields.String(metadata={"description": "who is consulted or joined: an extension, or outside"})
    guests = fields.List(fields.Nested(GuestSchema))
    elder_id = fields.Integer(allow_none=True)
    caller_class = fields.String()


class TalkListSchema(Schema):
    """All talks; an agent sees the own one."""

    items = fields.List(fields.Nested(TalkSchema))
    next_cursor = fields.String(allow_none=True)


class ControlSchema(Schema):
    """What to do, and to whom: one of agent, skill (transfer only), contact of the caller, company, emergency."""

    action = fields.String(required=True, validate=validate.OneOf([action.value for action in TalkAction]))
    agent = fields.String(load_default="", validate=validate.Regexp(r"^[0-9]{0,10}$"))
    skill = fields.String(load_default="", validate=validate.Length(max=40))
    contact_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    company_id = fields.Integer(load_default=None, allow_none=True, strict=True)
    emergency = fields.String(load_default="", validate=validate.Regexp(r"^[0-9]{0,15}$"))
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "why a number is called that is not to be called; goes to the audit"},
    )


class SuperviseSchema(Schema):
    """How to take part, at which phone, and why."""

    how = fields.String(required=True, validate=validate.OneOf([ear.value for ear in Ear]))
    extension = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{1,10}$"))
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class EndSchema(Schema):
    """Why a call is ended."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class AskedSchema(Schema):
    """What was asked of the router; `TalkChanged` on the live stream tells of it, or of the trouble."""

    call_id = fields.String()
    asked = fields.String()


def show_talk(talk: Talk) -> Shown:
    """A talk; it holds no personal data."""
    return {
        "call_id": talk.call_id,
        "extension": talk.extension,
        "stage": talk.stage.value,
        "since": epoch(talk.since),
        "partner": talk.partner,
        "guests": [{"party": each.party, "joined": bool(each.leg)} for each in talk.everyone],
        "elder_id": talk.elder_id,
        "caller_class": talk.caller_class.value,
    }


@resource.get("", TalkListSchema)
def index() -> Shown:
    """List the talks."""
    who = identity()
    talks = talk_requests.board(console_services()).all()
    seen = [each for each in talks if who.role in OVERSEERS or (who.extension and each.extension == who.extension)]
    return {"items": [show_talk(each) for each in seen], "next_cursor": None}


@resource.get("/<call_id>", TalkSchema, refuses={403: "not the agent's own talk", 404: "no such talk"})
def show(call_id: str) -> Shown:
    """Show one talk."""
    return show_talk(talk_requests.talk_of(console_services(), identity(), call_id))


@resource.post("/<call_id>", AskedSchema, body=ControlSchema, status=202, refuses=_NOT_NOW)
def control(asked: dict[str, Any], call_id: str) -> Shown:
    """Hold, resume, transfer, consult, complete, return or confer. Agents in their own talk, supervisors in any."""
    names = ("agent", "skill", "contact_id", "company_id", "emergency", "reason")
    whom = Whom(**{name: asked[name] for name in names})
    talk_requests.control(console_services(), identity(), call_id, TalkAction(asked["action"]), whom)
    return {"call_id": call_id, "asked": asked["action"]}


@resource.post("/<call_id>/supervise", AskedSchema, body=SuperviseSchema, status=202, refuses=_NOT_NOW)
def supervise(asked: dict[str, Any], call_id: str) -> Shown:
    """Ring a phone that listens, whispers or barges in; one that listens to it changes the way. Supervisors only; the
    audit keeps who and why."""
    wish = Wish(Ear(asked["how"]), asked["extension"], asked["reason"])
    talk_requests.supervise(console_services(), identity(), call_id, wish)
    return {"call_id": call_id, "asked": asked["how"]}


@resource.post("/<call_id>/end", AskedSchema, body=EndSchema, status=202, refuses=_NOT_NOW)
def end(asked: dict[str, Any], call_id: str) -> Shown:
    """End a call: agents their own talk, supervisors any call."""
    talk_requests.end_talk(console_services(), identity(), call_id, asked["reason"])
    return {"call_id": call_id, "asked": "end"}

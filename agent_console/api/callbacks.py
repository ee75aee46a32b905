"""Calls that are owed."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.desk.promise_requests import cancel_promise
from agent_console.outreach.outreach_figures import outreach_pace
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from db.models import Callback
from routing.errors import NotFound
from routing.outreach.not_reached import RESULTS

resource = Resource("callbacks", "Automatic and promised calls, and messages to be answered; one for each cause")


class CallbackSchema(Schema):
    """A call that is owed."""

    id = fields.Integer()
    cause = fields.String()
    kind = fields.String(metadata={"description": "after_service, offer, promise or message"})
    flow = fields.String()
    number = fields.String(allow_none=True)
    elder_id = fields.Integer(allow_none=True)
    order_id = fields.Integer(allow_none=True)
    state = fields.String(
        metadata={"description": "due, dialling, answered, done, asking, failed, listed, closed, cancelled"}
    )
    due_at = Instant()
    attempts = fields.Integer()
    last_outcome = fields.String()
    call_id = fields.String(allow_none=True, metadata={"description": "of a message: the call in which it was left"})
    closed_at = Instant(allow_none=True)
    closed_by = fields.String(allow_none=True, metadata={"description": "of a message: the person who closed it"})
    closing_note = fields.String(allow_none=True, metadata={"description": "of a message: what became of it"})
    created_at = Instant()
    updated_at = Instant()


class CallbackQuery(PageQuery):
    """Asks for call-backs."""

    state = fields.String()
    kind = fields.String()
    order_id = fields.Integer()
    elder_id = fields.Integer()
    call_id = fields.String()


class CloseMessageSchema(Schema):
    """What became of a message."""

    outcome = fields.String(required=True, validate=validate.Length(1, 2000))
    result = fields.String(
        load_default="spoken", validate=validate.OneOf(RESULTS), metadata={"description": "of a call that was listed"}
    )


class CancelCallbackSchema(Schema):
    """Why the call is not wanted any more."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class CancelAskedSchema(Schema):
    """What was asked of the router; the call-back is `cancelled` a moment later."""

    id = fields.Integer()
    asked = fields.String()


def show_callback(callback: Callback, lens: Lens) -> Shown:
    """A call-back as `lens` lets it be seen."""
    shown = {name: getattr(callback, name) for name in CallbackSchema._declared_fields}
    shown["closing_note"] = lens.text(callback.closing_note)
    return {**shown, "number": lens.number(callback.number)}


@resource.get("", page_of(CallbackSchema), query=CallbackQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List call-backs, the newest first."""
    query = where_asked(select(Callback), Callback, asked, "state", "kind", "order_id", "elder_id", "call_id")
    return show_page(query, (Callback.id,), asked, show_callback, "callback.listed")


class PaceSchema(Schema):
    """How many automatic calls may be made now, and what it rests on."""

    room = fields.Integer(metadata={"description": "further calls to elders"})
    others = fields.Integer(metadata={"description": "further calls to companies"})
    because = fields.String(metadata={"description": "callers_wait, share_of_lines, agents or abandoned"})
    most = fields.Integer(metadata={"description": "automatic calls at once, at the most"})
    waiting = fields.Integer()
    automatic = fields.Integer(metadata={"description": "automatic calls that ring or are talked on"})
    agents_ready = fields.Integer()
    answered = fields.Integer(metadata={"description": "in the last 24 hours"})
    asked = fields.Integer(metadata={"description": "of them, who asked for a person"})
    abandoned = fields.Integer(metadata={"description": "of them, who found none in time"})
    abandoned_share = fields.Float(metadata={"description": "of the answered calls, 0 to 1"})
    abandoned_limit = fields.Float()
    over_limit = fields.Boolean(metadata={"description": "the share is over its limit, of 30 answered calls or more"})


@resource.get("/pace", PaceSchema)
def pace() -> Shown:
    """Show the pace of automatic calls."""
    return outreach_pace(console_services())


@resource.get("/<int:callback_id>", CallbackSchema, refuses={404: "no such call-back"})
def show(callback_id: int) -> Shown:
    """Show one call-back."""
    services, who = console_services(), identity()
    with services.reading() as work:
        callback = work.get(Callback, callback_id)
        if callback is None:
            raise NotFound(f"there is no call-back {callback_id}")
    audit(services, who, "callback.record", f"callback:{callback_id}")
    return show_callback(callback, Lens(who))


@resource.post(
    "/<int:callback_id>/cancel", CancelAskedSchema, body=CancelCallbackSchema, status=202,
    refuses={404: "no such call-back", 409: "no promise, or made or cancelled already"},
)  # fmt: skip
def cancel(asked: dict[str, Any], callback_id: int) -> Shown:
    """Cancel a call that somebody in hold was promised; the audit keeps who and why."""
    cancel_promise(console_services(), identity(), callback_id, asked["reason"].strip())
    return {"id": callback_id, "asked": "cancel"}


@resource.post(
    "/<int:callback_id>/close",
    CallbackSchema,
    body=CloseMessageSchema,
    refuses={404: "no such message", 409: "it is closed already"},
)
def close(asked: dict[str, Any], callback_id: int) -> Shown:
    """Close a message, or a call that is `listed`, with what became of it; all others close by themselves."""
    services, who = console_services(), identity()
    with services.reading() as work:
        listed = work.scalar(select(Callback.state).where(Callback.id == callback_id)) in ("listed", "closed")
    if listed:
        services.not_reached.close(callback_id, asked["result"], asked["outcome"], who.actor)
        write_down(services, who, "callback.closed", f"callback:{callback_id}", asked["result"])
        return show(callback_id)
    services.messages.close(callback_id, asked["outcome"], who.actor)
    write_down(services, who, "message.closed", f"callback:{callback_id}", "")
    return show(callback_id)

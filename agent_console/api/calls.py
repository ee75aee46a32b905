"""Calls and their journeys."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import CallRecord, JourneyEvent
from routing.errors import NotFound

resource = Resource("calls", "Calls by Linkedid, and what happened in them")

_STEPS = 1000  # Journey events given for one call.


class CallSchema(Schema):
    """One call."""

    id = fields.String()
    node = fields.String()
    direction = fields.String(metadata={"description": "inbound or outbound"})
    dialled = fields.String()
    number = fields.String(allow_none=True, metadata={"description": "the far end, E.164; masked for auditors"})
    elder_id = fields.Integer(allow_none=True)
    started_at = Instant()
    answered_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    agent_extension = fields.String(allow_none=True)
    outcome = fields.String(
        metadata={"description": "self_served, answered, abandoned, promised, fallback; empty while it lasts"}
    )
    agent_note = fields.String(allow_none=True)


class StepSchema(Schema):
    """One step of a call."""

    at = Instant()
    what = fields.String()
    detail = fields.String()


class CallQuery(PageQuery):
    """Asks for calls."""

    elder_id = fields.Integer()
    outcome = fields.String()


class JourneySchema(Schema):
    """The steps of a call, in order."""

    call_id = fields.String()
    items = fields.List(fields.Nested(StepSchema))


def show_call(call: CallRecord, lens: Lens) -> Shown:
    """A call as `lens` lets it be seen."""
    return {
        **{name: getattr(call, name) for name in CallSchema._declared_fields},
        "number": lens.number(call.number),
        "agent_note": lens.text(call.agent_note),
    }


@resource.get("", page_of(CallSchema), query=CallQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List calls, the newest first."""
    query = where_asked(select(CallRecord), CallRecord, asked, "elder_id", "outcome")
    return show_page(query, (CallRecord.started_at, CallRecord.id), asked, show_call, "call.listed")


@resource.get("/<call_id>", CallSchema, refuses={404: "no such call"})
def show(call_id: str) -> Shown:
    """Show one call."""
    services, who = console_services(), identity()
    with services.reading() as work:
        call = work.get(CallRecord, call_id)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
    audit(services, who, "call.record", f"call:{call_id}")
    return show_call(call, Lens(who))


@resource.get("/<call_id>/journey", JourneySchema, refuses={404: "no such call"})
def journey(call_id: str) -> Shown:
    """Show a call's steps; they hold no personal data."""
    with console_services().reading() as work:
        query = select(JourneyEvent).where(JourneyEvent.call_id == call_id)
        steps = work.scalars(query.order_by(JourneyEvent.at, JourneyEvent.id).limit(_STEPS)).all()
        if not steps and work.get(CallRecord, call_id) is None:
            raise NotFound(f"there is no call {call_id}")
        return {"call_id": call_id, "items": steps}

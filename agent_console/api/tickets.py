"""Tickets: who waits now, and how those of the past ended."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, epoch, page_of, show_page, where_asked
from agent_console.desk.talk_requests import move_ticket
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import TicketRecord
from routing.calls.messages import CallerClass
from routing.calls.records import Ticket
from routing.calls.supervise_messages import MoveTicket
from routing.errors import NotFound

resource = Resource("tickets", "Needs that wait, or waited, for a person")


class TicketSchema(Schema):
    """One need for a person."""

    id = fields.String()
    call_id = fields.String()
    elder_id = fields.Integer(allow_none=True)
    intent = fields.String()
    caller_class = fields.String()
    joined_at = Instant()
    ended_at = Instant(allow_none=True)
    end = fields.String(
        allow_none=True,
        metadata={
            "description": "answered, self_served, abandoned, promised, fallback, unreached (a promised call-back"
            " that nobody answered); null: it lives"
        },
    )
    promised = fields.Boolean(
        allow_none=True,
        metadata={"description": "of a living ticket: nobody is on the line, its person will be called"},
    )
    not_before = Instant(
        allow_none=True, metadata={"description": "of a promise: before this moment its person is not called"}
    )
    dials = fields.Integer(
        allow_none=True, metadata={"description": "of a promise: how often its person was called already"}
    )
    stage = fields.String(allow_none=True, metadata={"description": "of a living ticket: opened, held or offered"})
    agent_extension = fields.String(allow_none=True)
    waited_seconds = fields.Float(allow_none=True)
    attempts = fields.Integer()
    reason = fields.String(metadata={"description": "the policy's words for why this agent"})


class TicketQuery(PageQuery):
    """Asks for tickets: those that wait now (`waiting=true`), or those on record."""

    waiting = fields.Boolean(load_default=False)
    call_id = fields.String()
    end = fields.String()


class MoveSchema(Schema):
    """Where to: an agent (if idle), a skill, a class, the front of the class; and why."""

    agent = fields.String(load_default="", validate=validate.Regexp(r"^[0-9]{0,10}$"))
    skill = fields.String(load_default="", validate=validate.Length(max=40))
    caller_class = fields.String(load_default="", validate=validate.OneOf(["", *(each.value for each in CallerClass)]))
    front = fields.Boolean(load_default=False)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=200))


class MovedSchema(Schema):
    """What was asked of the router, which does it within moments."""

    id = fields.String()


def show_living(ticket: Ticket) -> Shown:
    """A ticket that waits."""
    return {
        "id": ticket.ticket_id,
        "call_id": ticket.call_id,
        "elder_id": ticket.elder_id,
        "intent": ticket.intent.value,
        "caller_class": ticket.caller_class.value,
        "joined_at": epoch(ticket.joined_at),
        "ended_at": None,
        "end": None,
        "promised": ticket.called_back,
        "not_before": epoch(ticket.not_before) if ticket.not_before else None,
        "dials": ticket.dials if ticket.promised else None,
        "stage": ticket.stage.value,
        "agent_extension": ticket.offered_to,
        "waited_seconds": round(console_services().clock().timestamp() - ticket.joined_at, 1),
        "attempts": ticket.attempts,
        "reason": ticket.reason,
    }


def show_ticket(ticket: TicketRecord, _lens: Lens) -> Shown:
    """A ticket on record. It holds no personal data."""
    return {name: getattr(ticket, name, None) for name in TicketSchema._declared_fields}


@resource.get("", page_of(TicketSchema), query=TicketQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List tickets: the longest waiting first, or those on record, the newest first."""
    if asked["waiting"]:
        waiting = console_services().tickets.waiting()
        return {"items": [show_living(each) for each in waiting[: asked["limit"]]], "next_cursor": None}
    query = where_asked(select(TicketRecord), TicketRecord, asked, "call_id", "end")
    return show_page(query, (TicketRecord.joined_at, TicketRecord.id), asked, show_ticket)


@resource.get("/<ticket_id>", TicketSchema, refuses={404: "no such ticket"})
def show(ticket_id: str) -> Shown:
    """Show one ticket, living or ended."""
    services = console_services()
    living = services.tickets.get(ticket_id)
    if living is not None:
        return show_living(living)
    with services.reading() as work:
        ticket = work.get(TicketRecord, ticket_id)
        if ticket is None:
            raise NotFound(f"there is no ticket {ticket_id}")
        return show_ticket(ticket, Lens(identity()))


@resource.post(
    "/<ticket_id>/move",
    MovedSchema,
    body=MoveSchema,
    status=202,
    refuses={404: "no such ticket or agent", 409: "a phone rings for it"},
)
def move(asked: dict[str, Any], ticket_id: str) -> Shown:
    """Move a ticket that waits. Supervisors only; the audit keeps who and why."""
    who = identity()
    names = ("agent", "skill", "caller_class", "front")
    wanted = MoveTicket(ticket_id, **{name: asked[name] for name in names}, by=who.actor)
    move_ticket(console_services(), who, wanted, asked["reason"])
    return {"id": ticket_id}

"""Messages in and out; in development this is where the outbox is read."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import SmsMessage
from routing.errors import NotFound
from routing.outreach.sms.due import UNREPORTED, is_unreported

resource = Resource("sms", "SMS in and out, with the development outbox")


class SmsSchema(Schema):
    """A message."""

    id = fields.Integer()
    direction = fields.String(metadata={"description": "in or out"})
    number = fields.String(allow_none=True, metadata={"description": "the far end"})
    text = fields.String(allow_none=True)
    state = fields.String(
        metadata={
            "description": "out: queued, sending, sent, delivered, failed, expired; "
            "in: received, understood, unclear, stranger"
        }
    )
    elder_id = fields.Integer(allow_none=True)
    order_id = fields.Integer(allow_none=True)
    question = fields.String()
    scale = fields.String(metadata={"description": "on which it asks, or was read; worst first"})
    answers = fields.Integer(allow_none=True, metadata={"description": "id of the question that a reply answers"})
    deadline = Instant(allow_none=True)
    attempts = fields.Integer()
    kind = fields.String(metadata={"description": "out: notice, answer, work or urgent"})
    parts = fields.Integer(metadata={"description": "out: short messages that the text takes"})
    alphabet = fields.String(metadata={"description": "out: gsm7, latin1 or ucs2"})
    not_before = Instant(allow_none=True, metadata={"description": "out: queued until then"})
    reason = fields.String(
        metadata={"description": "out: why it waits, failed or expired, or that no report has come; empty: neither"}
    )
    created_at = Instant()
    sent_at = Instant(allow_none=True)


class SmsQuery(PageQuery):
    """Asks for messages."""

    direction = fields.String(validate=validate.OneOf(("in", "out")))
    state = fields.String()
    order_id = fields.Integer()
    elder_id = fields.Integer()


def show_sms(message: SmsMessage, lens: Lens) -> Shown:
    """A message as `lens` lets it be seen."""
    shown = {name: getattr(message, name) for name in SmsSchema._declared_fields if name != "reason"}
    shown["reason"] = message.understood if message.direction == "out" else ""
    if is_unreported(message, console_services().clock()):
        shown["reason"] = UNREPORTED
    return {**shown, "number": lens.number(message.number), "text": lens.text(message.text)}


@resource.get("", page_of(SmsSchema), query=SmsQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List messages, the newest first."""
    query = where_asked(select(SmsMessage), SmsMessage, asked, "direction", "state", "order_id", "elder_id")
    return show_page(query, (SmsMessage.id,), asked, show_sms, "sms.listed")


@resource.get("/<int:sms_id>", SmsSchema, refuses={404: "no such message"})
def show(sms_id: int) -> Shown:
    """Show one message."""
    services, who = console_services(), identity()
    with services.reading() as work:
        message = work.get(SmsMessage, sms_id)
        if message is None:
            raise NotFound(f"there is no message {sms_id}")
    audit(services, who, "sms.record", f"sms:{sms_id}")
    return show_sms(message, Lens(who))

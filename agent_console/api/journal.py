"""The journal of a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown
from agent_console.outreach.journal_page import Read
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from routing.outreach.journal import Asked, Journal
from routing.outreach.journal_sources import CHANNELS

resource = Resource("journal", "What was sent to a person and what came from them; every look is audited")


class EntrySchema(Schema):
    """One thing that passed."""

    at = Instant()
    channel = fields.String(metadata={"description": ", ".join(CHANNELS)})
    way = fields.String(metadata={"description": "in: from them; out: to them"})
    what = fields.String(metadata={"description": "the kind of it: the question of a message, the kind of a case"})
    state = fields.String(metadata={"description": "how it ended or stands; of a score the score, or not_done"})
    reference = fields.String(metadata={"description": "id of the record"})
    order_id = fields.Integer(allow_none=True)
    shared = fields.Boolean(metadata={"description": "from a number of several elders, nobody knows of whom"})
    number = fields.String(allow_none=True)
    text = fields.String(allow_none=True)


class JournalPageSchema(Schema):
    """A page, the newest first."""

    items = fields.List(fields.Nested(EntrySchema))
    next_cursor = fields.String(allow_none=True)


class JournalQuery(PageQuery):
    """Asks for a page; `since` is included, `until` is not."""

    channel = fields.String(validate=validate.OneOf(CHANNELS))
    since = fields.AwareDateTime()
    until = fields.AwareDateTime()


@resource.get("/elders/<int:elder_id>", JournalPageSchema, query=JournalQuery, refuses={404: "no such elder"})
def of_elder(asked: dict[str, Any], elder_id: int) -> Shown:
    """Give what passed between an elder and us."""
    return _show("elder", elder_id, Journal(console_services().reading).of_elder, asked)


@resource.get("/workers/<int:worker_id>", JournalPageSchema, query=JournalQuery, refuses={404: "no such worker"})
def of_worker(asked: dict[str, Any], worker_id: int) -> Shown:
    """Give what passed between a care worker and us."""
    return _show("worker", worker_id, Journal(console_services().reading).of_worker, asked)


@resource.get("/companies/<int:company_id>", JournalPageSchema, query=JournalQuery, refuses={404: "no such company"})
def of_company(asked: dict[str, Any], company_id: int) -> Shown:
    """Give what passed between a company and us."""
    return _show("company", company_id, Journal(console_services().reading).of_company, asked)


def _show(kind: str, person_id: int, read: Read, asked: dict[str, Any]) -> Shown:
    services, who = console_services(), identity()
    lens = Lens(who)
    channels = (asked["channel"],) if "channel" in asked else ()
    page = read(person_id, Asked(channels, asked.get("since"), asked.get("until"), asked["cursor"], asked["limit"]))
    audit(services, who, "journal.read", f"{kind}:{person_id}")
    items = [
        {**asdict(entry), "number": lens.number(entry.number), "text": lens.text(entry.text)} for entry in page.entries
    ]
    return {"items": items, "next_cursor": page.next_mark}

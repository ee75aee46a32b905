"""Cases that a person must close."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from db.models import Case
from routing.errors import NotFound
from routing.orders.sos import COMPLAINT_RESULTS, RESULTS

resource = Resource("cases", "SOS, complaints and messages: open until a person closes them")


class CaseSchema(Schema):
    """A case."""

    id = fields.Integer()
    kind = fields.String(metadata={"description": "sos, complaint, registration, message, dispatch, sms or provider"})
    state = fields.String(metadata={"description": "open or closed"})
    elder_id = fields.Integer(allow_none=True)
    order_id = fields.Integer(allow_none=True)
    sms_id = fields.Integer(allow_none=True)
    call_id = fields.String(allow_none=True)
    opened_at = Instant()
    due_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    closed_by = fields.Integer(allow_none=True, metadata={"description": "id of the user"})
    result = fields.String(
        allow_none=True,
        metadata={"description": f"of an SOS: {', '.join(RESULTS)}; of a complaint: {', '.join(COMPLAINT_RESULTS)}"},
    )
    outcome = fields.String(allow_none=True)
    number = fields.String(
        allow_none=True, metadata={"description": "of whoever left a recording; else the call's record tells it"}
    )
    recording = fields.Boolean(metadata={"description": "whether the caller's words were recorded"})


class CaseStepSchema(Schema):
    """A step in the life of a case."""

    at = Instant()
    actor = fields.String()
    what = fields.String()
    detail = fields.String(allow_none=True)


class CaseRecordSchema(CaseSchema):
    """A case with its timeline."""

    timeline = fields.List(fields.Nested(CaseStepSchema))


class CaseQuery(PageQuery):
    """Asks for cases."""

    state = fields.String(validate=validate.OneOf(("open", "closed")))
    kind = fields.String()
    elder_id = fields.Integer()
    call_id = fields.String()


class CloseSchema(Schema):
    """How a case ended."""

    outcome = fields.String(required=True, validate=validate.Length(1, 2000))
    result = fields.String(
        load_default="", validate=validate.OneOf(["", *RESULTS, *COMPLAINT_RESULTS]),
        metadata={"description": f"an SOS must have one, a complaint may: {', '.join(COMPLAINT_RESULTS)}; others none"},
    )  # fmt: skip


class NoteSchema(Schema):
    """A line for the timeline."""

    text = fields.String(required=True, validate=validate.Length(1, 2000))


def show_case(case: Case, lens: Lens) -> Shown:
    """A case; outcomes are free text about people."""
    return {
        **{name: getattr(case, name) for name in CaseSchema._declared_fields},
        "outcome": lens.text(case.outcome),
        "number": lens.number(case.number),
        "recording": case.recording is not None,
    }


def read_case(case_id: int) -> Shown:
    """Read one case with its timeline, for whoever asks. Raises NotFound."""
    services, who = console_services(), identity()
    with services.reading() as work:
        call_id = work.scalar(select(Case.call_id).where(Case.id == case_id, Case.kind == "sos"))
    services.cases.catch_up((call_id,) if call_id else ())
    with services.reading() as work:
        case = work.scalar(select(Case).where(Case.id == case_id).options(selectinload(Case.timeline)))
        if case is None:
            raise NotFound(f"there is no case {case_id}")
    audit(services, who, "case.record", f"case:{case_id}")
    lens = Lens(who)
    steps = [
        {"at": step.at, "actor": step.actor, "what": step.what, "detail": lens.text(step.detail)}
        for step in case.timeline
    ]
    return {**show_case(case, lens), "timeline": steps}


@resource.get("", page_of(CaseSchema), query=CaseQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List cases, the newest first."""
    query = where_asked(select(Case), Case, asked, "state", "kind", "elder_id", "call_id")
    return show_page(query, (Case.id,), asked, show_case, "case.listed")


@resource.get("/<int:case_id>", CaseRecordSchema, refuses={404: "no such case"})
def show(case_id: int) -> Shown:
    """Show one case with its timeline."""
    return read_case(case_id)


@resource.post(
    "/<int:case_id>/close",
    CaseRecordSchema,
    body=CloseSchema,
    refuses={404: "no such case", 409: "it is closed already"},
)
def close(asked: dict[str, Any], case_id: int) -> Shown:
    """Close a case with its outcome. The timeline names the token, and its user if it has one."""
    who = identity()
    console_services().cases.close(case_id, asked["outcome"], who.user_id, who.actor, result=asked["result"])
    return read_case(case_id)


@resource.post("/<int:case_id>/notes", CaseRecordSchema, body=NoteSchema, status=201, refuses={404: "no such case"})
def note(asked: dict[str, Any], case_id: int) -> Shown:
    """Add a line to the timeline."""
    console_services().cases.note(case_id, identity().actor, asked["text"])
    return read_case(case_id)

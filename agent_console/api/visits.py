"""Visits of care workers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.orders.visits_page import csv_response
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import Visit, VisitCorrection, VisitTask
from routing.errors import NotFound
from routing.orders.evv.book import Correction
from routing.orders.evv.policy import REASONS

resource = Resource("visits", "Visits, checked in and out by telephone")


class VisitSchema(Schema):
    """A visit: who, for whom, when, and whether the telephone proved the place."""

    id = fields.Integer()
    order_id = fields.Integer()
    worker_id = fields.Integer()
    elder_id = fields.Integer()
    assigned_worker_id = fields.Integer(
        allow_none=True, metadata={"description": "who was to come, if another of the same company did"}
    )
    checked_in_at = Instant(
        allow_none=True, metadata={"description": "null: nobody checked in, and nobody has completed it yet"}
    )
    checked_out_at = Instant(allow_none=True)
    in_verified = fields.Boolean(metadata={"description": "the call came from a phone of the elder"})
    out_verified = fields.Boolean(allow_none=True)
    in_from = fields.String(metadata={"description": "home, other_home, worker, other or withheld; empty: no call"})
    out_from = fields.String()
    in_call_id = fields.String(allow_none=True)
    out_call_id = fields.String(allow_none=True)
    minutes = fields.Integer(allow_none=True)
    worked_minutes = fields.Integer(allow_none=True, metadata={"description": "as they are counted: docs/visits.md"})


class VisitTaskSchema(Schema):
    """What became of a task."""

    code = fields.String()
    name = fields.String()
    result = fields.String(metadata={"description": "done, not_needed or refused"})
    at = Instant()


class VisitCorrectionSchema(Schema):
    """A time that was put right; `before` is what it was."""

    at = Instant()
    actor = fields.String()
    what = fields.String()
    before = Instant(allow_none=True)
    after = Instant()
    reason = fields.String()
    note = fields.String(allow_none=True)


class VisitRecordSchema(VisitSchema):
    """A visit with its tasks, and what was put right."""

    tasks = fields.List(fields.Nested(VisitTaskSchema))
    corrections = fields.List(fields.Nested(VisitCorrectionSchema))


class CorrectVisitSchema(Schema):
    """Times that are right, and a reason code."""

    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    note = fields.String(load_default="", validate=validate.Length(max=500))
    checked_in_at = fields.AwareDateTime(load_default=None, allow_none=True)
    checked_out_at = fields.AwareDateTime(load_default=None, allow_none=True)


class ExportQuery(Schema):
    """Asks for the visits of these days, first and last included."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")


class VisitQuery(PageQuery):
    """Asks for visits."""

    order_id = fields.Integer()
    elder_id = fields.Integer()
    worker_id = fields.Integer()


def show_visit(visit: Visit, _lens: Lens) -> Shown:
    """A visit. It names people by id only."""
    return {name: getattr(visit, name) for name in VisitSchema._declared_fields}


@resource.get("", page_of(VisitSchema), query=VisitQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List visits, the newest first."""
    query = where_asked(select(Visit), Visit, asked, "order_id", "elder_id", "worker_id")
    return show_page(query, (Visit.id,), asked, show_visit)


def read_visit(visit_id: int) -> Shown:
    """Read one visit with its tasks and corrections, for whoever asks. Raises NotFound."""
    lens = Lens(identity())
    with console_services().reading() as work:
        visit = work.get(Visit, visit_id)
        if visit is None:
            raise NotFound(f"there is no visit {visit_id}")
        results = work.scalars(select(VisitTask).where(VisitTask.visit_id == visit_id).order_by(VisitTask.id))
        tasks = [
            {"code": each.task.code, "name": each.task.name, "result": each.result, "at": each.at} for each in results
        ]
        query = select(VisitCorrection).where(VisitCorrection.visit_id == visit_id).order_by(VisitCorrection.id)
        names = tuple(VisitCorrectionSchema._declared_fields)
        corrections = [
            {**{name: getattr(each, name) for name in names}, "note": lens.text(each.note)}
            for each in work.scalars(query)
        ]
        return {**show_visit(visit, lens), "tasks": tasks, "corrections": corrections}


@resource.get("/<int:visit_id>", VisitRecordSchema, refuses={404: "no such visit"})
def show(visit_id: int) -> Shown:
    """Show one visit."""
    return read_visit(visit_id)


@resource.post(
    "/<int:visit_id>/correct", VisitRecordSchema, body=CorrectVisitSchema,
    refuses={404: "no such visit", 422: "times that cannot be, or nothing to change"},
)  # fmt: skip
def correct(asked: dict[str, Any], visit_id: int) -> Shown:
    """Put times of a visit right; what they were is kept."""
    correction = Correction(asked["reason"], asked["note"], asked["checked_in_at"], asked["checked_out_at"])
    console_services().visit_book.correct(visit_id, correction, identity().actor)
    return read_visit(visit_id)


@resource.get_file("/export", "text/csv", query=ExportQuery)
def export(asked: dict[str, Any]) -> Any:
    """The six facts as CSV (UTF-8 with a BOM)."""
    return csv_response(asked["first"], asked["last"])

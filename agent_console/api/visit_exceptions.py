"""What about visits a person must look into."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import VisitException
from routing.errors import NotFound
from routing.orders.evv.policy import REASONS, ExceptionKind

resource = Resource("visit_exceptions", "Visits that are not as they should be, until a person gives the reason")


class VisitExceptionSchema(Schema):
    """One of them."""

    id = fields.Integer()
    visit_id = fields.Integer()
    kind = fields.String(metadata={"enum": [each.value for each in ExceptionKind]})
    at = Instant()
    state = fields.String(metadata={"description": "open or resolved"})
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)


class VisitExceptionQuery(PageQuery):
    """Asks for exceptions."""

    state = fields.String(validate=validate.OneOf(("open", "resolved")))
    kind = fields.String()
    visit_id = fields.Integer()


class ResolveSchema(Schema):
    """Why it was so."""

    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    note = fields.String(load_default="", validate=validate.Length(max=500))


def _shown(row: VisitException, lens: Lens) -> Shown:
    names = VisitExceptionSchema._declared_fields
    return {**{name: getattr(row, name) for name in names}, "note": lens.text(row.note)}


@resource.get("", page_of(VisitExceptionSchema), query=VisitExceptionQuery)
def index(asked: dict[str, Any]) -> Shown:
    """List exceptions, the newest first."""
    query = where_asked(select(VisitException), VisitException, asked, "state", "kind", "visit_id")
    return show_page(query, (VisitException.id,), asked, _shown)


@resource.post(
    "/<int:exception_id>/resolve", VisitExceptionSchema, body=ResolveSchema,
    refuses={404: "no such exception", 409: "somebody resolved it before", 422: "its time is still missing"},
)  # fmt: skip
def resolve(asked: dict[str, Any], exception_id: int) -> Shown:
    """Resolve an exception."""
    services, who = console_services(), identity()
    services.visit_book.resolve(exception_id, asked["reason"], asked["note"], who.actor)
    with services.reading() as work:
        row = work.get(VisitException, exception_id)
        if row is None:
            raise NotFound(f"there is no exception {exception_id}")
        return _shown(row, Lens(who))

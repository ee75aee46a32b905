"""Visits of care workers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import select

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, PageQuery, Shown, page_of, show_page, where_asked
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import Visit
from routing.errors import NotFound

resource = Resource("visits", "Visits, checked in and out by telephone")


class VisitSchema(Schema):
    """A visit: who, for whom, when, and whether the telephone proved the place."""

    id = fields.Integer()
    order_id = fields.Integer()
    worker_id = fields.Integer()
    elder_id = fields.Integer()
    checked_in_at = Instant()
    checked_out_at = Instant(allow_none=True)
    in_verified = fields.Boolean(metadata={"description": "the call came from a phone of the elder"})
    out_verified = fields.Boolean(allow_none=True)
    in_call_id = fields.String()
    out_call_id = fields.String(allow_none=True)


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


@resource.get("/<int:visit_id>", VisitSchema, refuses={404: "no such visit"})
def show(visit_id: int) -> Shown:
    """Show one visit."""
    with console_services().reading() as work:
        visit = work.get(Visit, visit_id)
        if visit is None:
            raise NotFound(f"there is no visit {visit_id}")
        return show_visit(visit, Lens(identity()))

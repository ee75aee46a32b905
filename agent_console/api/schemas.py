"""What all resources share: instants, pages, problems, and reading a page for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from agent_console.access import identity
from agent_console.paging import MOST, USUAL, read_page
from agent_console.privacy import Lens, audit_list
from agent_console.services import console_services
from db.models import Base

Row = TypeVar("Row")
Shown = dict[str, Any]


class Instant(fields.AwareDateTime):
    """ISO 8601 with the offset of the service's zone. An instant without offset is refused."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | float | None:
        local = value.astimezone(console_services().settings.zone) if value is not None else None
        return super()._serialize(local, attr, obj, **kwargs)


def epoch(seconds: float | None) -> datetime | None:
    """Turn an epoch of Redis into an instant; zero and none are no instant."""
    return datetime.fromtimestamp(seconds, console_services().settings.zone) if seconds else None


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(metadata={"description": "about:blank, or urn:elderline:problem:<code> of a domain error"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String(metadata={"description": "path of the request, without its query"})
    errors = fields.Dict(metadata={"description": "what is wrong, by place and field"})


class PageQuery(Schema):
    """Asks for a page."""

    limit = fields.Integer(load_default=USUAL, validate=validate.Range(1, MOST))
    cursor = fields.String(
        load_default=None, validate=validate.Length(max=400), metadata={"description": "next_cursor of a page"}
    )


def page_of(schema: type[Schema]) -> type[Schema]:
    """Make the schema of a page of `schema`."""
    name = schema.__name__.removesuffix("Schema")
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(schema)),
        "next_cursor": fields.String(allow_none=True),
    }
    return Schema.from_dict(members, name=f"{name}PageSchema")


def where_asked(query: Select[Row], model: type[Base], asked: Mapping[str, Any], *names: str) -> Select[Row]:
    """Keep the rows whose columns of these `names` are as asked; what was not asked for does not matter."""
    return query.where(*(getattr(model, name) == asked[name] for name in names if name in asked))


def show_page(
    query: Select[Row],
    key: Sequence[InstrumentedAttribute[Any]],
    asked: Mapping[str, Any],
    show: Callable[[Row, Lens], Shown],
    audited: str | None = None,
) -> Shown:
    """Read a page, show each row to whoever asks, and audit under `audited` if the rows hold personal data."""
    services, who = console_services(), identity()
    lens = Lens(who)
    with services.reading() as work:
        page = read_page(work, query, key, asked["cursor"], asked["limit"])
        shown = [show(row, lens) for row in page.rows]
    if audited:
        note_list(audited, shown)
    return {"items": shown, "next_cursor": page.next_cursor}


def note_list(action: str, shown: Sequence[Shown]) -> None:
    """Audit a list of rows that are to be shown."""
    kind = action.partition(".")[0]
    audit_list(console_services(), identity(), action, [f"{kind}:{each['id']}" for each in shown])

"""Reports: the same tables as on the pages, with values as they are."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.services import console_services
from routing.reports.book import NAMES
from routing.reports.periods import By
from routing.reports.tables import Report

resource = Resource("reports", "Figures of a period, as tables; docs/reports.md has every definition")


class ReportNameSchema(Schema):
    """A report that there is."""

    name = fields.String()
    by = fields.List(fields.String(), metadata={"description": "what its rows can be of"})


class ReportNamesSchema(Schema):
    """All of them."""

    items = fields.List(fields.Nested(ReportNameSchema))


class ReportColumnSchema(Schema):
    """A column: its code and what its values are."""

    code = fields.String()
    kind = fields.String(
        metadata={"description": "text, name, word, count, seconds, share (0 to 1), score, fen or rate; null: none"}
    )


class ReportTableSchema(Schema):
    """One table; the values of a row are by the codes of the columns."""

    name = fields.String()
    columns = fields.List(fields.Nested(ReportColumnSchema))
    rows = fields.List(fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)))
    total = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), allow_none=True)


class ReportSchema(Schema):
    """A report."""

    name = fields.String()
    first = fields.Date(data_key="from")
    last = fields.Date(data_key="to")
    by = fields.String()
    made_at = Instant()
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True))
    tables = fields.List(fields.Nested(ReportTableSchema))


class ReportQuery(Schema):
    """Asks for local days, first and last included; without them the last seven."""

    first = fields.Date(load_default=None, data_key="from")
    last = fields.Date(load_default=None, data_key="to")
    by = fields.String(load_default="", validate=validate.OneOf(["", *By]))


@resource.get("", ReportNamesSchema)
def index() -> Shown:
    """List what reports there are."""
    return {"items": [{"name": name, "by": list(console_services().reports.kinds(name))} for name in NAMES]}


@resource.get(
    "/<string:name>",
    ReportSchema,
    query=ReportQuery,
    refuses={404: "no such report", 422: "what is wrong with the days"},
)
def show(asked: dict[str, Any], name: str) -> Shown:
    """Make a report."""
    return _shown(console_services().reports.make(name, asked["first"], asked["last"], asked["by"]))


def _shown(made: Report) -> Shown:
    tables = [
        {
            "name": table.name,
            "columns": [{"code": column.code, "kind": column.kind.value} for column in table.columns],
            "rows": table.as_objects(),
            "total": table.as_object(table.total) if table.total is not None else None,
        }
        for table in made.tables
    ]
    return {**vars(made), "facts": dict(made.facts), "tables": tables}

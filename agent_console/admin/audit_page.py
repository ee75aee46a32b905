"""The audit: who did or saw what, for auditors and administrators. It holds numbers of rows, and no personal data."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.paging import MOST, USUAL, read_page
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text
from db.models import AuditEntry
from routing.errors import Invalid
from routing.orders.evv.export import BOM, safe
from routing.staff.trail import Asked, logins, trail

MOST_EXPORTED: Final = 100_000
"""Rows of one file: a spreadsheet takes a million, and a month of a large hotline has some hundred thousand."""
_KEY: Final = (AuditEntry.id,)
_FIELDS: Final = ("subject", "user", "action", "from", "to")

blueprint = Blueprint("audit_page", __name__, url_prefix="/admin/audit")


@blueprint.get("")
def show() -> str:
    """What was done and seen, the newest first."""
    services = console_services()
    query = trail(_asked())
    with services.reading() as work:
        page = read_page(work, query, _KEY, request.args.get("cursor"), USUAL)
        names = logins(work)
    return render_template(
        "audit.html", page=page, names=names, given=request.args,
        newest=_link("audit_page.show") if request.args.get("cursor") else "",
        older=_link("audit_page.show", cursor=page.next_cursor) if page.next_cursor else "",
        file=_link("audit_page.export"),
    )  # fmt: skip


@blueprint.get("/export.csv")
def export() -> Response:
    """The same as a file. Whoever takes it is in the audit, too."""
    services = console_services()
    query = trail(_asked())
    narrowed = ", ".join(f"{name} {request.args[name]}" for name in _FIELDS if request.args.get(name))
    write_down(services, identity(), "audit.exported", "audit", narrowed[:500])
    return Response(
        _lines(services, query), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=audit.csv"},
    )  # fmt: skip


def _lines(services: ConsoleServices, query: Any) -> Iterator[str]:
    """Write page after page, the names of the columns first."""
    zone, cursor, written = services.settings.zone, None, 0
    yield BOM + _line(["at", "actor", "login", "action", "subject", "detail"])
    while True:
        with services.reading() as work:
            names = logins(work)
            page = read_page(work, query, _KEY, cursor, MOST)
        for each in page.rows:
            at = each.at.astimezone(zone).isoformat()
            yield _line([at, each.actor, names.get(each.actor, ""), each.action, each.subject, each.detail])
        written += len(page.rows)
        cursor = page.next_cursor
        if cursor is None or written >= MOST_EXPORTED:
            return


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return line.getvalue()


def _link(endpoint: str, **more: str) -> str:
    values = {name: value for name in _FIELDS if (value := request.args.get(name, ""))}
    return url_for(endpoint, **{**values, **more})  # type: ignore[arg-type]  # Names of the query.


def _asked() -> Asked:
    """Read what the address asks for: numbers of rows and words, never a name. Raises Invalid."""
    zone = console_services().settings.zone
    first, last = day_of(request.args, "from"), day_of(request.args, "to")
    user = request.args.get("user", "").strip()
    if user and not (user.isascii() and user.isdigit() and len(user) < 10):
        raise Invalid(text("audit.user.bad"))
    return Asked(
        request.args.get("subject", "").strip(),
        int(user) if user else None,
        request.args.get("action", "").strip(),
        datetime.combine(first, time.min, zone) if first else None,
        datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
    )

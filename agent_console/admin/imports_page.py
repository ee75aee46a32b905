"""Files of elders: handed over, checked in the background, looked at, and then taken or discarded."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.languages import language
from agent_console.services import console_services
from agent_console.texts import text, word
from db.models import ElderImport
from routing.elders.imports import MOST_BYTES, MOST_ROWS, OPEN, BadFile, TooMany
from routing.orders.evv.export import BOM

_SHOWN: Final = 200
"""Faults on the page; all of them are in the file."""

blueprint = Blueprint("imports_page", __name__, url_prefix="/admin/imports")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The form, and the latest files."""
    return _index()


@blueprint.post("")
def upload() -> ResponseReturnValue:
    """Take a file; nothing of it is written yet."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise BadFile("empty")  # noqa: TRY301  # All refusals are said in one way.
        number = console_services().elder_imports.hand_over(file.filename, file.stream.read(), identity().actor)
    except BadFile as bad:
        return _index(word("import_refusal", bad.why)), 422
    except TooMany:
        return _index(text("import.too_many")), 409
    return redirect(url_for("imports_page.show", import_id=number))


@blueprint.get("/<int:import_id>")
def show(import_id: int) -> str:
    """How a file stands, and what is wrong in it."""
    row = console_services().elder_imports.get(import_id)
    return render_template("import.html", row=row, faults=_faults(row), open=row.state in OPEN, shown=_SHOWN)


@blueprint.get("/<int:import_id>/progress")
def progress(import_id: int) -> dict[str, object]:
    """How far it is, for the page's script."""
    row = console_services().elder_imports.get(import_id)
    return {"state": row.state, "read": row.read, "about": row.about}


@blueprint.get("/<int:import_id>/faults.csv")
def sheet(import_id: int) -> Response:
    """What is wrong, row by row; nothing of what the cells held."""
    row = console_services().elder_imports.get(import_id)
    name = f"import-{import_id}.csv"
    return Response(
        BOM + row.sheet, content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )  # fmt: skip


@blueprint.post("/<int:import_id>/confirm")
def confirm(import_id: int) -> ResponseReturnValue:
    """Take what was checked."""
    console_services().elder_imports.confirm(import_id, identity().actor)
    flash(text("import.confirmed"))
    return redirect(url_for("imports_page.show", import_id=import_id))


@blueprint.post("/<int:import_id>/discard")
def discard(import_id: int) -> ResponseReturnValue:
    """Forget it."""
    console_services().elder_imports.discard(import_id, identity().actor)
    flash(text("import.discarded"))
    return redirect(url_for("imports_page.index"))


def _index(refused: str = "") -> str:
    rows = console_services().elder_imports.latest()
    return render_template(
        "imports.html", rows=rows, refused=refused, bytes=MOST_BYTES // 1_000_000, most_rows=MOST_ROWS
    )


def _faults(row: ElderImport) -> list[tuple[str, str, str, str]]:
    """Give row, column, code and reason in the language of the page; what was taken all the same is said."""
    reason = 3 if language().startswith("zh") else 4
    lines = islice(csv.reader(io.StringIO(row.sheet)), 1, _SHOWN + 1)
    return [(each[0], each[1], each[2], each[reason]) for each in lines if len(each) > reason]

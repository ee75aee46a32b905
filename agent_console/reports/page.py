"""Reports: what there is, one with its pictures and tables, and the same as a file."""

from __future__ import annotations

import os

from flask import Blueprint, Response, abort, flash, render_template, request

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.privacy import Lens, audit
from agent_console.sentences import in_words
from agent_console.services import console_services
from agent_console.texts import word
from routing.errors import Invalid
from routing.reports.book import NAMES
from routing.reports.due import Every
from routing.reports.schedules import LANGUAGES
from routing.reports.sheets import FORMS, file_of, name_of, shown
from routing.reports.tables import Report

blueprint = Blueprint("reports_page", __name__, url_prefix="/supervisor/reports")
ROWS_SHOWN = 400
"""Rows of a table on a page; a file has them all."""


@blueprint.get("")
def index() -> str:
    """What reports there are, and which are made by schedule."""
    services = console_services()
    return render_template(
        "reports.html", names=NAMES, schedules=services.report_schedules.all(), runs=services.report_schedules.runs(),
        rhythms=list(Every), tongues=LANGUAGES, kinds=list(FORMS), mails=bool(services.settings.smtp_host),
        lens=Lens(identity()),
    )  # fmt: skip


@blueprint.get("/<report>")
def show(report: str) -> str:
    """One report, of the days asked for or the last seven."""
    reports = console_services().reports
    kinds = reports.kinds(report)
    try:
        made = _asked(report)
    except Invalid as error:
        flash(in_words(str(error)))
        made = reports.make(report)
    return render_template("report.html", made=made, kinds=kinds, shown=shown, word=word, most=ROWS_SHOWN)


@blueprint.get("/<report>/<int:number>.svg")
def picture(report: str, number: int) -> Response:
    """The picture of one table, by its place in the report."""
    made = _asked_or_400(report)
    if number >= len(made.tables) or made.tables[number].picture is None:
        abort(404)
    os.environ.setdefault("MPLCONFIGDIR", str(console_services().settings.var_dir / "matplotlib"))
    from routing.reports.pictures import draw  # noqa: PLC0415  # It takes a second to load.

    return Response(draw(made.tables[number], word), mimetype="image/svg+xml")


@blueprint.get("/<report>/export.<form>")
def export(report: str, form: str) -> Response:
    """The same as a file."""
    if form not in FORMS:
        abort(404)
    made = _asked_or_400(report)
    audit(console_services(), identity(), "report.exported", f"report:{report}", f"{made.first}/{made.last} {form}")
    return Response(
        file_of(made, form, word), content_type=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="{name_of(made, form)}"'},
    )  # fmt: skip


def _asked_or_400(name: str) -> Report:
    try:
        return _asked(name)
    except Invalid:
        abort(400)


def _asked(name: str) -> Report:
    return console_services().reports.make(
        name, day_of(request.args, "from"), day_of(request.args, "to"), request.args.get("by", "")
    )

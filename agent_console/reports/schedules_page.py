"""Schedules of reports: made, changed, stopped and taken up again; and the files that were made by them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.privacy import audit, write_down
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import NotFound
from routing.reports.schedules import Wish
from routing.reports.sheets import FORMS

blueprint = Blueprint("report_schedules", __name__, url_prefix="/supervisor/reports")
_SWITCHES = {"stop": False, "resume": True}


@blueprint.post("/schedules")
def add() -> ResponseReturnValue:
    """Have a report made and sent from now on."""
    schedule = console_services().report_schedules.add(_wish(), by=identity().actor)
    return _done("report.scheduled", schedule, f"{request.form['report']} {request.form['every']}")


@blueprint.post("/schedules/<int:schedule_id>")
def change(schedule_id: int) -> ResponseReturnValue:
    """Send it to others, or in another language or form."""
    console_services().report_schedules.change(schedule_id, _wish(), by=identity().actor)
    return _done("report.schedule_changed", schedule_id, "")


@blueprint.post("/schedules/<int:schedule_id>/<what>")
def switch(schedule_id: int, what: str) -> ResponseReturnValue:
    """Stop it, or take it up again."""
    if what not in _SWITCHES:
        raise NotFound(f"a schedule has no {what[:20]}")
    console_services().report_schedules.switch(schedule_id, on=_SWITCHES[what], by=identity().actor)
    return _done(f"report.schedule_{what}", schedule_id, "")


@blueprint.get("/kept/<int:run_id>")
def file(run_id: int) -> Response:
    """A file that was made by schedule."""
    name, content = console_services().report_schedules.file(run_id)
    audit(console_services(), identity(), "report.fetched", f"report_run:{run_id}", name)
    kind = FORMS[name.rpartition(".")[2]]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=kind, headers=headers)


@blueprint.post("/kept/<int:run_id>/again")
def again(run_id: int) -> ResponseReturnValue:
    """Try a report again that failed or was not sent."""
    console_services().report_schedules.again(run_id)
    write_down(console_services(), identity(), "report.tried_again", f"report_run:{run_id}", "")
    flash(text("reports.again.done"))
    return redirect(url_for("reports_page.index"))


def _wish() -> Wish:
    form = request.form
    names = ("report", "every", "recipients", "language", "form")
    report, every, recipients, language, kind = (form.get(name, "")[:1000] for name in names)
    return Wish(report, every, recipients, language, kind)


def _done(action: str, schedule_id: int, detail: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"report_schedule:{schedule_id}", detail)
    flash(text("reports.kept"))
    return redirect(url_for("reports_page.index"))

"""Reminders of medicine: an elder's, what came of each time, and the export. Each change and export is audited."""

from __future__ import annotations

import csv
import io
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Elder
from routing.errors import NotFound
from routing.orders.evv.export import BOM, safe
from routing.outreach.medicine.reminders import CONSENTS, LONGEST_TEXT, Wish
from routing.outreach.wellbeing.enrolments import REASONS

MOST_ROWS = 5_000
"""Of an export: six times a day for more than two years."""
COLUMNS = ("day", "due_at", "state", "taken_at", "calls", "later", "contact_told")

blueprint = Blueprint("medicine_page", __name__, url_prefix="/desk/elders/<int:elder_id>/medicine")


@blueprint.get("")
def show(elder_id: int) -> str:
    """The reminders of an elder, and what came of the last ones."""
    services, who, elder = console_services(), identity(), _elder(elder_id)
    audit(services, who, "medicine.record", f"elder:{elder_id}")
    return render_template(
        "medicine.html", elder=elder, lens=Lens(who), reminders=services.reminders.of_elder(elder_id),
        doses=services.reminders.doses(elder_id), consents=sorted(CONSENTS), longest=LONGEST_TEXT,
        pauses=services.reminders.pauses(elder_id), reasons=sorted(REASONS), today=_today(),
    )  # fmt: skip


@blueprint.post("")
def make(elder_id: int) -> ResponseReturnValue:
    """Remind an elder of one more."""
    form = request.form
    wish = Wish(
        form.get("at", ""), form.get("consent", ""), form.get("text", ""), form.get("rule", "") or Wish.rule,
        ends_on=day_of(form, "ends_on"), tell_contact="tell_contact" in form,
    )  # fmt: skip
    made = console_services().reminders.make(elder_id, wish, by=identity().actor)
    return _done(elder_id, "medicine.made", f"reminder:{made.id}")


@blueprint.post("/<int:reminder_id>/end")
def end(elder_id: int, reminder_id: int) -> ResponseReturnValue:
    """Remind no more."""
    services = console_services()
    if all(each.id != reminder_id for each in services.reminders.of_elder(elder_id)):
        raise NotFound(f"this elder has no reminder {reminder_id}")
    services.reminders.end(reminder_id, identity().actor)
    return _done(elder_id, "medicine.ended", f"reminder:{reminder_id}")


@blueprint.post("/pauses")
def pause(elder_id: int) -> ResponseReturnValue:
    """Do not remind on some days, as in hospital; nor call daily."""
    form, services = request.form, console_services()
    first, last = day_of(form, "first") or _today(), day_of(form, "last")
    services.reminders.pause(elder_id, first, last, form.get("reason", ""), identity().actor)
    return _done(elder_id, "medicine.paused", form.get("reason", "")[:20])


@blueprint.post("/pauses/<int:pause_id>/end")
def resume(elder_id: int, pause_id: int) -> ResponseReturnValue:
    """Remind again from today on."""
    console_services().reminders.end_pause(elder_id, pause_id)
    return _done(elder_id, "medicine.resumed", f"pause:{pause_id}")


@blueprint.get("/export.csv")
def export(elder_id: int) -> Response:
    """Every time that an elder was reminded, as CSV; nobody is named in it."""
    services, elder = console_services(), _elder(elder_id)
    write_down(services, identity(), "medicine.exported", f"elder:{elder_id}", "")
    return Response(
        _lines(elder_id), content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename=medicine-{elder.id}.csv"},
    )  # fmt: skip


def _lines(elder_id: int) -> str:
    services = console_services()
    zone = services.settings.zone
    written = io.StringIO(BOM, newline="")
    written.seek(0, io.SEEK_END)
    sheet = csv.writer(written)
    sheet.writerow(COLUMNS)
    for each in services.reminders.doses(elder_id, MOST_ROWS):
        times = [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in (each.due_at, each.taken_at)]
        row = (each.day, times[0], each.state, times[1], each.attempts, each.later, int(each.told_contact))
        sheet.writerow([safe(cell) for cell in row])
    return written.getvalue()


def _elder(elder_id: int) -> Elder:
    with console_services().reading() as work:
        elder = work.get(Elder, elder_id)
    if elder is None:
        raise NotFound(f"there is no elder {elder_id}")
    return elder


def _today() -> date:
    services = console_services()
    return services.clock().astimezone(services.settings.zone).date()


def _done(elder_id: int, action: str, detail: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"elder:{elder_id}", detail)
    flash(text("medicine.saved"))
    return redirect(url_for("medicine_page.show", elder_id=elder_id))

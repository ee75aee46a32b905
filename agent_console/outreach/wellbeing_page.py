"""Daily calls: today's on one page, and an elder's enrolment, pauses and last days. Each change is audited."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.privacy import Lens, audit, audit_list, write_down
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Elder
from routing.errors import NotFound
from routing.outreach.wellbeing.enrolments import CONSENTS, EVERY_DAY, REASONS

blueprint = Blueprint("wellbeing_page", __name__, url_prefix="/desk")


@blueprint.get("/wellbeing")
def show() -> str:
    """Today's calls, those who did not answer first; with `day`, another day's."""
    services, who = console_services(), identity()
    day = day_of(request.args, "day") or _today()
    checks = services.well_being.of_day(day)
    with services.reading() as work:
        query = select(Elder.id, Elder.name).where(Elder.id.in_({each.elder_id for each in checks}))
        names = {row.id: row.name for row in work.execute(query)}
    audit_list(services, who, "wellbeing.listed", [f"elder:{each.elder_id}" for each in checks])
    return render_template("wellbeing.html", checks=checks, names=names, lens=Lens(who), day=day)


@blueprint.get("/elders/<int:elder_id>/wellbeing")
def of_elder(elder_id: int) -> str:
    """How an elder is called, and how the last days went."""
    services, who = console_services(), identity()
    with services.reading() as work:
        elder = work.get(Elder, elder_id)
    if elder is None:
        raise NotFound(f"there is no elder {elder_id}")
    audit(services, who, "wellbeing.record", f"elder:{elder_id}")
    return render_template(
        "wellbeing_elder.html", elder=elder, lens=Lens(who), enrolment=services.enrolments.of_elder(elder_id),
        checks=services.well_being.of_elder(elder_id), consents=sorted(CONSENTS), reasons=sorted(REASONS),
        every_day=EVERY_DAY, today=_today(),
    )  # fmt: skip


@blueprint.post("/elders/<int:elder_id>/wellbeing")
def enrol(elder_id: int) -> ResponseReturnValue:
    """Enrol an elder, or change when they are called."""
    form = request.form
    console_services().enrolments.enrol(
        elder_id, form.get("at", ""), rule=form.get("rule", "") or EVERY_DAY, consent=form.get("consent", ""),
        consent_note=form.get("note", ""), by=identity().actor,
    )  # fmt: skip
    return _done(elder_id, "wellbeing.enrolled", form.get("at", ""))


@blueprint.post("/elders/<int:elder_id>/wellbeing/end")
def end(elder_id: int) -> ResponseReturnValue:
    """Call them no more."""
    console_services().enrolments.end(elder_id, identity().actor)
    return _done(elder_id, "wellbeing.ended")


@blueprint.post("/elders/<int:elder_id>/wellbeing/pauses")
def pause(elder_id: int) -> ResponseReturnValue:
    """Call them not on some days, as in hospital."""
    form = request.form
    first, last = day_of(form, "first") or _today(), day_of(form, "last")
    console_services().enrolments.pause(elder_id, first, last, form.get("reason", ""), identity().actor)
    return _done(elder_id, "wellbeing.paused", form.get("reason", ""))


@blueprint.post("/elders/<int:elder_id>/wellbeing/pauses/<int:pause_id>/end")
def resume(elder_id: int, pause_id: int) -> ResponseReturnValue:
    """Call them again from today on."""
    console_services().enrolments.end_pause(elder_id, pause_id)
    return _done(elder_id, "wellbeing.resumed", f"pause:{pause_id}")


def _done(elder_id: int, action: str, detail: str = "") -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"elder:{elder_id}", detail[:100])
    flash(text("daily.saved"))
    return redirect(url_for("wellbeing_page.of_elder", elder_id=elder_id))


def _today() -> date:
    services = console_services()
    return services.clock().astimezone(services.settings.zone).date()

"""Opening hours, exceptions and duty phones: what supervisors see, and change. Each change is audited."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.asked_days import needed_day
from agent_console.line.hours_changes import write_down
from agent_console.privacy import Lens
from agent_console.services import console_services
from agent_console.texts import text
from routing.hours.policy import DayKind, standing, week_of, write_spans
from routing.hours.rota import on_duty, write_times

blueprint = Blueprint("hours_page", __name__, url_prefix="/supervisor/hours")


@blueprint.get("")
def show() -> str:
    """How it stands, the coming week, and the forms."""
    services, who = console_services(), identity()
    plan, now = services.hours_register.plan(), services.clock()
    calendar = plan.calendar
    today = now.astimezone(calendar.zone).date()
    return render_template(
        "hours.html",
        stands=standing(calendar, now),
        week=week_of(calendar, now),
        hours={kind: write_spans(calendar.hours.get(kind, ())) for kind in DayKind},
        exceptions=sorted((day, each) for day, each in calendar.exceptions.items() if day >= today),
        known_until=calendar.known_until,
        unknown_soon=calendar.known_until is not None and (calendar.known_until - today).days < 60,
        phones=plan.phones,
        there={each.id for each in on_duty(plan.phones, calendar, now)},
        spans=write_spans,
        times=write_times,
        lens=Lens(who),
    )


@blueprint.post("/week")
def set_week() -> ResponseReturnValue:
    """Take the hours of all kinds of days; no hours anywhere means always open."""
    hours = {kind: request.form.get(kind.value, "").strip() for kind in DayKind}
    given = {kind: spans for kind, spans in hours.items() if spans}
    console_services().hours_register.set_week(given)
    return _done("hours.week", "; ".join(f"{kind.value} {spans}" for kind, spans in given.items()) or "always open")


@blueprint.post("/exceptions")
def set_exception() -> ResponseReturnValue:
    """Take hours for one date, or none."""
    form, day = request.form, needed_day(request.form.get("day", ""))
    console_services().hours_register.set_exception(day, form.get("hours", ""), form.get("why", ""))
    return _done("hours.exception", f"{day}: {form.get('hours', '').strip() or 'closed'}")


@blueprint.post("/exceptions/drop")
def drop_exception() -> ResponseReturnValue:
    """Let a date have its usual hours again."""
    day = needed_day(request.form.get("day", ""))
    console_services().hours_register.drop_exception(day)
    return _done("hours.exception_dropped", str(day))


@blueprint.post("/duty")
def add_phone() -> ResponseReturnValue:
    """Add a duty phone."""
    form = request.form
    position = form.get("position", type=int)
    phone = console_services().hours_register.add_phone(
        form.get("name", ""), form.get("number", ""), form.get("times", ""), position
    )
    return _done("duty.added", f"duty:{phone}")


@blueprint.post("/duty/<int:phone_id>")
def change_phone(phone_id: int) -> ResponseReturnValue:
    """Change a duty phone: whose it is, its number, when, and where in the order."""
    form = request.form
    position = form.get("position", type=int)
    console_services().hours_register.change_phone(
        phone_id, form.get("name", ""), form.get("number", ""), form.get("times", ""), position
    )
    return _done("duty.changed", f"duty:{phone_id}")


@blueprint.post("/duty/<int:phone_id>/drop")
def drop_phone(phone_id: int) -> ResponseReturnValue:
    """Take a phone off the rota."""
    console_services().hours_register.drop_phone(phone_id)
    return _done("duty.dropped", f"duty:{phone_id}")


def _done(action: str, detail: str) -> ResponseReturnValue:
    write_down(action, detail)
    flash(text("hours.saved"))
    return redirect(url_for("hours_page.show"))

"""Work lists: what waits for a person, taken by one at a time, done with an outcome, or put off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import LEADS, identity
from agent_console.desk import promise_requests
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens, audit_list, write_down
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text
from db.models import Elder
from routing.errors import Invalid
from routing.orders.sos import COMPLAINT_RESULTS, RESULTS
from routing.outreach.not_reached import RESULTS as NOT_REACHED_RESULTS
from routing.worklists.lists import MOST, Task
from routing.worklists.policy import LISTS

_LONGEST = 2_000  # Characters of an outcome.

blueprint = Blueprint("tasks_page", __name__, url_prefix="/desk/tasks")


@blueprint.get("")
def show() -> str:
    """One list, by default the first that is not empty; each name that is shown is written down."""
    services, who = console_services(), identity()
    counts = services.tasks.counts()
    chosen = request.args.get("list", "")
    if chosen not in LISTS:
        chosen = next((name for name in LISTS if counts[name]), LISTS[0])
    tasks = services.tasks.open(chosen)
    audit_list(services, who, "task.listed", [each.subject for each in tasks])
    now = services.clock()
    later = (now + timedelta(hours=1)).astimezone(services.settings.zone)
    return render_template(
        "tasks.html", chosen=chosen, counts=counts, tasks=tasks, now=now, who=who, lens=Lens(who), most=MOST,
        people=people_of(services, (each.claim.by for each in tasks if each.claim.by)),
        names=_names(services, tasks), results={"sos": RESULTS, "not_reached": NOT_REACHED_RESULTS},
        findings=COMPLAINT_RESULTS, later=f"{later:%Y-%m-%dT%H:%M}", leads=who.role in LEADS,
    )  # fmt: skip


@blueprint.post("/<what>/<int:number>/claim")
def claim(what: str, number: int) -> ResponseReturnValue:
    """Take a task: nobody else can for a while."""
    services, who = console_services(), identity()
    services.tasks.claims.take(f"{what}:{number}", who.actor)
    return _done("task.claimed", f"{what}:{number}", text("task.claimed"))


@blueprint.post("/<what>/<int:number>/release")
def release(what: str, number: int) -> ResponseReturnValue:
    """Let go of it; supervisors may let go of anybody's."""
    services, who = console_services(), identity()
    services.tasks.claims.release(f"{what}:{number}", who.actor, anybodys=who.role in LEADS)
    return _done("task.released", f"{what}:{number}", text("task.released"))


@blueprint.post("/<what>/<int:number>/defer")
def defer(what: str, number: int) -> ResponseReturnValue:
    """Put it off to a time."""
    services, who = console_services(), identity()
    services.tasks.claims.defer(f"{what}:{number}", who.actor, _time(request.form.get("until", "")))
    return _done("task.deferred", f"{what}:{number}", text("task.deferred"))


@blueprint.post("/<what>/<int:number>/done")
def done(what: str, number: int) -> ResponseReturnValue:
    """Close it with what became of it. Whoever closes takes it first: one whom somebody else has stays theirs."""
    services, who, form = console_services(), identity(), request.form
    outcome, result = form.get("outcome", "").strip()[:_LONGEST], form.get("result", "")
    subject, kind = f"{what}:{number}", form.get("kind", "")
    if kind == "promise" and what == "callback":
        promise_requests.cancel_promise(services, who, number, outcome[:200])
        return _done("task.done", subject, text("promise.cancel.asked"))
    if not outcome:
        raise Invalid("a case is closed with an outcome: say what became of it")
    services.tasks.claims.take(subject, who.actor)
    if what == "case":
        services.cases.close(number, outcome, who.user_id, who.actor, result=result)
    elif kind == "message":
        services.messages.close(number, outcome, who.actor)
    elif kind == "not_reached":
        services.not_reached.close(number, result, outcome, who.actor)
    else:
        abort(400)
    services.tasks.claims.forget(subject)
    return _done("task.done", subject, text("task.done"))


def _done(action: str, subject: str, said: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, subject, "")
    flash(said)
    return redirect(url_for("tasks_page.show", list=request.args.get("list") or None))


def _time(given: str) -> datetime:
    """Read the time of a form, as 2026-03-01T14:30 on the clocks of the hotline. Raises Invalid."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=console_services().settings.zone)
    except ValueError:
        raise Invalid(text("task.bad_time")) from None


def _names(services: ConsoleServices, tasks: Iterable[Task]) -> Mapping[int, str]:
    ids = {each.elder_id for each in tasks if each.elder_id is not None}
    with services.reading() as work:
        return {row.id: row.name for row in work.execute(select(Elder.id, Elder.name).where(Elder.id.in_(ids)))}

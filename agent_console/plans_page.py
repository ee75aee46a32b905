"""Plans of an elder: what comes again and again, its next dates, pauses and exceptions. Each change is audited."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.plan_form import EVERY, WEEKDAYS, read_date, read_wish
from agent_console.privacy import Lens, audit, write_down
from agent_console.problems import for_people
from agent_console.record import items
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Company, Elder
from routing.errors import DomainError, Invalid, NotFound
from routing.orders.planning.policy import HolidayWay, Occurrence
from routing.orders.planning.views import PlanView

_CHANGES = frozenset({"pause", "resume", "skip", "move", "end"})

blueprint = Blueprint("plans_page", __name__, url_prefix="/desk")


@blueprint.get("/elders/<int:elder_id>/plans")
def of_elder(elder_id: int) -> str:
    """The plans of an elder, and the form of a new one."""
    return _page(elder_id)


@blueprint.post("/elders/<int:elder_id>/plans")
def create(elder_id: int) -> ResponseReturnValue:
    """Make a plan, or show the dates that it would have."""
    services, form = console_services(), request.form
    try:
        wish = read_wish(form, form.getlist("day"))
        if "preview" in form:
            return _page(elder_id, services.plans.preview_of(wish))
        plan = services.plans.create(elder_id, wish, key=f"desk-{form.get('key', '')[:80]}")
    except Invalid as refused:
        return _page(elder_id, refused=for_people(refused)), 422
    return _done(plan, "plan.created", text("plan.made"))


@blueprint.get("/plans/<int:plan_id>")
def show(plan_id: int) -> str:
    """One plan with its next dates, and why others are left out."""
    services, who = console_services(), identity()
    plan = services.plans.get(plan_id)
    audit(services, who, "plan.record", f"elder:{plan.elder_id}", f"plan:{plan_id}")
    return render_template(
        "plan.html", plan=plan, dates=services.plans.preview(plan_id), known_until=services.plans.known_until(),
        lens=Lens(who),
    )  # fmt: skip


@blueprint.post("/plans/<int:plan_id>/<what>")
def change(plan_id: int, what: str) -> ResponseReturnValue:
    """Pause it, go on, skip or move one date, or end it."""
    if what not in _CHANGES:
        abort(404)
    plans, form, why = console_services().plans, request.form, request.form.get("why", "")
    version = form.get("version", type=int)
    try:
        first, last = read_date(form, "first"), read_date(form, "last")
        if what == "resume":
            plan = plans.resume(plan_id, first, version=version)
        elif what == "end":
            plan = plans.end(plan_id, why, last_day=last, version=version)
        elif first is None or (what == "move" and last is None):
            raise Invalid(text("plan.bad"))  # All that is refused goes one way.
        elif what == "pause":
            plan = plans.pause(plan_id, first, last, why, version=version)
        else:
            plan = plans.skip(plan_id, first, to=last if what == "move" else None, why=why, version=version)
    except DomainError as refused:
        if isinstance(refused, NotFound) and "there is no plan" in str(refused):
            raise
        flash(text("plan.refused", why=for_people(refused)))
        return redirect(url_for("plans_page.show", plan_id=plan_id))
    return _done(plan, f"plan.{what}", text("plan.changed"))


def _page(elder_id: int, dates: tuple[Occurrence, ...] = (), refused: str = "") -> str:
    services, who = console_services(), identity()
    with services.reading() as work:
        elder = work.scalar(select(Elder).where(Elder.id == elder_id))
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        companies = list(work.execute(select(Company.id, Company.name).where(Company.active).order_by(Company.id)))
    audit(services, who, "plan.listed", f"elder:{elder_id}")
    form = request.form
    given = {
        name: form.get(name, "") for name in ("item", "every", "rule", "times", "ends", "holidays", "company", "note")
    }
    given["starts"] = form.get("starts") or str(services.clock().astimezone(services.settings.zone).date())
    return render_template(
        "plans.html", elder=elder, plans=services.plans.of_elder(elder_id), items=items(services), companies=companies,
        every=EVERY, weekdays=WEEKDAYS, chosen=form.getlist("day"), ways=[way.value for way in HolidayWay], given=given,
        dates=dates, refused=refused, key=form.get("key") or uuid.uuid4().hex, lens=Lens(who),
        known_until=services.plans.known_until(),
    )  # fmt: skip


def _done(plan: PlanView, action: str, message: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"elder:{plan.elder_id}", f"plan:{plan.id} v{plan.version}")
    flash(message)
    return redirect(url_for("plans_page.show", plan_id=plan.id))

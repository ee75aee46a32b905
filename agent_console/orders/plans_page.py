"""Plans of an elder: what comes again and again, its next dates, pauses and exceptions. Each change is audited."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.desk.order_form import read_amount
from agent_console.desk.record import items
from agent_console.orders.plan_form import EVERY, FIELDS, WEEKDAYS, fields_of, read_wish
from agent_console.orders.plan_reasons import in_words
from agent_console.privacy import Lens, audit, write_down
from agent_console.problems import for_people
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Company, Elder, Worker
from routing.errors import Conflict, DomainError, Invalid, NotFound
from routing.orders.planning.policy import HolidayWay, Occurrence
from routing.orders.planning.views import PlanView, PlanWish
from routing.orders.pricing.policy import Rate, Unit
from routing.orders.quotes import quantity_of

_MOST_WORKERS = 500
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
        wish = _wish(elder_id)
        if "preview" in form:
            return _page(elder_id, services.plans.preview_of(wish))
        plan = services.plans.create(elder_id, wish, key=f"desk-{form.get('key', '')[:80]}")
    except Invalid as refused:
        return _page(elder_id, refused=for_people(refused)), 422
    return _done(plan, "plan.created", text("plan.made"))


@blueprint.get("/plans/<int:plan_id>")
def show(plan_id: int) -> str:
    """One plan with its next dates, and why others are left out."""
    return _one(console_services().plans.get(plan_id))


@blueprint.post("/plans/<int:plan_id>/wish")
def change_wish(plan_id: int) -> ResponseReturnValue:
    """Change what a plan wants, or show the dates that it would have then."""
    plans, form = console_services().plans, request.form
    plan = plans.get(plan_id)
    try:
        wish = _wish(plan.elder_id, plan.zone)
        if "preview" in form:
            return _one(plan, plans.preview_of(wish, plan_id=plan_id))
        plan = plans.change(plan_id, wish, version=form.get("version", type=int))
    except DomainError as refused:
        return _one(plan, refused=for_people(refused)), 409 if isinstance(refused, Conflict) else 422
    return _done(plan, "plan.changed", text("plan.changed"))


@blueprint.post("/plans/<int:plan_id>/<what>")
def change(plan_id: int, what: str) -> ResponseReturnValue:
    """Pause it, go on, skip or move one date, or end it."""
    if what not in _CHANGES:
        abort(404)
    plans, form, why = console_services().plans, request.form, request.form.get("why", "")
    version = form.get("version", type=int)
    try:
        first, last = day_of(form, "first"), day_of(form, "last")
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


def _wish(elder_id: int, zone: str = "") -> PlanWish:
    """Read the form with its quantity, in pieces or hours by the tariff of today. Raises Invalid and PriceRefused."""
    wish = read_wish(request.form, request.form.getlist("day"), zone)
    amount = read_amount(request.form.get("quantity", ""))
    if amount is None:
        return wish
    rate = _rates(elder_id, [wish.item_id]).get(wish.item_id)
    return wish if rate is None else replace(wish, quantity=quantity_of(rate, amount))


def _rates(elder_id: int, item_ids: list[int]) -> dict[int, Rate]:
    services = console_services()
    return services.prices.rates_for(elder_id, item_ids, services.clock())


def _choices() -> dict[str, Any]:
    """What the form of a plan chooses among."""
    services = console_services()
    with services.reading() as work:
        companies = work.execute(select(Company.id, Company.name).where(Company.active).order_by(Company.id)).all()
        workers = work.execute(
            select(Worker.id, Worker.code, Worker.name, Company.name.label("company_name"))
            .join(Company, Company.id == Worker.company_id)
            .where(Worker.active, Company.active)
            .order_by(Worker.company_id, Worker.code)
            .limit(_MOST_WORKERS)
        ).all()
    return {
        "items": items(services), "companies": companies, "workers": workers, "every": EVERY, "weekdays": WEEKDAYS,
        "why": in_words, "ways": [way.value for way in HolidayWay], "known_until": services.plans.known_until(),
    }  # fmt: skip


def _given(names: Iterable[str]) -> dict[str, str]:
    return {name: request.form.get(name, "") for name in names}


def _one(plan: PlanView, dates: tuple[Occurrence, ...] | None = None, refused: str = "") -> str:
    """The page of a plan; with `dates` they are those that it would have as the form has it."""
    services, who = console_services(), identity()
    audit(services, who, "plan.record", f"elder:{plan.elder_id}", f"plan:{plan.id}")
    given, chosen = fields_of(plan)
    rate = _rates(plan.elder_id, [plan.item_id]).get(plan.item_id)
    hourly = rate is not None and rate.unit is Unit.HOUR
    given["quantity"] = "" if plan.quantity is None else f"{plan.quantity / 60:g}" if hourly else str(plan.quantity)
    shown = dict(given)
    if "item" in request.form:
        given, chosen = _given(given), request.form.getlist("day")
    return render_template(
        "plan.html", plan=plan, dates=services.plans.preview(plan.id), would=dates, refused=refused, given=given,
        chosen=chosen, quantity=shown["quantity"], unit=rate.unit.value if rate else "piece", lens=Lens(who),
        **_choices(),
    )  # fmt: skip


def _page(elder_id: int, dates: tuple[Occurrence, ...] = (), refused: str = "") -> str:
    services, who = console_services(), identity()
    with services.reading() as work:
        elder = work.scalar(select(Elder).where(Elder.id == elder_id))
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
    audit(services, who, "plan.listed", f"elder:{elder_id}")
    form, given = request.form, _given(FIELDS)
    given["starts"] = form.get("starts") or str(services.clock().astimezone(services.settings.zone).date())
    return render_template(
        "plans.html", elder=elder, plans=services.plans.of_elder(elder_id), chosen=form.getlist("day"),
        given=given, dates=dates, refused=refused, key=form.get("key") or uuid.uuid4().hex, lens=Lens(who),
        **_choices(),
    )  # fmt: skip


def _done(plan: PlanView, action: str, message: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"elder:{plan.elder_id}", f"plan:{plan.id} v{plan.version}")
    flash(message)
    return redirect(url_for("plans_page.show", plan_id=plan.id))

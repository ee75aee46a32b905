"""A company and its workers as forms: changed, ended, let back; a PIN is shown once, in the answer that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.privacy import audit
from agent_console.services import console_services
from agent_console.texts import text
from db.models import ServiceItem, Worker
from routing.errors import Conflict, Invalid, NotFound
from routing.numbers import as_dialled
from routing.orders.providers.keeping import ChangedByOther, CompanyDetails
from routing.orders.providers.workers import HasOrders, WorkerDetails

blueprint = Blueprint("keeping_page", __name__, url_prefix="/admin/companies")


@blueprint.get("/<int:company_id>")
def show(company_id: int) -> ResponseReturnValue:
    """The forms."""
    return _page(company_id)


@blueprint.post("/<int:company_id>")
def change(company_id: int) -> ResponseReturnValue:
    """Change the company; nothing is written over that somebody else changed meanwhile."""
    services = console_services()
    try:
        wanted, seen = _entered(request.form), _seen(request.form.get("seen", ""))
        services.provider_keeping.change(company_id, wanted, seen, identity().actor)
    except ChangedByOther:
        return _page(company_id, refused=text("keeping.changed"), status=409)
    return _done(company_id)


@blueprint.post("/<int:company_id>/<what>")
def act(company_id: int, what: str) -> ResponseReturnValue:
    """End the company, let it back, or add a worker."""
    services, form, actor = console_services(), request.form, identity().actor
    keeping = services.provider_keeping
    if what == "worker":
        details = WorkerDetails(form.get("name", ""), form.get("phone", ""))
        made = keeping.add_worker(company_id, form.get("code", "").strip(), details, actor)
        return _page(company_id, told=made.pin, of=made.id)
    if what == "end":
        try:
            keeping.end_company(company_id, form.get("reason", ""), actor)
        except HasOrders as busy:
            return _page(company_id, refused=text("keeping.has_orders", orders=", ".join(busy.orders)), status=409)
        _decline(company_id)
    elif what == "resume":
        keeping.resume_company(company_id, actor)
    else:
        raise NotFound(f"nothing is called {what}")
    return _done(company_id)


@blueprint.post("/workers/<int:worker_id>/<what>")
def act_on_worker(worker_id: int, what: str) -> ResponseReturnValue:
    """Change a worker, give another PIN, end them or let them back."""
    services, form, actor = console_services(), request.form, identity().actor
    keeping = services.provider_keeping
    with services.reading() as work:
        company_id = work.scalar(select(Worker.company_id).where(Worker.id == worker_id))
    if company_id is None:
        raise NotFound(f"there is no worker {worker_id}")
    if what == "change":
        keeping.change_worker(worker_id, WorkerDetails(form.get("name", ""), form.get("phone", "")), actor)
    elif what in ("pin", "resume"):
        pin = keeping.new_pin(worker_id, actor) if what == "pin" else keeping.resume_worker(worker_id, actor)
        return _page(company_id, told=pin, of=worker_id)
    elif what == "end":
        try:
            keeping.end_worker(worker_id, form.get("reason", ""), actor)
        except HasOrders as busy:
            return _page(company_id, refused=text("keeping.has_orders", orders=", ".join(busy.orders)), status=409)
    else:
        raise NotFound(f"nothing is called {what}")
    return _done(company_id)


def _decline(company_id: int) -> None:
    """What is offered to a company that was ended goes on to others at once."""
    services, actor = console_services(), identity().actor
    for order_id in services.suspensions.offered_to(company_id):
        try:
            services.dispatch.answer_for(order_id, company_id, False, actor=actor, reason="the company was ended")
        except Conflict:  # It was answered meanwhile: then the order is theirs, and stands on the page.
            continue


def _page(
    company_id: int, *, refused: str = "", told: str = "", of: int | None = None, status: int = 200
) -> ResponseReturnValue:
    services, who = console_services(), identity()
    company, details = services.provider_keeping.company(company_id)
    with services.reading() as work:
        items = work.scalars(select(ServiceItem).where(ServiceItem.active).order_by(ServiceItem.code)).all()
    audit(services, who, "provider.record", f"company:{company_id}")
    page = render_template(
        "keeping.html", company=company, details=details, seen=json.dumps(asdict(details)), items=items,
        workers=services.provider_keeping.workers(company_id), refused=refused, told=told, of=of,
        clock=_clock, dialled=lambda number: as_dialled(number, services.settings.country),
    )  # fmt: skip
    return page, status


def _entered(form: Mapping[str, str]) -> CompanyDetails:
    """Read the form. Raises Invalid."""
    districts = tuple(each.strip() for each in form.get("districts", "").replace("，", ",").split(",") if each.strip())
    return CompanyDetails(
        form.get("name", ""), form.get("phone", ""), tuple(sorted(request.form.getlist("items"))), districts,
        int(_number(form, "daily_capacity") or 0), _minute(form.get("open_from", "")),
        _minute(form.get("open_until", "")), _number(form, "latitude"), _number(form, "longitude"),
        _number(form, "radius_km"),
    )  # fmt: skip


def _number(form: Mapping[str, str], name: str) -> float | None:
    given = form.get(name, "").strip()
    try:
        found = float(given) if given else None
    except ValueError:
        found = float("nan")
    if found is not None and not -100_000 < found < 100_000:
        raise Invalid(text("company.number.bad"))
    return found


def _minute(given: str) -> int:
    hour, _, minute = given.strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit() and int(minute) < 60):
        raise Invalid(text("keeping.time.bad"))
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _seen(told: str) -> CompanyDetails:
    try:
        found: dict[str, Any] = json.loads(told)
        return CompanyDetails(**{**found, "items": tuple(found["items"]), "districts": tuple(found["districts"])})
    except (ValueError, TypeError, KeyError):
        raise Invalid(text("elder.form.bad")) from None


def _done(company_id: int) -> ResponseReturnValue:
    flash(text("company.saved"))
    return redirect(url_for("keeping_page.show", company_id=company_id))

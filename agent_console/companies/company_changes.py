"""What supervisors change about companies: suspensions, when they take orders, telephones, PINs. All is audited."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import structlog
from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console import privacy
from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Conflict, Invalid
from routing.orders.commands import SendBack
from routing.orders.providers.register import NewCompany
from routing.orders.providers.suspending import SuspensionView

log = structlog.get_logger(__name__)

blueprint = Blueprint("company_changes", __name__, url_prefix="/supervisor/companies")

_LONGEST = 2000
"""Characters of a reason."""


def write_down(action: str, company_id: int, detail: str = "") -> None:
    """Write down that whoever asks has made this change; no numbers, no names."""
    privacy.write_down(console_services(), identity(), action, f"company:{company_id}", detail)


def suspend_company(
    company_id: int, reason: str, *, from_at: datetime | None = None, until: datetime | None = None
) -> SuspensionView:
    """Suspend a company; what is offered to it goes back to dispatch at once. Raises as `Suspensions.suspend` does."""
    services, who = console_services(), identity()
    done = services.suspensions.suspend(
        company_id, reason, actor=who.actor, user_id=who.user_id, from_at=from_at, until=until
    )
    write_down("provider.suspended", company_id, f"until {until.isoformat() if until else 'lifted'}: {reason}"[:500])
    if services.suspensions.now(company_id) is not None:
        for order_id in services.suspensions.offered_to(company_id):
            try:
                services.dispatch.answer_for(
                    order_id, company_id, False, actor=who.actor, reason="the company is suspended"
                )
            except Conflict:  # It was answered meanwhile: then it is among those that a person looks at.
                log.info("companies.answered_meanwhile", order_id=order_id)
    return done


@blueprint.post("")
def add() -> ResponseReturnValue:
    """Add a company."""
    form = request.form
    company_id = console_services().company_register.add(
        NewCompany(
            form.get("code", "").strip(), form.get("name", ""), form.get("phone", ""), _words("items"),
            _words("districts"),
        )
    )  # fmt: skip
    write_down("provider.added", company_id, form.get("code", "").strip())
    return _done(company_id)


@blueprint.post("/<int:company_id>/suspend")
def suspend(company_id: int) -> ResponseReturnValue:
    """Suspend a company, to the end of a day or until it is lifted."""
    suspend_company(company_id, request.form.get("reason", "")[:_LONGEST], until=_end_of("until"))
    return _done(company_id)


@blueprint.post("/<int:company_id>/lift")
def lift(company_id: int) -> ResponseReturnValue:
    """Lift a suspension."""
    reason = request.form.get("reason", "")[:_LONGEST]
    console_services().suspensions.lift(company_id, reason, actor=identity().actor)
    write_down("provider.suspension_lifted", company_id, reason[:500])
    return _done(company_id)


@blueprint.post("/<int:company_id>/orders/<int:order_id>/reassign")
def reassign(company_id: int, order_id: int) -> ResponseReturnValue:
    """Take an accepted order back from a company: dispatch asks others."""
    who = identity()
    console_services().orders.carry_out(
        order_id, SendBack(), actor=who.actor, channel="desk", reason=f"taken back from company {company_id}"
    )
    write_down("provider.order_taken_back", company_id, f"order:{order_id}")
    flash(text("company.given_back"))
    return redirect(url_for("companies_page.show", company_id=company_id))


@blueprint.post("/<int:company_id>/availability")
def set_availability(company_id: int) -> ResponseReturnValue:
    """Close a company to the end of a day, open it again, or say how many orders it takes today."""
    said = console_services().availability
    by: dict[str, Any] = {"actor": identity().actor, "channel": "desk"}
    match request.form.get("change"):
        case "close":
            now = said.close(company_id, until=_end_of("until"), **by)
        case "reopen":
            now = said.reopen(company_id, **by)
        case _:
            capacity = request.form.get("capacity", type=int)
            if capacity is None:
                raise Invalid(text("company.number.bad"))
            now = said.set_capacity(company_id, capacity, **by)
    write_down("provider.availability", company_id, f"closed until {now.closed_until}, capacity {now.capacity}")
    return _done(company_id)


@blueprint.post("/<int:company_id>/phones")
def add_phone(company_id: int) -> ResponseReturnValue:
    """Know a company by one more telephone."""
    form = request.form
    phone = console_services().company_register.add_phone(company_id, form.get("number", ""), form.get("label", ""))
    write_down("provider.phone_added", company_id, f"phone:{phone}")
    return _done(company_id)


@blueprint.post("/<int:company_id>/phones/<int:phone_id>/drop")
def drop_phone(company_id: int, phone_id: int) -> ResponseReturnValue:
    """Forget a further telephone."""
    console_services().company_register.drop_phone(company_id, phone_id)
    write_down("provider.phone_dropped", company_id, f"phone:{phone_id}")
    return _done(company_id)


@blueprint.post("/<int:company_id>/pin")
def set_pin(company_id: int) -> ResponseReturnValue:
    """Set the PIN for calls from other telephones, or take it away."""
    pin = request.form.get("pin", "").strip()
    console_services().company_register.set_pin(company_id, pin, actor=identity().actor)
    write_down("provider.pin_set" if pin else "provider.pin_dropped", company_id)
    return _done(company_id)


def _done(company_id: int) -> ResponseReturnValue:
    flash(text("company.saved"))
    return redirect(url_for("companies_page.show", company_id=company_id))


def _words(name: str) -> tuple[str, ...]:
    given = request.form.get(name, "").replace("，", ",").split(",")
    return tuple(each.strip() for each in given if each.strip())


def _end_of(name: str) -> datetime | None:
    """Read a date of the form and give the end of that local day; None when it is left out. Raises Invalid."""
    day = day_of(request.form, name)
    return datetime.combine(day + timedelta(days=1), time(), console_services().settings.zone) if day else None

"""Deregistering an elder: what ends with it, which open orders nobody needs, and undoing it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.privacy import audit
from agent_console.services import console_services
from agent_console.texts import text
from routing.elders.departures import STATES, UNDO_WITHIN, Departure, can_cancel
from routing.errors import Invalid

blueprint = Blueprint("departures_page", __name__, url_prefix="/elders/<int:elder_id>/departure")


@blueprint.get("")
def show(elder_id: int) -> str:
    """What would end, and what was decided before. The look is in the audit."""
    services = console_services()
    standing = services.departures.standing(elder_id)
    audit(services, identity(), "elder.record", f"elder:{elder_id}")
    return render_template(
        "departure.html", standing=standing, elder=standing.elder, states=STATES, days=UNDO_WITHIN.days,
        today=services.clock().astimezone(services.settings.zone).date(), can_cancel=can_cancel,
    )  # fmt: skip


@blueprint.post("")
def depart(elder_id: int) -> ResponseReturnValue:
    """Deregister."""
    services, form = console_services(), request.form
    today = services.clock().astimezone(services.settings.zone).date()
    on = day_of(form, "on") or today
    if on > today:
        raise Invalid(text("departure.future"))
    orders = form.getlist("cancel")
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in orders):
        raise Invalid(text("elder.form.bad"))
    wanted = Departure(elder_id, form.get("state", ""), on, form.get("note", ""), frozenset(map(int, orders)))
    services.departures.depart(wanted, identity().actor)
    flash(text("departure.done"))
    return redirect(url_for("departures_page.show", elder_id=elder_id))


@blueprint.post("/<int:departure_id>/undo")
def undo(elder_id: int, departure_id: int) -> ResponseReturnValue:
    """Serve the elder again."""
    console_services().departures.undo(departure_id, identity().actor)
    flash(text("departure.undone"))
    return redirect(url_for("departures_page.show", elder_id=elder_id))

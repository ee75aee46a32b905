"""The voice menus: when each kind of services is offered, and what callers hear at an hour. Changes are audited."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.asked_days import read_day
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Invalid
from routing.orders.kinds import Menu
from routing.orders.menu_times import LONGEST

blueprint = Blueprint("menus_page", __name__, url_prefix="/supervisor/menus")


@blueprint.get("")
def show() -> str:
    """All kinds with their times, and the menus as they are told at the asked moment: now if none is given."""
    services = console_services()
    at = _asked_moment(services.clock().astimezone(services.settings.zone))
    offered = services.orders.kinds(at=at)
    told = {menu: [each for each in offered if each.menu == menu] for menu in Menu}
    return render_template(
        "menus.html", kinds=services.orders.all_kinds(), told=told, now={each.code for each in services.orders.kinds()},
        at=at, longest=LONGEST,
    )  # fmt: skip


@blueprint.post("/<kind>")
def set_times(kind: str) -> ResponseReturnValue:
    """Take the times of a kind: nothing is always, off is never."""
    console_services().items.set_menu_times(kind, request.form.get("times", ""), identity().actor)
    flash(text("menus.saved"))
    return redirect(url_for("menus_page.show"))


def _asked_moment(now: datetime) -> datetime:
    day, clock = read_day(request.args.get("day", "")), request.args.get("time", "").strip()
    try:
        at = time.fromisoformat(clock) if clock else now.time()
    except ValueError:
        raise Invalid(text("menus.time.bad")) from None
    if at.tzinfo is not None:
        raise Invalid(text("menus.time.bad"))
    return datetime.combine(day or now.date(), at, now.tzinfo)

"""Notes to all agents: written here, and who has read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens
from agent_console.services import console_services
from agent_console.texts import text
from routing.bulletins.book import LONGEST
from routing.errors import Invalid

_USUAL = timedelta(hours=2)

blueprint = Blueprint("bulletins_page", __name__, url_prefix="/supervisor/bulletins")


@blueprint.get("")
def show() -> str:
    """A form, and the latest notes with their readers."""
    services = console_services()
    posted = services.bulletins.posted()
    until = (services.clock() + _USUAL).astimezone(services.settings.zone)
    return render_template(
        "bulletins.html", posted=posted, skills=services.bulletins.skills(), longest=LONGEST,
        until=f"{until:%Y-%m-%dT%H:%M}", lens=Lens(identity()),
        people=people_of(services, {each.made_by for each in posted} | {each.ended_by for each in posted}),
    )  # fmt: skip


@blueprint.post("")
def post() -> ResponseReturnValue:
    """Put one on the desks."""
    form = request.form
    console_services().bulletins.post(
        form.get("words", ""), _time(form.get("until", "")), identity().actor,
        important="important" in form, skill=form.get("skill", "").strip()[:40],
    )  # fmt: skip
    flash(text("bulletin.posted"))
    return redirect(url_for("bulletins_page.show"))


@blueprint.post("/<int:bulletin_id>/end")
def end(bulletin_id: int) -> ResponseReturnValue:
    """Take one off the desks."""
    console_services().bulletins.end(bulletin_id, identity().actor)
    flash(text("bulletin.ended"))
    return redirect(url_for("bulletins_page.show"))


def _time(given: str) -> datetime:
    try:
        return datetime.fromisoformat(given).replace(tzinfo=console_services().settings.zone)
    except ValueError:
        raise Invalid(text("bulletin.until.bad")) from None

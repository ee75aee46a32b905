"""What supervisors told all agents, on the desk: until it is read, or over."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.services import console_services
from routing.errors import NotFound

blueprint = Blueprint("bulletin_board", __name__, url_prefix="/desk/bulletins")


@blueprint.get("/standing")
def standing() -> str:
    """The part of the desk that has them; the page asks for it by itself."""
    services, who = console_services(), identity()
    notes = services.bulletins.on_desk(who.user_id) if who.user_id is not None else ()
    return render_template("_bulletins.html", notes=notes, people=people_of(services, {each.made_by for each in notes}))


@blueprint.post("/<int:bulletin_id>/read")
def read(bulletin_id: int) -> ResponseReturnValue:
    """Say that one has read it."""
    who = identity()
    if who.user_id is None:
        raise NotFound(f"there is no note {bulletin_id} on your desk")
    console_services().bulletins.read(bulletin_id, who.user_id)
    if request.headers.get("X-Requested-With") == "fetch":
        return "", 204
    return redirect(url_for("desk.show"))

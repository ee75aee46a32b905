"""What supervisors do from the wallboard: set an agent's state, take part in a talk, end a call, move who waits."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.desk import talk_requests
from agent_console.desk.talk_requests import Wish
from agent_console.services import console_services
from agent_console.texts import text
from routing.calls.messages import ASKED_STATES, CallerClass, SetAgentState
from routing.calls.supervise_messages import Ear, MoveTicket
from routing.errors import Conflict, Invalid, NotFound

_LONGEST_REASON = 200  # Characters.

blueprint = Blueprint("leading", __name__, url_prefix="/supervisor")


@blueprint.post("/agents")
def act_on_agent() -> ResponseReturnValue:
    """Do what was chosen with an agent, or with the talk they have."""
    services, who, form = console_services(), identity(), request.form
    extension, action, reason = form.get("extension", ""), form.get("action", ""), _reason()
    agent = services.board.get(extension)
    if agent is None:
        raise NotFound(f"there is no agent {extension}")
    if action in ASKED_STATES:
        talk_requests.write_down_state(services, who, extension, action, reason)
        services.board.command(SetAgentState(extension, ASKED_STATES[action], reason, who.actor))
    elif agent.call_id is None or not agent.legs:
        raise Conflict(f"agent {extension} is in no talk")
    elif action == "end":
        talk_requests.end_talk(services, who, agent.call_id, reason)
    elif action in set(Ear):
        at = form.get("at", "").strip() or who.extension or ""
        talk_requests.supervise(services, who, agent.call_id, Wish(Ear(action), at, reason))
    else:
        abort(400)
    return _asked()


@blueprint.post("/tickets")
def move_ticket() -> ResponseReturnValue:
    """Move a ticket that waits."""
    form, who = request.form, identity()
    caller_class = form.get("caller_class", "")
    if caller_class and caller_class not in set(CallerClass):
        abort(400)
    wanted = MoveTicket(
        form.get("ticket_id", ""), form.get("agent", "").strip(), form.get("skill", "").strip()[:40], caller_class,
        "front" in form, who.actor,
    )  # fmt: skip
    talk_requests.move_ticket(console_services(), who, wanted, _reason())
    return _asked()


def _reason() -> str:
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    if not reason:
        raise Invalid(text("lead.reason.missing"))
    return reason


def _asked() -> ResponseReturnValue:
    flash(text("lead.asked"))
    return redirect(url_for("supervision.wallboard"))

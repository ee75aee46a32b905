"""The work list: messages that callers left, until a person has called back and says what became of it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.privacy import Lens, audit, audit_list, write_down
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import NotFound

blueprint = Blueprint("worklist", __name__, url_prefix="/desk/messages")


@blueprint.get("")
def show() -> str:
    """All messages that nobody has closed, the oldest first."""
    services, who = console_services(), identity()
    left = services.messages.open()
    audit_list(services, who, "message.listed", [f"callback:{each.id}" for each in left])
    heard = {each.id: services.messages.recording(each.call_id) is not None for each in left}
    now = services.clock()
    return render_template("messages.html", messages=left, heard=heard, now=now, lens=Lens(who), who=who)


@blueprint.get("/<int:callback_id>/recording")
def recording(callback_id: int) -> Response:
    """What was said. Whoever listens is written down first."""
    services, who = console_services(), identity()
    left = services.messages.get(callback_id)
    path = services.messages.recording(left.call_id)
    if path is None:
        raise NotFound(f"there is no recording of message {callback_id}")
    audit(services, who, "message.heard", f"callback:{callback_id}")
    return send_file(path, mimetype="audio/wav", conditional=False, max_age=0)


@blueprint.post("/<int:callback_id>/close")
def close(callback_id: int) -> ResponseReturnValue:
    """Close a message with what became of it."""
    services, who = console_services(), identity()
    services.messages.close(callback_id, request.form.get("outcome", ""), who.actor)
    write_down(services, who, "message.closed", f"callback:{callback_id}", "")
    flash(text("message.closed"))
    return redirect(url_for("worklist.show"))

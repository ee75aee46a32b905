"""The recordings of a call's talks: why one listens, the player, and who has listened."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens
from agent_console.services import console_services
from routing.quality.recordings import REASONS

blueprint = Blueprint("recordings_page", __name__, url_prefix="/supervisor")


@blueprint.get("/calls/<call_id>/sound")
def show(call_id: str) -> str:
    """What was recorded, who listened; with `play`, the player of what was just opened."""
    services, who = console_services(), identity()
    recordings = services.talk_recordings.of_call(call_id)
    asked = request.args.get("play", type=int)
    log = services.talk_recordings.log(call_id)
    return render_template(
        "recordings.html", call_id=call_id, recordings=recordings, log=log, reasons=REASONS, lens=Lens(who),
        play=services.talk_recordings.play(asked, call_id, who.actor) if asked is not None else None,
        people=people_of(services, {each.actor for each in log}),
    )  # fmt: skip


@blueprint.post("/calls/<call_id>/sound")
def listen(call_id: str) -> ResponseReturnValue:
    """Open one, with the reason; it is written down here, once, however the browser fetches it afterwards."""
    form, who = request.form, identity()
    play = console_services().talk_recordings.open(
        call_id, form.get("name", ""), form.get("reason", ""), form.get("remark", ""), who.actor
    )
    return redirect(url_for("recordings_page.show", call_id=call_id, play=play.id))


@blueprint.get("/recordings/<int:play_id>.wav")
def sound(play_id: int) -> Response:
    """What was opened, in the parts that a player asks for."""
    path = console_services().talk_recordings.sound(play_id, identity().actor)
    return send_file(path, mimetype="audio/wav", conditional=True, etag=False, max_age=0)

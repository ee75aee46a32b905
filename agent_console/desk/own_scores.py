"""An agent's own scores, with what supervisors remarked, and the agent's answer to it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens
from agent_console.services import console_services
from agent_console.supervision.quality_page import weeks_of
from agent_console.texts import text
from routing.errors import NotFound

blueprint = Blueprint("own_scores", __name__, url_prefix="/desk/scores")


@blueprint.get("")
def show() -> str:
    """The own ones, the newest first. That they were seen is kept, for the supervisor."""
    services, who = console_services(), identity()
    scores = services.quality.of_user(who.user_id) if who.user_id is not None else ()
    if who.user_id is not None and any(each.seen_at is None for each in scores):
        services.quality.seen(who.user_id)
    return render_template(
        "quality_agent.html", extension=who.extension or "", name=who.name, scores=scores, weeks=weeks_of(scores),
        lens=Lens(who), own=True, people=people_of(services, {each.scored_by for each in scores}),
    )  # fmt: skip


@blueprint.post("/<int:score_id>/answer")
def answer(score_id: int) -> ResponseReturnValue:
    """Say something to a score, once."""
    who = identity()
    if who.user_id is None:
        raise NotFound(f"you have no score {score_id}")
    console_services().quality.answer(score_id, request.form.get("answer", ""), who.user_id, who.actor)
    flash(text("quality.answered"))
    return redirect(url_for("own_scores.show"))

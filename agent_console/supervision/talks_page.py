"""Talks of this moment: listen, whisper or barge in at one press, what is on just now, and its end."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.browser_policy import allow_connection
from agent_console.desk import talk_requests
from agent_console.desk.talk_requests import Wish
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import write_down
from agent_console.services import console_services
from agent_console.supervision.board import agent_names
from agent_console.texts import text
from routing.calls.listening_messages import EndSupervision
from routing.calls.messages import AgentState
from routing.calls.supervise_messages import Ear
from routing.calls.supervisions import SupervisionBoard
from routing.calls.talk import Talk
from routing.calls.tickets import send
from routing.errors import Invalid

_LONGEST_REASON = 200  # Characters.

blueprint = Blueprint("talks_page", __name__, url_prefix="/supervisor/talks")


@dataclass(frozen=True)
class Row:
    """A talk, and the agent's name."""

    talk: Talk
    name: str


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The page, with the telephone of whoever has one; it is drawn anew with each event."""
    phones = (console_services().settings.browser_phones,) if identity().extension else ()
    return allow_connection(make_response(_drawn("talks.html")), *phones)


@blueprint.get("/now")
def now() -> str:
    """What changes of it; the page asks for it by itself."""
    return _drawn("talks_now.html")


@blueprint.post("/<call_id>")
def take_part(call_id: str) -> ResponseReturnValue:
    """Have a phone rung that takes part in a talk in the way that was pressed."""
    form, who = request.form, identity()
    if form.get("ear") not in set(Ear):
        raise Invalid(text("talks.how"))
    wish = Wish(Ear(form["ear"]), form.get("at", "").strip() or who.extension or "", _reason())
    talk_requests.supervise(console_services(), who, call_id, wish)
    flash(text("talks.rings", at=wish.at))
    return redirect(url_for("talks_page.show"))


@blueprint.post("/way/<at>")
def change(at: str) -> ResponseReturnValue:
    """Let a phone that listens take part in another way, without hanging up."""
    if request.form.get("ear") not in set(Ear):
        raise Invalid(text("talks.how"))
    talk_requests.change_ear(console_services(), identity(), at, Ear(request.form["ear"]))
    return redirect(url_for("talks_page.show"))


@blueprint.post("/end/<at>")
def end(at: str) -> ResponseReturnValue:
    """Hang up a phone that listens."""
    services, who = console_services(), identity()
    on = talk_requests.listening(services, at)
    write_down(services, who, "talk.left", f"call:{on.call_id}", f"at {at}: {on.ear}")
    send(services.redis, EndSupervision(at, who.actor))
    flash(text("talks.ending"))
    return redirect(url_for("talks_page.show"))


def _drawn(template: str) -> str:
    services, who = console_services(), identity()
    names = agent_names(services)
    talks = [each for each in talk_requests.board(services).all() if each.extension]
    rows = [Row(each, names.get(each.extension, "")) for each in sorted(talks, key=lambda each: each.extension)]
    phone = services.board.get(who.extension) if who.extension else None
    on = SupervisionBoard(services.redis).all()
    return render_template(
        template, rows=rows, ears=list(Ear), who=who, on=on,
        state=phone.state if phone else AgentState.LOGGED_OFF,
        names=names, people=people_of(services, {each.by for each in on}),
    )  # fmt: skip


def _reason() -> str:
    reason = request.form.get("reason", "").strip()[:_LONGEST_REASON]
    if not reason:
        raise Invalid(text("lead.reason.missing"))
    return reason

"""An SOS on a page of its own, for whoever is on it and whoever comes later; and the banner that leads there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError

from agent_console.access import LEADS, identity
from agent_console.browser_policy import allow_connection
from agent_console.desk import talk_pane, talk_requests
from agent_console.desk.record import CallInHand, call_in_hand, read_record
from agent_console.desk.sos_board import OpenSos, open_sos
from agent_console.desk.sos_view import whereabouts
from agent_console.identity import Identity
from agent_console.privacy import Lens
from agent_console.services import ConsoleServices, console_services
from agent_console.supervision.board import agent_names
from agent_console.texts import text
from db.models import Case
from routing.calls.messages import AgentState
from routing.calls.talk import ALLOWED, Talk
from routing.calls.talk_messages import TalkAction
from routing.errors import NotFound
from routing.orders.sos import RESULTS

_LONGEST = 2_000  # Characters of a note, and of an outcome.
_BUSY = (AgentState.TALKING, AgentState.RINGING, AgentState.RESERVED)

blueprint = Blueprint("sos_page", __name__, url_prefix="/sos")


@blueprint.get("/standing")
def standing() -> Response:
    """The open SOS cases for the banner of every page, in words without personal data."""
    services, who = console_services(), identity()
    now = services.clock()
    rows = [
        {
            "case_id": each.case_id, "call_id": each.call_id, "address": url_for("sos_page.show", case_id=each.case_id),
            "state": _state(each), "words": _in_words(each, int((now - each.opened_at).total_seconds() // 60)),
        }
        for each in open_sos(services)
    ]  # fmt: skip
    return jsonify(cases=rows, quiet=_is_on_the_telephone(services, who))


@blueprint.get("/<int:case_id>")
def show(case_id: int) -> Response:
    """Where to go, whom to call, what has happened, and how it ended."""
    services, who = console_services(), identity()
    case, call = _case(services, who, case_id)
    record = read_record(services, who, call.elder_id) if call.elder_id is not None else None
    where = whereabouts(record.elder if record else None, call.number, call.steps)
    page = render_template(
        "sos_page.html", case=case, call=call, record=record, where=where, results=RESULTS, lens=Lens(who),
        **_now(services, who, case, call),
    )  # fmt: skip
    return allow_connection(make_response(page), pictures=services.settings.map_origin)


@blueprint.get("/<int:case_id>/now")
def now(case_id: int) -> str:
    """The parts that change: who speaks with the caller, whom one press calls, and the timeline."""
    services, who = console_services(), identity()
    case, call = _case(services, who, case_id)
    return render_template("_sos_now.html", case=case, call=call, **_now(services, who, case, call))


@blueprint.post("/<int:case_id>/notes")
def note(case_id: int) -> ResponseReturnValue:
    """Add a line to the timeline."""
    services, who = console_services(), identity()
    _sos(services, case_id)
    line = request.form.get("note", "").strip()[:_LONGEST]
    if line:
        services.cases.note(case_id, who.actor, line)
        flash(text("call.note.saved"))
    return redirect(url_for("sos_page.show", case_id=case_id))


@blueprint.post("/<int:case_id>/close")
def close(case_id: int) -> ResponseReturnValue:
    """Close the case, with a result of the list and in words; without either it stays open."""
    services, who, form = console_services(), identity(), request.form
    _sos(services, case_id)
    outcome = form.get("outcome", "").strip()[:_LONGEST]
    services.cases.close(case_id, outcome, who.user_id, who.actor, result=form.get("result", ""))
    flash(text("case.closed"))
    return redirect(url_for("sos_page.show", case_id=case_id))


def _sos(services: ConsoleServices, case_id: int) -> Case:
    """Give the case of an SOS. Raises NotFound, for cases of other kinds too."""
    with services.reading() as work:
        case = work.get(Case, case_id)
    if case is None or case.kind != "sos":
        raise NotFound(f"there is no SOS case {case_id}")
    return case


def _case(services: ConsoleServices, who: Identity, case_id: int) -> tuple[Case, CallInHand]:
    case = _sos(services, case_id)
    return case, call_in_hand(services, who, case.call_id, case_id)


def _now(services: ConsoleServices, who: Identity, case: Case, call: CallInHand) -> Mapping[str, Any]:
    """Give what changes. Without Redis nobody is known to talk, and the contacts are numbers to dial by hand."""
    talk = _talk(services, case.call_id)
    mine = talk is not None and (who.role in LEADS or (who.extension or "-") == talk.extension)
    may_call = talk is not None and mine and talk.stage in ALLOWED[TalkAction.CONFER]
    return {
        "talk": talk, "mine": mine, "lines": call.lines,
        "talker": agent_names(services).get(talk.extension, talk.extension) if talk else "",
        "one_press": talk_pane.one_press(services, talk) if talk is not None and may_call else [],
        "numbers": services.settings.emergency_numbers,
    }  # fmt: skip


def _talk(services: ConsoleServices, call_id: str | None) -> Talk | None:
    try:
        return talk_requests.board(services).get(call_id) if call_id else None
    except (RedisError, OSError):
        return None


def _state(case: OpenSos) -> str:
    if not case.touched:
        return "nobody"
    return "alarming" if case.alarming else "talking" if case.unattended_since is None else "seen"


def _in_words(case: OpenSos, minutes: int) -> str:
    """Say how it stands. Each key is named, so that the catalogue is checked."""
    about = {"number": case.case_id, "minutes": minutes}
    state = _state(case)
    if state == "nobody":
        return text("sos.banner.nobody", **about)
    if state == "alarming":
        return text("sos.banner.alarming", **about)
    return text("sos.banner.talking", **about) if state == "talking" else text("sos.banner.seen", **about)


def _is_on_the_telephone(services: ConsoleServices, who: Identity) -> bool:
    """Tell whether this agent rings or talks: no sound of ours goes over the voice of a caller."""
    try:
        me = services.board.get(who.extension) if who.extension else None
    except (RedisError, OSError):
        return False
    return me is not None and me.state in _BUSY

"""The buttons of a talk on the agent's page: hold, transfer, consult, conference, hang up."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.desk import talk_requests
from agent_console.desk.talk_requests import Whom
from agent_console.privacy import Lens, audit
from agent_console.services import ConsoleServices, console_services
from agent_console.supervision.board import agent_names, ready_colleagues
from agent_console.texts import text
from db.models import Contact
from routing.calls.talk import ALLOWED, Talk
from routing.calls.talk_messages import TalkAction
from routing.outreach.own_dials import LONGEST_REASON

blueprint = Blueprint("talk_pane", __name__, url_prefix="/desk/talk")


@blueprint.get("")
def show() -> str:
    """The buttons for the agent's own talk as it stands; nothing while there is none."""
    services, who = console_services(), identity()
    talk = next(
        (each for each in talk_requests.board(services).all() if each.extension == (who.extension or "-")), None
    )
    if talk is None:
        return ""
    allowed = {action.value for action, stages in ALLOWED.items() if talk.stage in stages}
    return render_template(
        "_talk.html", talk=talk, allowed=allowed, targets=_targets(services, talk),
        one_press=one_press(services, talk), numbers=services.settings.emergency_numbers,
        longest_reason=LONGEST_REASON,
    )  # fmt: skip


@blueprint.post("/<call_id>")
def control(call_id: str) -> ResponseReturnValue:
    """Ask the router; the buttons change once it says so."""
    services, who, action = console_services(), identity(), request.form.get("action", "")
    reason = request.form.get("reason", "")
    if dial := request.form.get("dial"):
        talk_requests.control(services, who, call_id, TalkAction.CONFER, _whom(dial, reason))
    elif action == "end":
        talk_requests.end_talk(services, who, call_id, "desk")
    elif action in set(TalkAction):
        whom = _whom(request.form.get("target", ""), reason) if action in {"transfer", "consult", "confer"} else Whom()
        talk_requests.control(services, who, call_id, TalkAction(action), whom)
    else:
        abort(400)
    by_script = request.headers.get("X-Requested-With") == "fetch"
    return ("", 204) if by_script else redirect(url_for("desk.show"))


@dataclass(frozen=True)
class OnePress:
    """A button that calls somebody into the talk."""

    target: str
    party: str
    who: str = field(repr=False)
    number: str = field(repr=False)
    state: str
    """empty, rings or in_talk."""


def one_press(services: ConsoleServices, talk: Talk) -> list[OnePress]:
    """Give the buttons: the emergency numbers, and the caller's contacts in order of priority."""
    states = {each.party: "in_talk" if each.leg else "rings" for each in talk.everyone}
    found = [
        OnePress(f"emergency:{number}", number, number, "", states.get(number, ""))
        for number in services.settings.emergency_numbers
    ]
    if talk.elder_id is None:
        return found
    who, lens = identity(), Lens(identity())
    with services.reading() as work:
        query = select(Contact).where(Contact.elder_id == talk.elder_id).order_by(Contact.priority, Contact.id)
        for each in work.scalars(query):
            party = f"contact:{each.id}"
            name = f"{each.relation} {lens.name(each.name)}".strip()
            found.append(OnePress(party, party, name, lens.number(each.number) or "", states.get(party, "")))
    if len(found) > len(services.settings.emergency_numbers):
        audit(services, who, "elder.contacts", f"elder:{talk.elder_id}")
    return found


def _targets(services: ConsoleServices, talk: Talk) -> list[tuple[str, str]]:
    """Give whom the talk may be taken to: value and word."""
    names = agent_names(services)
    skills = {skill for agent in services.board.all() for skill in agent.skills}
    found = [
        (f"agent:{agent.extension}", f"{agent.extension} {names.get(agent.extension, '')}")
        for agent in ready_colleagues(services, talk.extension)
    ]
    found += [(f"skill:{skill}", text("talk.skill", skill=skill)) for skill in sorted(skills)]
    if talk.elder_id is not None:
        with services.reading() as work:
            query = select(Contact).where(Contact.elder_id == talk.elder_id).order_by(Contact.priority)
            found += [(f"contact:{each.id}", f"{each.relation} {each.name}") for each in work.scalars(query)]
    return [*found, *((f"emergency:{number}", number) for number in services.settings.emergency_numbers)]


def _whom(target: str, reason: str) -> Whom:
    kind, _, value = target.partition(":")
    contact_id = int(value) if kind == "contact" and value.isdecimal() and len(value) < 12 else None
    return Whom(
        agent=value[:10] if kind == "agent" else "",
        skill=value[:40] if kind == "skill" else "",
        emergency=value[:10] if kind == "emergency" else "",
        contact_id=contact_id,
        reason=reason[:LONGEST_REASON],
    )

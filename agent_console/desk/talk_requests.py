"""Asking the router to do something with a talk, for desk and API alike: load, check, write it down, ask."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import abort
from sqlalchemy import select

from agent_console.access import LEADS
from agent_console.identity import Identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices
from db.models import Company, Contact
from routing.calls.listening_messages import ChangeEar
from routing.calls.messages import AgentState, HangUpCall
from routing.calls.supervise_messages import Ear, MoveTicket, Supervise
from routing.calls.supervisions import Supervision, SupervisionBoard
from routing.calls.talk import ALLOWED, Talk, TalkBoard
from routing.calls.talk_messages import ControlTalk, TalkAction
from routing.calls.tickets import send
from routing.errors import Conflict, Invalid, NotFound
from routing.numbers import as_dialled
from routing.outreach.own_dials import OwnDials


class NoPhone(Conflict):
    """The phone that should ring for a supervisor is not registered."""

    code = "listening_no_phone"


class PhoneInUse(Conflict):
    """The phone that should ring for a supervisor is in a talk, or is that of the agent."""

    code = "listening_phone_in_use"


class PhoneRings(Conflict):
    """Nobody has answered the phone yet that is to listen."""

    code = "listening_phone_rings"


@dataclass(frozen=True)
class Whom:
    """To whom: one of these. A contact is one of the caller's own, an emergency number one of the settings; there is
    no way to name just any number."""

    agent: str = ""
    skill: str = ""
    contact_id: int | None = None
    company_id: int | None = None
    emergency: str = ""
    reason: str = ""
    """Why a number is called that is not to be called."""

    @property
    def party(self) -> str:
        """Whose number it is, without the number of a person."""
        if self.contact_id is not None:
            return f"contact:{self.contact_id}"
        return f"company:{self.company_id}" if self.company_id is not None else self.emergency


def board(services: ConsoleServices) -> TalkBoard:
    """Give the talks."""
    return TalkBoard(services.redis)


def talk_of(services: ConsoleServices, who: Identity, call_id: str) -> Talk:
    """Give the talk of a call: agents have their own only, supervisors each. Raises NotFound."""
    talk = board(services).get(call_id)
    if talk is None:
        raise NotFound(f"nobody speaks with the caller of {call_id}")
    if who.role not in LEADS and (who.extension is None or talk.extension != who.extension):
        abort(403, "agents may act in their own talks only")
    return talk


def control(services: ConsoleServices, who: Identity, call_id: str, action: TalkAction, whom: Whom) -> Talk:
    """Ask for hold, transfer and so on. Raises NotFound, Invalid and Conflict; the router checks once more."""
    talk = talk_of(services, who, call_id)
    if not talk.extension:
        raise Conflict("no agent of ours is in this talk")
    if talk.stage not in ALLOWED[action]:
        raise Conflict(f"a talk that is {talk.stage} cannot be asked to {action}")
    number = _number(services, who, talk, whom)
    if whom.agent:
        asked = services.board.get(whom.agent)
        if asked is None:
            raise NotFound(f"there is no agent {whom.agent}")
        if asked.state is not AgentState.READY:
            raise Conflict(f"agent {whom.agent} is not free")
    named = [each for each in (whom.agent, number, whom.skill) if each]
    if len(named) > 1:
        raise Invalid("name one: an agent, a skill, or an outside number")
    needs = {TalkAction.TRANSFER: named, TalkAction.CONSULT: whom.agent or number}
    if not needs.get(action, True):
        raise Invalid("name to whom")
    detail = f"{action} {whom.agent or whom.skill or whom.party}".strip()
    write_down(services, who, f"talk.{action}", f"call:{call_id}", detail)
    board(services).control(
        ControlTalk(call_id, talk.extension, action, whom.agent, whom.skill, number, who.actor, whom.party)
    )  # fmt: skip
    return talk


def end_talk(services: ConsoleServices, who: Identity, call_id: str, reason: str) -> None:
    """Ask for the end of a call: agents of their own talk, supervisors of any. Raises NotFound."""
    if who.role not in LEADS:
        talk_of(services, who, call_id)
    write_down(services, who, "call.end", f"call:{call_id}", reason)
    send(services.redis, HangUpCall(call_id, who.actor))


@dataclass(frozen=True)
class Wish:
    """How a supervisor wants to take part, at which extension, and why."""

    ear: Ear
    at: str
    reason: str


def supervise(services: ConsoleServices, who: Identity, call_id: str, wish: Wish) -> None:
    """Ask for a phone to be rung that listens to a talk; one that listens to it already changes the way without being
    rung again. Raises NotFound and Conflict."""
    talk = talk_of(services, who, call_id)
    at = wish.at
    if any(each.at == at and each.call_id == call_id for each in SupervisionBoard(services.redis).all()):
        change_ear(services, who, at, wish.ear, wish.reason)
        return
    phone = services.board.get(at)
    if phone is None or not phone.contacts:
        raise NoPhone(f"extension {at} has no phone registered")
    if at == talk.extension or phone.legs:
        raise PhoneInUse(f"extension {at} is in use")
    write_down(services, who, f"talk.{wish.ear}", f"call:{call_id}", f"at {at}: {wish.reason}")
    send(services.redis, Supervise(uuid.uuid4().hex, talk.extension, at, wish.ear, who.actor))


def listening(services: ConsoleServices, at: str) -> Supervision:
    """Give what the phone of an extension listens to, or rings for. Raises NotFound."""
    for each in SupervisionBoard(services.redis).all():
        if each.at == at:
            return each
    raise NotFound(f"the phone {at} listens to no talk")


def change_ear(services: ConsoleServices, who: Identity, at: str, ear: Ear, reason: str = "") -> None:
    """Ask for a phone that listens to take part in another way. Raises NotFound and Conflict."""
    on = listening(services, at)
    if not on.on:
        raise PhoneRings(f"the phone {at} still rings")
    write_down(services, who, f"talk.{ear}", f"call:{on.call_id}", f"at {at}, before: {on.ear}: {reason}".rstrip(": "))
    send(services.redis, ChangeEar(at, ear, who.actor))


def move_ticket(services: ConsoleServices, who: Identity, wanted: MoveTicket, reason: str) -> None:
    """Ask for a waiting ticket to be moved. Raises NotFound, Invalid and Conflict."""
    ticket = services.tickets.get(wanted.ticket_id)
    if ticket is None:
        raise NotFound(f"no ticket {wanted.ticket_id} waits")
    if ticket.offered_to:
        raise Conflict("a phone rings for this ticket just now")
    if not (wanted.agent or wanted.skill or wanted.caller_class or wanted.front):
        raise Invalid("say where to: an agent, a skill, a class, or the front")
    if wanted.agent and services.board.get(wanted.agent) is None:
        raise NotFound(f"there is no agent {wanted.agent}")
    write_down(services, who, "ticket.move", f"ticket:{wanted.ticket_id}"[:60], f"{_move_words(wanted)}: {reason}")
    send(services.redis, wanted)


def _move_words(wanted: MoveTicket) -> str:
    """Say what a move asks for."""
    words = (wanted.agent, wanted.skill, wanted.caller_class, "front" if wanted.front else "")
    return " ".join(each for each in words if each)


def write_down_state(services: ConsoleServices, who: Identity, extension: str, state: str, reason: str) -> None:
    """Keep that somebody set another's state."""
    write_down(services, who, "agent.state", f"agent:{extension}", f"{state}: {reason}")


def _number(services: ConsoleServices, who: Identity, talk: Talk, whom: Whom) -> str:
    """Give the number to dial as the carrier takes it; empty if none was named. Raises NotFound and Invalid, and Barred
    for a number that is not to be called; emergency numbers always are."""
    if whom.emergency:
        known = services.settings.emergency_numbers
        if whom.emergency not in known:
            raise Invalid(f"emergency numbers are {', '.join(known)}")
        return whom.emergency
    if whom.contact_id is None and whom.company_id is None:
        return ""
    with services.reading() as work:
        if whom.contact_id is not None:
            query = select(Contact).where(Contact.id == whom.contact_id, Contact.elder_id == talk.elder_id)
            contact = work.scalar(query)
            number = contact.number if contact is not None else None
        else:
            company = work.get(Company, whom.company_id)
            number = company.phone if company is not None and company.active else None
    if number is None:
        raise NotFound("that is no contact of this caller, and no company of ours")
    OwnDials(services.unit_of_work, services.reading, services.clock, services.cipher.number_index).ask(
        number, by=who.actor, subject=whom.party, business=whom.company_id is not None, reason=whom.reason
    )
    return as_dialled(number, services.settings.country)

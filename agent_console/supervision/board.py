"""The picture of this moment: who waits and where each agent stands, as pages show it. It holds no personal data."""

from __future__ import annotations

import logging
from typing import Any, Final

from redis.exceptions import RedisError
from sqlalchemy import func, select

from agent_console.access import OVERSEERS
from agent_console.desk.sos_board import open_sos, owed_by, written_sos
from agent_console.english_names import names_now
from agent_console.identity import Identity
from agent_console.orders.overdue_page import people_of
from agent_console.services import ConsoleServices
from agent_console.texts import word
from db.models import Agent, Case, User
from routing.calls.bulletin_messages import BulletinChanged
from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallerClass,
    CaseOpened,
    Message,
    TicketAnswered,
    TicketEnded,
    TicketJoined,
    TicketOffered,
    TicketReturned,
)
from routing.calls.records import AgentRecord, Ticket
from routing.calls.talk import TalkBoard
from routing.calls.talk_messages import TalkChanged

Snapshot = dict[str, Any]

log = logging.getLogger(__name__)

_OVERDUE_SHOWN = 12  # The page of overdue orders has all of them.
_FOR_ALL: Final = (TicketJoined, TicketEnded, CaseOpened, BulletinChanged)
_FOR_ONE: Final = (TicketOffered, TicketAnswered, TicketReturned, AgentChanged, TalkChanged)


def agent_sees(message: Message, extension: str | None) -> bool:
    """Tell whether an agent's page has a use for an event: how many wait, and what becomes of their own calls."""
    if isinstance(message, _FOR_ONE):
        return extension is not None and message.extension == extension
    return isinstance(message, _FOR_ALL)


def take_snapshot(services: ConsoleServices, who: Identity) -> Snapshot:
    """Look at Redis once. Overseers get everything, an agent the own state and the SOS that wait.

    Raises redis.RedisError.
    """
    tickets = services.tickets.waiting()
    sos = [ticket_row(each) for each in tickets if each.caller_class is CallerClass.SOS]
    base = {
        "at": services.clock().timestamp(),
        "waiting": len(tickets),
        "sos": sos,
        "sos_written": written_sos(services),
    }
    if who.role in OVERSEERS:
        names = agent_names(services)
        agents = [agent_row(each, names.get(each.extension, "")) for each in services.board.all()]
        rows = [ticket_row(each) for each in tickets]
        cries = [each.row() for each in open_sos(services)]
        seen = {"tickets": rows, "agents": agents, "sos_cases": cries, "overdue": overdue_rows(services)}
        return {**base, **seen, **open_cases(services)}
    mine = services.board.get(who.extension) if who.extension else None
    if mine is None:
        return {**base, "me": None}
    held = services.tickets.get(mine.ticket_id) if mine.ticket_id else None
    about: Snapshot = {"elder_id": held.elder_id if held else None, "case_id": held.case_id if held else None}
    about["calls_back"] = held is not None and held.called_back
    talk = next((each for each in TalkBoard(services.redis).all() if each.extension == mine.extension), None)
    shown: Snapshot | None = None
    if talk is not None:
        ready = [each.extension for each in ready_colleagues(services, mine.extension)]
        guests = [[each.party, bool(each.leg)] for each in talk.everyone]
        shown = {"call_id": talk.call_id, "stage": talk.stage.value, "partner": talk.partner, "ready": ready,
                 "guests": guests}  # fmt: skip
    about["browsers"] = browsers(mine)
    about |= {"sos": _is_sos(services, mine, held), "owes": owed_by(services, mine.extension, mine.call_id)}
    return {**base, "me": {**agent_row(mine, who.name), **about, "talk": shown}}


def browsers(agent: AgentRecord) -> list[str]:
    """Name the registrations of the agent's browsers as their pages made them up: a page finds its own among them."""
    web = f"{agent.extension}-web"
    uris = [each.partition(f"|{web}|")[2] for each in agent.contacts]
    return [uri.removeprefix("sip:").partition("@")[0] for uri in uris if uri]


def ready_colleagues(services: ConsoleServices, extension: str) -> list[AgentRecord]:
    """Give the agents to whom this one may take a talk now, by extension. Raises redis.RedisError."""
    others = [each for each in services.board.all() if each.extension != extension]
    return sorted((each for each in others if each.state is AgentState.READY), key=lambda each: each.extension)


def snapshot_or_none(services: ConsoleServices, who: Identity) -> Snapshot | None:
    """Look at Redis, or give none when it does not answer: a page without live states still has records and orders."""
    try:
        return take_snapshot(services, who)
    except (RedisError, OSError) as error:
        log.warning("page without live states: %s", type(error).__name__)
        return None


def stage_word(ticket: Ticket) -> str:
    """Say where a ticket stands; a promise waits, or is being called, with nobody on the line."""
    return word("promise" if ticket.called_back else "stage", ticket.stage.value)


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """One waiting ticket, with its words."""
    return {
        "ticket_id": ticket.ticket_id,
        "call_id": ticket.call_id,
        "caller_class": ticket.caller_class.value,
        "class_word": word("class", ticket.caller_class.value),
        "intent": ticket.intent.value,
        "intent_word": word("intent", ticket.intent.value),
        "stage": ticket.stage.value,
        "stage_word": stage_word(ticket),
        "promised": ticket.called_back,
        "not_before": ticket.not_before,
        "joined_at": ticket.joined_at,
        "offered_to": ticket.offered_to,
        "attempts": ticket.attempts,
        "elder_id": ticket.elder_id,
        "case_id": ticket.case_id,
    }


def agent_row(agent: AgentRecord, name: str) -> dict[str, Any]:
    """One agent, with the words of the state."""
    return {
        "extension": agent.extension,
        "name": name,
        "state": agent.state.value,
        "state_word": word("agent", agent.state.value),
        "since": agent.since,
        "reason": agent.wanted_reason,
        "skills": list(agent.skills),
        "ticket_id": agent.ticket_id,
        "call_id": agent.call_id,
    }


def agent_names(services: ConsoleServices) -> dict[str, str]:
    """Names of the agents by extension."""
    with services.reading() as work:
        rows = work.execute(select(Agent.extension, User.name).join(User, User.id == Agent.user_id))
        return {extension: name for extension, name in rows}  # noqa: C416  # dict() of rows is untyped.


def open_cases(services: ConsoleServices) -> Snapshot:
    """How many cases a person must still close, and a word that changes whenever the list of them does."""
    with services.reading() as work:
        query = select(func.count(), func.max(Case.id)).where(Case.state == "open")
        count, latest = work.execute(query).one()
    messages, overdue = services.messages.open_count(), services.escalations.count()
    return {
        "cases": count, "cases_version": f"{count}-{latest or 0}", "messages": messages, "overdue_count": overdue,
    }  # fmt: skip


def overdue_rows(services: ConsoleServices) -> list[dict[str, Any]]:
    """The orders that stand too long: those that climbed highest first."""
    standing = services.escalations.standing(_OVERDUE_SHOWN)
    people = people_of(services, (each.taken_by for each in standing if each.taken_by))
    names = names_now(services)
    return [
        {
            "number": each.number, "item": names.get(each.item_name, each.item_name), "state": each.state.value,
            "state_word": word("order", each.state.value), "since": each.since.timestamp(), "level": int(each.level),
            "level_word": word("level", str(int(each.level))), "taken_by": people.get(each.taken_by or "", ""),
        }
        for each in standing
    ]  # fmt: skip


def _is_sos(services: ConsoleServices, agent: AgentRecord, held: Ticket | None) -> bool:
    """Tell whether the agent's call is an SOS. Its ticket is gone once answered; its case stays."""
    if held is not None and held.caller_class is CallerClass.SOS:
        return True
    if agent.call_id is None:
        return False
    with services.reading() as work:
        query = select(Case.id).where(Case.call_id == agent.call_id, Case.kind == "sos").limit(1)
        return work.scalar(query) is not None

"""A call as a person reads it: its phases with how long each lasted and who had it, and a word for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent_console.texts import word, words
from db.models import CallRecord, TicketRecord
from routing.calls.messages import TicketEnd


@dataclass(frozen=True)
class Phase:
    """A stretch of a call. `seconds` is None while it lasts."""

    kind: str
    """One of the words of `call_phase`: keys, waiting, talking."""
    at: datetime
    seconds: float | None
    who: str = ""


def phases_of(call: CallRecord, tickets: Sequence[TicketRecord], names: Mapping[str, str]) -> list[Phase]:
    """Give the phases in their order: with keys, waiting for a person, and talking, as often as each was.

    `names` are the agents', by extension. A ticket that kept the place of an earlier call waited from the call's
    beginning on, as far as this call is concerned.
    """
    found: list[Phase] = []
    ordered = sorted(tickets, key=lambda each: each.joined_at)
    began = max(ordered[0].joined_at, call.started_at) if ordered else call.answered_at or call.ended_at
    if call.direction == "inbound" and (began is None or began > call.started_at):
        found.append(Phase("keys", call.started_at, _lasted(call.started_at, began)))
    for number, ticket in enumerate(ordered):
        joined = max(ticket.joined_at, call.started_at)
        found.append(Phase("waiting", joined, _lasted(joined, ticket.ended_at)))
        if ticket.end == TicketEnd.ANSWERED.value and ticket.ended_at is not None:
            later = ordered[number + 1].joined_at if number + 1 < len(ordered) else None
            # A transfer keeps the joining time of the first ticket: then the next one's end tells when it was over.
            over = later if later is not None and later > ticket.ended_at else None if later else call.ended_at
            who = f"{ticket.agent_extension} {names.get(ticket.agent_extension, '')}" if ticket.agent_extension else ""
            found.append(Phase("talking", ticket.ended_at, _lasted(ticket.ended_at, over), who.strip()))
    if not ordered and call.answered_at is not None:
        who = f"{call.agent_extension} {names.get(call.agent_extension, '')}" if call.agent_extension else ""
        found.append(Phase("talking", call.answered_at, _lasted(call.answered_at, call.ended_at), who.strip()))
    return found


def step_word(what: str) -> str:
    """Say a step of a journey; each conversation may end by hanging up, being called away, or a fault."""
    known = words("journey")
    ending = what.rpartition(".")[2]
    return known[what] if what in known else word("journey_end", ending) if ending in words("journey_end") else what


def _lasted(since: datetime, until: datetime | None) -> float | None:
    return None if until is None else max(0.0, (until - since).total_seconds())

"""What the database is to learn about calls and tickets, as lines of JSON that may wait in Redis until it can."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from routing.calls.messages import TicketEnd
from routing.calls.records import Ticket


def _line(kind: str, values: Mapping[str, Any]) -> str:
    return json.dumps({"kind": kind, **values}, ensure_ascii=False, separators=(",", ":"))


def began(call: Mapping[str, Any]) -> str:
    """A call began; `call` holds the columns of a `CallRecord`, `started_at` as an epoch."""
    return _line("began", call)


def note(call_id: str, at: float, what: str, detail: str = "") -> str:
    """A step in a call's journey. A step is known by its call, its moment (microseconds) and its word."""
    return _line("note", {"call_id": call_id, "at": at, "what": what, "detail": detail})


def ended(
    call_id: str,
    at: float | None,
    *,
    outcome: str = "",
    agent: str | None = None,
    answered_at: float | None = None,
    recording: str | None = None,
    node: str = "",
) -> str:
    """How a call went; what is empty here leaves the record as it is."""
    values = {"outcome": outcome, "agent": agent, "answered_at": answered_at, "recording": recording, "node": node}
    return _line("ended", {"call_id": call_id, "at": at, **values})


def ticket_ended(ticket: Ticket, end: TicketEnd, at: float, extension: str | None) -> str:
    """The one end of a ticket."""
    return _line(
        "ticket",
        {
            "id": ticket.ticket_id,
            "call_id": ticket.call_id,
            "elder_id": ticket.elder_id,
            "intent": ticket.intent,
            "caller_class": ticket.caller_class,
            "joined_at": ticket.joined_at,
            "ended_at": at,
            "end": end,
            "agent_extension": extension,
            "waited_seconds": round(max(0.0, at - ticket.joined_at), 3),
            "attempts": ticket.attempts,
            "reason": ticket.reason,
        },
    )


def spell(extension: str, state: str, began_at: float, ended_at: float, missed: bool) -> str:
    """An agent was in a state for so long. A spell is known by its agent, its beginning and its state."""
    values = {"extension": extension, "state": state, "began_at": began_at, "ended_at": ended_at, "missed": missed}
    return _line("spell", values)

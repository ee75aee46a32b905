"""What a wallboard shows at its start; afterwards it follows the events on `messages.LIVE`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from routing.calls.agents import AgentBoard
from routing.calls.tickets import Tickets

if TYPE_CHECKING:
    from redis import Redis


def snapshot(redis: Redis, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Give the tickets (longest waiting first) and agents as plain values. Raises redis.RedisError."""
    now = clock()
    tickets = [
        {
            "ticket_id": ticket.ticket_id,
            "call_id": ticket.call_id,
            "intent": ticket.intent.value,
            "caller_class": ticket.caller_class.value,
            "joined_at": ticket.joined_at,
            "waited_seconds": round(max(0.0, now - ticket.joined_at), 1),
            "stage": ticket.stage.value,
            "offered_to": ticket.offered_to,
            "attempts": ticket.attempts,
            "elder_id": ticket.elder_id,
            "case_id": ticket.case_id,
        }
        for ticket in Tickets(redis).waiting()
    ]
    agents = [
        {
            "extension": agent.extension,
            "skills": list(agent.skills),
            "state": agent.state.value,
            "since": agent.since,
            "reason": agent.wanted_reason,
            "ticket_id": agent.ticket_id,
            "call_id": agent.call_id,
        }
        for agent in AgentBoard(redis).all()
    ]
    return {"at": now, "tickets": tickets, "agents": agents}

"""Agents: how their state follows from what is known about them, and the board on which others read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from routing.calls import keys
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.records import AgentRecord, from_json, read_all
from routing.calls.tickets import send

if TYPE_CHECKING:
    from redis import Redis

_MISSES = 2


@dataclass(frozen=True)
class AgentAccount:
    """An agent as the database knows them: what the composition root loads for the router."""

    extension: str
    skills: tuple[str, ...] = ()


def state_of(agent: AgentRecord, now: float) -> AgentState:
    """Derive the state from the facts, the strongest first; nobody is ever "stuck" in a state without its fact."""
    if agent.offered is not None:
        return agent.offered
    facts = (
        (bool(agent.legs), AgentState.TALKING),
        (agent.wanted is AgentState.LOGGED_OFF, AgentState.LOGGED_OFF),
        (not agent.contacts, AgentState.UNREACHABLE),
        (agent.wanted is AgentState.PAUSED, AgentState.PAUSED),
        (agent.wrap_up_until > now, AgentState.WRAP_UP),
        (agent.rest_until > now, AgentState.RESTING),
    )
    return next((state for holds, state in facts if holds), AgentState.READY)


def after_a_miss(agent: AgentRecord, offered_at: float, rest_until: float) -> dict[str, Any]:
    """What changes for an agent who did not answer: a rest, and a pause after two in a row.

    Nothing for one who was not idle when the call was offered, as an SOS is to agents in wrap-up or paused.
    """
    if agent.wanted is not AgentState.READY or max(agent.wrap_up_until, agent.rest_until) > offered_at:
        return {}
    changes: dict[str, Any] = {"misses": agent.misses + 1, "rest_until": rest_until}
    if agent.misses + 1 >= _MISSES:
        changes |= {"wanted": AgentState.PAUSED, "wanted_reason": "missed two calls in a row"}
    return changes


class AgentBoard:
    """The agents' states in Redis, for threads. Each method may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def all(self) -> tuple[AgentRecord, ...]:
        """Give every agent that the router knows, by extension."""
        return read_agents(cast("dict[Any, str | bytes]", self._redis.hgetall(keys.AGENTS)))

    def get(self, extension: str) -> AgentRecord | None:
        """Give one agent; None when the router does not know the extension."""
        text = self._redis.hget(keys.AGENTS, extension)
        return None if text is None else from_json(AgentRecord, text)

    def command(self, command: SetAgentState) -> None:
        """Ask the router to make an agent ready, paused or logged off."""
        send(self._redis, command)


def read_agents(stored: dict[Any, str | bytes]) -> tuple[AgentRecord, ...]:
    """Read the hash of agents; an entry that cannot be read is logged and left out."""
    return tuple(sorted(read_all(AgentRecord, stored.values()), key=lambda agent: agent.extension))

"""The talk of an agent whose page was left, as by a reload: for how long, and for whom, its caller waits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from routing.calls.messages import AgentState, CallerClass

MAY_TAKE_UP: Final = (AgentState.READY, AgentState.WRAP_UP)
MAY_COME_BACK: Final = (*MAY_TAKE_UP, AgentState.UNREACHABLE, AgentState.RESTING)


def is_browser(channel: str) -> bool:
    """Whether a channel, as PJSIP/1001-web-0000002b, is that of an agent's browser."""
    return channel.rpartition("-")[0].endswith("-web")


class Left(Protocol):
    """A ticket, as far as it matters here (`routing.calls.policy.Waiting`)."""

    @property
    def caller_class(self) -> CallerClass: ...

    @property
    def tried(self) -> tuple[tuple[str, float], ...]: ...

    @property
    def kept_for(self) -> str | None: ...

    @property
    def kept_until(self) -> float: ...

    @property
    def kept_since(self) -> float: ...


class Somebody(Protocol):
    """An agent, as far as it matters here (`routing.calls.policy.Agent`)."""

    @property
    def extension(self) -> str: ...

    @property
    def state(self) -> AgentState: ...

    @property
    def since(self) -> float: ...


def keeps(ticket: Left, agents: Sequence[Somebody], now: float) -> bool:
    """Tell whether the caller waits for one agent alone: the one whose page was left, as by a reload, in their talk.

    Not for long, not for an SOS, not once the agent was rung in vain, and only while they may come back: whoever logged
    off, went on a break or speaks with somebody else does not. The router may hear of the end of their leg after that
    of the talk: until then they seem to speak, since before, and it is with the one who waits.
    """
    if ticket.kept_for is None or now >= ticket.kept_until or ticket.caller_class is CallerClass.SOS:
        return False
    was_tried = any(who == ticket.kept_for for who, _ in ticket.tried)
    return not was_tried and any(
        agent.extension == ticket.kept_for
        and (agent.state in MAY_COME_BACK or (agent.state is AgentState.TALKING and agent.since < ticket.kept_since))
        for agent in agents
    )

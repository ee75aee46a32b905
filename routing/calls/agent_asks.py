"""What an agent asks for by telephone: ready, a rest, after-work done, a test of the headset. The router decides."""

from __future__ import annotations

from typing import Final

import structlog

from routing.asterisk.agent_events import AgentAsked
from routing.asterisk.errors import AmiError
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.presence import Presence
from routing.calls.records import AgentRecord
from routing.calls.switchboard import AGENT_TOLD, HEADSET, Move, Switchboard

log = structlog.get_logger(__name__)

READY, REST, DONE, TEST = "*10", "*11", "*12", "600"
"""What is dialled (`from-agents` in the dialplan)."""
_TOLD: Final = {READY: "ready", REST: "rest", DONE: "ready"}


class AgentAsks:
    """Answers each wish by what the phone hears next; without an answer the dialplan says no by itself."""

    def __init__(self, floor: Floor, switchboard: Switchboard, errands: Errands, presence: Presence) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._presence = presence

    def asked(self, event: AgentAsked) -> None:
        """Do what may be done, and tell the phone. Whose it is Asterisk knows by the account that dialled."""
        agent = self._floor.agent_of(event.channel)
        if agent is None:
            return
        where = self._answer(agent, event.what, f"{event.node}|{event.channel}")
        log.info("agent_asks.answered", extension=agent.extension, asked=event.what, answer=where[1])
        self._errands.send(self._tell(event.node, (event.channel, *where)))

    def _answer(self, agent: AgentRecord, what: str, leg: str) -> tuple[str, str]:
        """Give the context and extension that the phone goes to."""
        alone = agent.legs in ((), (leg,)) and agent.offered is None
        if what == TEST:
            # Whoever is ready for calls is not taken from them by a test; nobody who tests is offered one.
            return (HEADSET, "s") if alone and agent.wanted is not AgentState.READY else (AGENT_TOLD, "busy")
        in_notes = agent.wanted is AgentState.READY and agent.wrap_up_until > self._floor.clock()
        if not alone or what not in _TOLD or (what == DONE and not in_notes):
            return AGENT_TOLD, "no"
        state = AgentState.PAUSED if what == REST else AgentState.READY
        self._presence.command(SetAgentState(agent.extension, state, by=f"phone {agent.extension}"))
        return AGENT_TOLD, _TOLD[what]

    async def _tell(self, node: str, move: Move) -> None:
        try:
            await self._switchboard.move(node, move)
        except AmiError as error:
            log.info("agent_asks.not_told", error=type(error).__name__)  # They hung up, or hear no a moment later.

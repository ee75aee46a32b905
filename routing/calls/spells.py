"""How long agents were in which state, written down for reports as each state ends."""

from __future__ import annotations

from routing.calls import entries
from routing.calls.ledger import Ledger
from routing.calls.messages import AgentState
from routing.calls.records import AgentRecord


class Spells:
    """Hears each change of an agent. Time off duty is nobody's business, and not written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._missed: set[str] = set()
        """Agents who have missed a call, and whose phone may ring on for a moment."""

    def changed(self, before: AgentRecord, agent: AgentRecord, now: float) -> None:
        """An agent's facts are others; write the spell that is over if the state is another too."""
        if agent.misses > before.misses:
            self._missed.add(agent.extension)
        if agent.state is before.state:
            return
        missed = agent.extension in self._missed
        self._missed.discard(agent.extension)
        if before.state is not AgentState.LOGGED_OFF and before.since < now:
            self._ledger.enter(entries.spell(agent.extension, before.state, before.since, now, missed))

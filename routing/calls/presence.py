"""Which agents can be reached, and what they (or their supervisor) asked for."""

from __future__ import annotations

import structlog

from routing.asterisk.events import ContactChanged
from routing.calls.floor import Floor
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.switchboard import Contact
from routing.settings import Settings

log = structlog.get_logger(__name__)

_THERE = frozenset({"Created", "Reachable", "NonQualified", "Updated"})


class Presence:
    """Follows registrations and commands. An agent's state before a lost registration comes back with it."""

    def __init__(self, floor: Floor, settings: Settings) -> None:
        self._floor = floor
        self._settings = settings

    def contact_changed(self, event: ContactChanged) -> None:
        """A phone registered, answers again, or is lost."""
        agent = self._floor.agents.get(event.aor)
        if agent is None:
            return
        contact = f"{event.node}|{event.uri}"
        others = tuple(each for each in agent.contacts if each != contact)
        self._set_contacts(event.aor, (*others, contact) if event.status in _THERE else others)

    def found(self, node: str, contacts: list[Contact]) -> None:
        """Take over the node's own list of registered phones."""
        for extension, agent in list(self._floor.agents.items()):
            here = [f"{node}|{each.uri}" for each in contacts if each.aor == extension and each.reachable]
            elsewhere = [each for each in agent.contacts if not each.startswith(f"{node}|")]
            self._set_contacts(extension, tuple(sorted({*here, *elsewhere})))

    def command(self, command: SetAgentState) -> None:
        """Make an agent ready (which also ends wrap-up and rest), pause them or log them off."""
        if command.extension not in self._floor.agents:
            log.warning("presence.unknown_agent", extension=command.extension)
            return
        if command.state not in (AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OFF):
            log.warning("presence.not_to_be_asked_for", state=command.state)
            return
        changes: dict[str, object] = {"wanted": command.state, "wanted_reason": command.reason}
        if command.state is AgentState.READY:
            changes |= {"wrap_up_until": 0.0, "rest_until": 0.0, "misses": 0}
        self._floor.change_agent(command.extension, **changes)

    def reachable(self) -> frozenset[str]:
        """Give the agents whom Asterisk's own queue may ring: logged in, reachable, not paused."""
        return frozenset(
            agent.extension
            for agent in self._floor.agents.values()
            if agent.contacts and agent.wanted is AgentState.READY
        )

    def _set_contacts(self, extension: str, contacts: tuple[str, ...]) -> None:
        agent = self._floor.agents[extension]
        registered = bool(contacts) and not agent.contacts
        if registered and self._settings.ready_on_register and agent.wanted is AgentState.LOGGED_OFF:
            self._floor.change_agent(extension, contacts=contacts, wanted=AgentState.READY, wanted_reason="")
        else:
            self._floor.change_agent(extension, contacts=contacts)

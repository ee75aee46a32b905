"""Which agents can be reached, and what they (or their supervisor) asked for."""

from __future__ import annotations

import structlog

from routing.asterisk.events import ContactChanged
from routing.calls.floor import Floor, extension_of
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.switchboard import Contact
from routing.settings import Settings

log = structlog.get_logger(__name__)

_THERE = frozenset({"Created", "Reachable", "NonQualified", "Updated"})


def _telephones(contacts: tuple[str, ...]) -> list[str]:
    """Give the SIP phones among contacts, without the browsers."""
    return [each for each in contacts if not each.split("|")[1].endswith("-web")]


class Presence:
    """Follows registrations and commands. An agent's state before a lost registration comes back with it."""

    def __init__(self, floor: Floor, settings: Settings) -> None:
        self._floor = floor
        self._settings = settings
        self._heard_of: set[str] = set()
        self._listed: set[str] = set()

    def contact_changed(self, event: ContactChanged) -> None:
        """A phone registered, answers again, or is lost."""
        extension = extension_of(event.aor)
        agent = self._floor.agents.get(extension)
        if agent is None:
            return
        contact = f"{event.node}|{event.aor}|{event.uri}"
        self._heard_of.add(extension)
        others = tuple(each for each in agent.contacts if each != contact)
        self._set_contacts(extension, (*others, contact) if event.status in _THERE else others)

    def browser_cut(self, extension: str, channel: str) -> None:
        """A talk ended for want of any sound from this channel of a browser: until it registers anew nobody is sent
        there. Other phones of the agent stay, and telephones are asked every few seconds anyway."""
        endpoint = channel.partition("/")[2].rpartition("-")[0]
        agent = self._floor.agents[extension]
        self._set_contacts(extension, tuple(each for each in agent.contacts if each.split("|")[1] != endpoint))

    def before_list(self) -> None:
        """A list of the registered phones is about to be asked for."""
        self._heard_of.clear()

    def found(self, node: str, contacts: list[Contact]) -> None:
        """Take over the node's own list of registered phones, save for phones of which an event told meanwhile."""
        self._listed.add(node)
        for extension, agent in list(self._floor.agents.items()):
            if extension in self._heard_of:
                continue
            own = [each for each in contacts if extension_of(each.aor) == extension and each.reachable]
            here = [f"{node}|{each.aor}|{each.uri}" for each in own]
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

    def endpoints(self, node: str) -> dict[str, bool]:
        """Give the phones registered at the node of agents who are logged in, and whether the agent is paused."""
        return {
            contact.split("|")[1]: agent.wanted is AgentState.PAUSED
            for agent in self._floor.agents.values()
            for contact in agent.contacts
            if agent.wanted in (AgentState.READY, AgentState.PAUSED) and contact.startswith(f"{node}|")
        }

    def knows(self, node: str) -> bool:
        """Whether we know of agents, and have seen who of them is registered at the node."""
        return bool(self._floor.agents) and node in self._listed

    def _set_contacts(self, extension: str, contacts: tuple[str, ...]) -> None:
        agent = self._floor.agents[extension]
        # A browser comes back by itself, also to an agent who logged off and went home: there is a button for it.
        registered = bool(_telephones(contacts)) and not _telephones(agent.contacts)
        if registered and self._settings.ready_on_register and agent.wanted is AgentState.LOGGED_OFF:
            self._floor.change_agent(extension, contacts=contacts, wanted=AgentState.READY, wanted_reason="")
        else:
            self._floor.change_agent(extension, contacts=contacts)

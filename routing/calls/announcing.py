"""Speaking to callers in hold: the router decides when, and sends them to `announce` for a sentence or two.

What they are told is kept in the ticket first, so the flow reads it there and a restart forgets nothing of it. The
ticket stays held and is offered as usual meanwhile: a redirect to an agent ends the flow in the middle of a word.
"""

from __future__ import annotations

import asyncio

import structlog

from routing.asterisk.errors import AmiError
from routing.calls import policy
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import AgentState
from routing.calls.place import AnnouncementRules, ahead_of, due_at, told
from routing.calls.records import Ticket, TicketStage
from routing.calls.switchboard import Switchboard
from routing.settings import Settings

log = structlog.get_logger(__name__)

_STORE_SECONDS = 2.0
"""If what is to be said cannot be stored within this time, it is not said: the music goes on."""
_AT_WORK = frozenset({
    AgentState.READY, AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP,
    AgentState.RESTING,
})  # fmt: skip


class Announcements:
    """Whom to speak to, and when. Every method returns at once."""

    def __init__(
        self, floor: Floor, switchboard: Switchboard, errands: Errands, settings: Settings, rules: policy.Rules
    ) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._policy = rules
        self._times: dict[str, tuple[Ticket, float | None]] = {}
        """When each ticket is due, as long as it is the same: hundreds may wait, and it is asked at every event."""
        self.rules = AnnouncementRules(
            settings.announce_first_seconds, settings.announce_every_seconds, settings.callback_offer_seconds
        )

    def step(self) -> None:
        """Send whoever is due to hear where they stand."""
        now = self._floor.clock()
        due = [ticket for ticket, at in self._due() if at <= now and self._is_reached(ticket)]
        if not due:
            return
        waiting = [
            each for each in self._floor.waiting() if self._floor.tickets[each.ticket_id].not_before <= now
        ]  # fmt: skip
        agents = sum(agent.state in _AT_WORK for agent in self._floor.agents.values())
        for ticket in due:
            ahead = ahead_of(ticket.ticket_id, waiting, now, self._policy)
            estimate = self._floor.experience.wait(ahead, agents)
            changes = told(ticket, ahead, estimate, now, self.rules)
            self._errands.send(self._send(self._floor.change_ticket(ticket.ticket_id, **changes)))

    def next_change(self) -> float | None:
        """Tell when `step` has something to do."""
        return min((at for ticket, at in self._due() if self._is_reached(ticket)), default=None)

    def _due(self) -> list[tuple[Ticket, float]]:
        """Give who is to be spoken to, each with the time of it."""
        before = self._times
        self._times = {
            name: known if (known := before.get(name)) and known[0] is ticket else (ticket, due_at(ticket, self.rules))
            for name, ticket in self._floor.tickets.items()
        }
        return [(ticket, at) for ticket, at in self._times.values() if at is not None]

    def _is_reached(self, ticket: Ticket) -> bool:
        return ticket.node in self._switchboard.known

    async def _send(self, ticket: Ticket) -> None:
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                await self._floor.ledger.flushed()
        except TimeoutError:
            log.warning("announcing.not_stored", ticket=ticket.ticket_id)
            return
        now = self._floor.tickets.get(ticket.ticket_id)
        if now is None or now.stage is not TicketStage.HELD or now.channel != ticket.channel:
            return
        try:
            await self._switchboard.announce(ticket.node, ticket.channel)
        except (AmiError, ValueError) as error:
            log.info("announcing.not_sent", ticket=ticket.ticket_id, error=str(error))

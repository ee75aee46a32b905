"""Comparing the floor with what lives on a node: after a start, a reconnect, or an offer of which nothing was heard."""

from __future__ import annotations

import asyncio

import structlog

from routing.asterisk.channels import LiveChannel
from routing.asterisk.errors import AmiError
from routing.calls.errands import Errands
from routing.calls.floor import Floor, Leg
from routing.calls.listener import Listener
from routing.calls.messages import AgentState, TicketEnd
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.presence import Presence
from routing.calls.records import Ticket, TicketStage
from routing.calls.recovery.recovery import Recovery
from routing.calls.switchboard import CONNECT, CONNECT_DUTY, CONNECT_OUTSIDE, MESSAGE, PARKED, Switchboard
from routing.calls.talk_survey import TalkSurvey
from routing.calls.talks import Talks

log = structlog.get_logger(__name__)

_JUST_OFFERED_SECONDS = 2.0
_ON_THE_WAY = (TicketStage.OFFERED, TicketStage.MESSAGE)
_LOOK_AGAIN_SECONDS = 5.0
_READ_AGAIN_SECONDS = (0.1, 0.3, 0.6, 1.0)
"""A node writes the end of a call down some moments after the channel is gone, and nothing tells when."""
KNOWN_SECONDS = 5.0
"""So long callers in hold wait for a look at their node at the most, however slowly its files or the node answer."""


class Reconciler:
    """Takes up what lives, ends what is gone (once), and lets nobody in hold wait unknown."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        *,
        listener: Listener,
        offers: Offers,
        outbound: Outbound,
        presence: Presence,
        recovery: Recovery,
        talks: Talks,
    ) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._listener = listener
        self._offers = offers
        self._outbound = outbound
        self._presence = presence
        self._recovery = recovery
        self._talks = talks
        self._survey = TalkSurvey(floor, talks)
        self._under_way: set[str] = set()
        self._again: set[str] = set()

    def look_at(self, node: str) -> None:
        """Compare with this node soon; one comparison at a time for each node, and one more if asked meanwhile."""
        if node in self._under_way:
            self._again.add(node)
        elif node in self._switchboard.up:
            self._under_way.add(node)
            looked = asyncio.Event()
            if not self._errands.send(self._compare(node, looked)):
                self._under_way.discard(node)
                self._switchboard.compared(node)
            elif node not in self._switchboard.known:
                self._errands.send(self._wait_no_longer(node, looked))

    def overdue(self) -> None:
        """Look at the nodes of tickets of which nothing was heard in time."""
        now = self._floor.clock()
        for ticket in list(self._floor.tickets.values()):
            if ticket.stage is not TicketStage.HELD and ticket.answer_by <= now and not ticket.called_back:
                self._floor.change_ticket(ticket.ticket_id, answer_by=now + _LOOK_AGAIN_SECONDS)
                self.look_at(ticket.node)
        for node in self._talks.overdue():
            self.look_at(node)

    def next_change(self) -> float | None:
        """Tell when `overdue` has something to do."""
        tickets = self._floor.tickets.values()
        times = [each.answer_by for each in tickets if each.stage is not TicketStage.HELD and not each.called_back]
        return min((each for each in (*times, self._talks.next_change()) if each is not None), default=None)

    async def _wait_no_longer(self, node: str, looked: asyncio.Event) -> None:
        """Not even a node that takes orders and answers no question keeps callers in hold for ever."""
        try:
            async with asyncio.timeout(KNOWN_SECONDS):
                await looked.wait()
        except TimeoutError:
            log.warning("reconcile.slow", node=node)
            self._switchboard.compared(node)
            self._floor.changed = True

    async def _compare(self, node: str, looked: asyncio.Event) -> None:
        try:
            await self._recovery.read(node)
            tickets = frozenset(self._floor.tickets)
            known = {key for key, leg in self._floor.legs.items() if leg.node == node}
            began = self._floor.clock()
            # What happens while the node answers is left to the events, which come in the same stream as the answer.
            channels = await self._switchboard.channels(node)
            missing = self._compare_channels(node, channels, known, tickets, began)
            self._recovery.compared(node)
            self._switchboard.compared(node)
            self._presence.before_list()
            self._presence.found(node, await self._switchboard.contacts(node))
            if missing:
                self._errands.send(self._end(node, missing))
        except AmiError as error:
            log.warning("reconcile.failed", node=node, error=type(error).__name__)
        finally:
            self._under_way.discard(node)
            looked.set()
            self._switchboard.compared(node)
            self._floor.changed = True
            if node in self._again:
                self._again.discard(node)
                self.look_at(node)

    def _compare_channels(
        self, node: str, channels: list[LiveChannel], known: set[str], tickets: frozenset[str], began: float
    ) -> list[Ticket]:
        """Compare all but the tickets whose callers are gone, which are given."""
        living = {f"{node}|{each.channel}": each for each in channels}
        for key in known - living.keys():
            if leg := self._floor.legs.get(key):
                self._listener.leg_ended(leg)
        for each in channels:
            self._listener.leg_found(Leg(node, each.channel, each.uniqueid, each.linkedid))
        self._survey.compare(node, {each.channel: each for each in channels}, began)
        # A ticket that came while the node answered may be of a caller who was not there yet.
        missing = []
        for ticket in [
            each
            for each in self._floor.tickets.values()
            if each.node == node and (each.ticket_id in tickets or self._floor.was_seen_to_end(node, each.channel))
        ]:
            live = living.get(f"{node}|{ticket.channel}")
            if live is not None:
                self._compare_ticket(ticket, live, began)
            elif f"{node}|{ticket.channel}" not in self._floor.legs:
                missing.append(ticket if ticket.promised else self._offers.take_back(ticket, TicketStage.OPENED))
        self._agents(node)
        self._outbound.reconcile(node, {each.uniqueid: each.state == "Up" for each in channels})
        for each in channels:
            if each.context in ("hold", PARKED) and self._is_unknown(node, each.channel):
                leg = Leg(node, each.channel, each.uniqueid, each.linkedid)
                self._listener.hear_of_holding(leg, each.number)
        return missing

    async def _end(self, node: str, missing: list[Ticket]) -> None:
        """End the tickets of callers who are gone, as the node's files tell, which may have the end a moment later."""
        untold = [(each, self._recovery.story(node, each.call_id)) for each in missing]
        for pause in (*_READ_AGAIN_SECONDS, 0.0):
            untold = [(ticket, story) for ticket, story in untold if ticket.ticket_id in self._floor.tickets]
            for ticket, story in untold:
                if story and (fate := story.fate()):
                    self._offers.recovered(ticket, fate)
                elif not story or not pause:
                    self._offers.gone(ticket)
            if not untold:
                return
            await asyncio.sleep(pause)
            await self._recovery.read(node)

    def _is_unknown(self, node: str, channel: str) -> bool:
        return self._floor.ticket_of(node, channel) is None and self._talks.of_caller(node, channel) is None

    def _compare_ticket(self, ticket: Ticket, live: LiveChannel, began: float) -> None:
        """Put a ticket where its caller is; what changed while the node answered is left to the events."""
        if ticket.stage in _ON_THE_WAY and ticket.offered_at > began - _JUST_OFFERED_SECONDS:
            return
        if live.context in ("hold", PARKED):
            if ticket.stage is not TicketStage.HELD:
                self._offers.take_back(ticket)
        elif live.context == MESSAGE:
            self._offers.take_back(ticket, TicketStage.MESSAGE)
        elif live.context == "fallback":
            self._offers.gone(ticket, TicketEnd.FALLBACK)
        elif live.context in (CONNECT, CONNECT_DUTY, CONNECT_OUTSIDE) and live.bridge:
            self._offers.answered(ticket)

    def _agents(self, node: str) -> None:
        """Free agents of legs and tickets that are no more."""
        for agent in list(self._floor.agents.values()):
            legs = tuple(
                each for each in agent.legs if each in self._floor.legs or not each.startswith(f"{node}|")
            )  # fmt: skip
            ticket = self._floor.tickets.get(agent.ticket_id or "")
            rings = (ticket is not None and ticket.offered_to == agent.extension) or self._talks.reserves(agent)
            if agent.offered in (AgentState.RESERVED, AgentState.RINGING) and not rings:
                offered = AgentState.RINGING if legs else None
                self._floor.change_agent(agent.extension, offered=offered, ticket_id=None, call_id=None, legs=legs)
            elif legs != agent.legs or (agent.offered is AgentState.TALKING and not legs):
                self._offers.leg_ended(agent.extension, legs)

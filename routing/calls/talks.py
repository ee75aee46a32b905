"""Talks: who speaks with whom after a ticket was answered, and where the caller goes when a helper is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import structlog

from routing.asterisk.errors import AmiError, AmiRefused
from routing.calls import entries, keys
from routing.calls.conference import Conference
from routing.calls.cut_off import CutOff
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import AgentState
from routing.calls.records import AgentRecord, Ticket, to_json
from routing.calls.returning import Returning
from routing.calls.switchboard import HOLD, Move, Switchboard
from routing.calls.talk import Talk
from routing.calls.talk_messages import TalkChanged, TalkStage
from routing.settings import Settings

log = structlog.get_logger(__name__)

_LOOK_AGAIN_SECONDS = 5.0


class Talks:
    """Follows each talk. Every method returns at once; what Asterisk is asked goes out as an errand."""

    def __init__(self, floor: Floor, switchboard: Switchboard, errands: Errands, settings: Settings) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._settings = settings
        self.talks: dict[str, Talk] = {}
        """By call id."""
        self.conference = Conference(self)
        self.cut_off = CutOff(floor, settings)
        self.returning = Returning(self, floor, switchboard, errands, cut_off=self.cut_off, settings=settings)

    def restore(self, talks: Iterable[Talk]) -> None:
        """Take up what an earlier router left in Redis; no order of ours is under way."""
        self.talks |= {talk.call_id: replace(talk, since=0.0) for talk in talks}

    def store_all(self) -> None:
        """Write everything again, for a Redis that came back empty."""
        for talk in self.talks.values():
            self._floor.ledger.keep(keys.TALKS, talk.call_id, to_json(talk))

    # Finding

    def of_caller(self, node: str, channel: str) -> Talk | None:
        """Give the talk of the caller on this channel."""
        return self._first(lambda talk: (talk.node, talk.channel) == (node, channel))

    def of_agent(self, extension: str) -> Talk | None:
        """Give the talk that is this agent's own; not one in which they are consulted."""
        return self._first(lambda talk: bool(extension) and talk.extension == extension)

    def of_partner(self, extension: str) -> Talk | None:
        """Give the talk in which this agent is consulted, or which they joined."""
        return self._first(lambda talk: bool(extension) and talk.partner == extension)

    def leg_of(self, talk: Talk) -> str:
        """Give the channel of the talk's agent; empty while more than one of the agent's phones may be it."""
        if talk.leg:
            return talk.leg
        agent = self._floor.agents.get(talk.extension)
        legs = [key.partition("|")[2] for key in agent.legs if key.startswith(f"{talk.node}|")] if agent else []
        return legs[0] if len(legs) == 1 else ""

    def has_left(self, node: str, channel: str) -> bool:
        """Whether a channel is known to be gone."""
        return self._floor.was_seen_to_end(node, channel)

    def _first(self, fits: Any) -> Talk | None:
        return next((talk for talk in self.talks.values() if fits(talk)), None)

    # What happens

    def began(self, ticket: Ticket, extension: str) -> None:
        """A ticket was answered, by an agent or (empty) by an outside number."""
        if ticket.channel:
            self.store(replace(Talk.of(ticket, extension), taken_at=self._floor.clock()))

    def broken(self, node: str, channel: str, cause: int) -> None:
        """The helper's phone died in the talk: the caller is on the way back to hold, with the place they had."""
        talk = self.of_caller(node, channel)
        if talk is not None:
            self._floor.ledger.enter(
                entries.note(
                    talk.call_id, self._floor.clock(), "talk.broken", f"{talk.extension or 'outside'}: {cause}"
                )
            )
            self.ticket_again(talk, **self.cut_off.kept(talk, self.leg_of(talk), cause))

    def ticket_again(self, talk: Talk, **about: Any) -> Ticket:
        """End the talk, and have the caller wait for somebody else where they stood."""
        self.end(talk)
        if known := self._floor.ticket_of(talk.node, talk.channel):
            # They were taken in without our knowing of the talk: now they stand where they stood.
            return self._floor.change_ticket(known.ticket_id, joined_at=min(known.joined_at, talk.joined_at), **about)
        ticket = talk.ticket_again(**about)
        self._floor.join(ticket)
        return ticket

    def back_to_hold(self, talk: Talk, **about: Any) -> None:
        """Have a caller whom nobody helps any more wait for somebody else, with music meanwhile."""
        self._errands.send(self._send_to_hold(self.ticket_again(talk, **about)))

    def caller_gone(self, node: str, channel: str) -> None:
        """The caller hung up: a helper who is left alone is let go; two who speak with each other go on, and so does
        an agent for whom a guest's phone still rings."""
        talk = self.of_caller(node, channel)
        if talk is None:
            return
        if talk.room:
            self.note(talk, "talk.caller_left")
        helpers = self.conference.helpers(talk)
        if talk.room and helpers and talk.ringing:
            # Whoever presses the key for 120 must reach them, even if the caller cannot hold the phone any more.
            self.change(talk, channel="")
            return
        self.end(talk)
        if talk.room and len(helpers) == 1:
            self.hang_up(talk, helpers[0])

    def agent_gone(self, extension: str, channel: str, cause: int = 0) -> None:
        """A leg of an agent's phone is gone. A caller whom they had put on hold goes back to where they stood, or waits
        for an agent who was cut off; out of a conference such an agent is missed, and called in again."""
        talk = self.of_agent(extension)
        if talk is not None and channel in (talk.leg, self.leg_of(talk) or channel):
            if not talk.channel and talk.stage is not TalkStage.CONFERENCE:
                self.end(talk)
            elif talk.stage in (TalkStage.PARKED, TalkStage.CONSULTING):
                self.partner_free(talk)
                self.note(talk, "talk.left", f"{extension} left a caller on hold")
                self.back_to_hold(talk, **self.cut_off.kept(talk, channel, cause))
            elif talk.stage is TalkStage.CONFERENCE:
                self.note(talk, "talk.agent_left", extension)
                self.returning.left(talk, extension, channel, cause)
                self.conference.succeed(talk)
            return
        joined = self.of_partner(extension)
        if joined is not None and joined.stage is TalkStage.CONFERENCE and channel == joined.partner_leg:
            self.returning.left(joined, extension, channel, cause)
            self.change(joined, stage=joined.stage_with(joined.everyone, ""), partner="", partner_leg="")

    def partner_rings(self, channel: str, leg: str) -> None:
        """The phone of the one who is consulted is being called from the agent's channel."""
        talk = self._consulting(channel)
        agent = self._floor.agent_of(leg)
        if talk is not None and agent is not None and agent.extension == talk.partner:
            self._floor.change_agent(agent.extension, offered=AgentState.RINGING)

    def partner_answered(self, channel: str, leg: str) -> None:
        """The one who is consulted has answered."""
        talk = self._consulting(channel)
        if talk is None:
            return
        self.change(talk, partner_leg=leg, look_at=0.0)
        if talk.partner in self._floor.agents:
            self._floor.change_agent(talk.partner, offered=AgentState.TALKING, call_id=talk.call_id)

    def consult_over(self, channel: str, status: str) -> None:
        """Nobody answered, or the one who was consulted has left: agent and caller are on the way to each other."""
        talk = self._consulting(channel)
        if talk is None:
            return
        if status != "ANSWER":
            self.note(talk, "talk.not_consulted", f"{talk.partner}: {status}")
        self.partner_free(talk, missed=status not in ("ANSWER", "CANCEL"))
        trouble = "" if status == "ANSWER" else status.lower()
        self.change(talk, trouble=trouble, stage=TalkStage.TALKING, room=True, partner="", partner_leg="", look_at=0.0)

    # Comparing with what lives

    def overdue(self) -> set[str]:
        """Give the nodes that must be asked, because nothing was heard of a partner in time."""
        now, ask = self._floor.clock(), set()
        for talk in list(self.talks.values()):
            if 0 < talk.look_at <= now:
                self.store(replace(talk, look_at=now + _LOOK_AGAIN_SECONDS))
                ask.add(talk.node)
        return ask

    def next_change(self) -> float | None:
        """Tell when `overdue` has something to do."""
        return min((talk.look_at for talk in self.talks.values() if talk.look_at > 0), default=None)

    # What the orders and the events share

    def change(self, talk: Talk, trouble: str = "", **changes: Any) -> Talk:
        """Change a talk, and tell of it."""
        changed = self.store(replace(talk, **changes))
        self.tell(changed, trouble)
        return changed

    def tell(self, talk: Talk, trouble: str = "", party: str = "") -> None:
        """Tell whoever listens where a talk stands, and what could not be done."""
        now = self._floor.clock()
        self._floor.ledger.publish(
            TalkChanged(talk.call_id, talk.extension, talk.stage, now, talk.partner, trouble, party)
        )

    def note(self, talk: Talk, what: str, detail: str = "") -> None:
        """Write a step of the talk's call down."""
        self._floor.ledger.enter(entries.note(talk.call_id, self._floor.clock(), what, detail))

    def end(self, talk: Talk) -> None:
        """The talk is over; its helpers are the agents' own business. A guest's phone that still rings is let be."""
        if self.talks.pop(talk.call_id, None) is None:
            return
        for guest in talk.ringing:
            self.note(talk, "talk.not_joined", f"{guest.party}: talk over")
            self.hang_up(talk, guest.dial)
        self._floor.ledger.keep(keys.TALKS, talk.call_id, None)
        self.tell(replace(talk, stage=TalkStage.OVER))
        self._floor.changed = True

    def send(self, node: str, move: Move) -> None:
        """Send a channel to a context and extension."""
        self._errands.send(self._move(node, move))

    async def _move(self, node: str, move: Move) -> None:
        try:
            await self._switchboard.move(node, move)
        except (AmiError, ValueError) as error:
            log.info("talks.not_moved", context=move[1], error=type(error).__name__)

    async def _send_to_hold(self, ticket: Ticket) -> None:
        try:
            await self._switchboard.move(ticket.node, (ticket.channel, HOLD, "s"))
        except AmiRefused:
            return  # The caller has gone, or was moved on; the ticket's time limit has it looked at.
        except AmiError as error:
            log.warning("talks.not_held", ticket=ticket.ticket_id, error=type(error).__name__)

    def _consulting(self, channel: str) -> Talk | None:
        return self._first(
            lambda talk: talk.stage is TalkStage.CONSULTING and bool(channel) and self.leg_of(talk) == channel
        )

    def partner_free(self, talk: Talk, missed: bool = False) -> None:
        """Let a consulted agent go who has not answered; one who has is freed by the end of their leg."""
        agent = self._floor.agents.get(talk.partner)
        if agent is None or agent.offered not in (AgentState.RESERVED, AgentState.RINGING):
            return
        self._floor.ledger.release(keys.AGENT_LEASE + agent.extension)
        rest = {"misses": agent.misses + 1, "rest_until": self._floor.clock() + self._settings.rest_seconds}
        offered = AgentState.RINGING if agent.legs else None
        self._floor.change_agent(agent.extension, offered=offered, call_id=None, **(rest if missed else {}))

    def reserves(self, agent: AgentRecord) -> bool:
        """Whether this agent is reserved or rung for a consultation, or to come back to a conference."""
        if self.returning.rings(agent.extension):
            return True
        talk = self.of_partner(agent.extension)
        return talk is not None and talk.stage is TalkStage.CONSULTING and not talk.partner_leg

    def hang_up(self, talk: Talk, channel: str) -> None:
        """End one of the talk's channels, by its name or its Uniqueid."""
        if channel:
            self._errands.send(self._end(talk.node, channel))

    async def _end(self, node: str, channel: str) -> None:
        try:
            await self._switchboard.hang_up(node, channel)
        except AmiError as error:
            log.warning("talks.not_hung_up", node=node, error=type(error).__name__)

    def store(self, talk: Talk) -> Talk:
        """Keep a talk as it is now, without telling anybody."""
        talk = replace(talk, since=self._floor.clock())
        self.talks[talk.call_id] = talk
        self._floor.ledger.keep(keys.TALKS, talk.call_id, to_json(talk))
        self._floor.changed = True
        return talk

"""Offering tickets: choose, ring, and what may come of it (answered, not answered, caller gone)."""

from __future__ import annotations

from dataclasses import replace

import structlog

from routing.asterisk.errors import AmiError, AmiRefused
from routing.calls import entries, keys, place, policy
from routing.calls.agents import after_a_miss
from routing.calls.called_back import PromisedTickets
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.hours_now import DUTY_SECONDS, MESSAGE_SECONDS
from routing.calls.messages import (
    AgentState,
    CallerClass,
    Intent,
    TicketAnswered,
    TicketEnd,
    TicketOffered,
    TicketReturned,
)
from routing.calls.policy import Decision, Target
from routing.calls.records import Ticket, TicketStage
from routing.calls.recovery.stories import CallFate
from routing.calls.rules import rules_of
from routing.calls.switchboard import CONNECT, CONNECT_DUTY, CONNECT_OUTSIDE, Switchboard
from routing.calls.talks import Talks
from routing.settings import Settings

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0
"""Beyond the ring, until an offer of which nothing was heard is looked for."""
_RETURN_SECONDS = 5.0
_SOS_RING_SECONDS = 10.0
"""An SOS goes on to the next phone sooner than other calls."""
_CONTEXTS = {Target.AGENT: CONNECT, Target.DUTY: CONNECT_DUTY, Target.OUTSIDE: CONNECT_OUTSIDE}


class Offers:
    """Who rings for whom. Every method returns at once; what Asterisk is asked goes out as an errand."""

    promises: PromisedTickets
    """Set by `promised_calls.PromisedCalls`, which is made with this."""

    def __init__(
        self, floor: Floor, switchboard: Switchboard, errands: Errands, settings: Settings, talks: Talks
    ) -> None:
        self._talks = talks
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._settings = settings
        self.rules = rules_of(settings)

    def route(self) -> None:
        """Give callers in hold to whoever may take them, until nobody fits."""
        floor, now = self._floor, self._floor.clock()
        known = self._switchboard.known
        while True:
            everyone = floor.waiting()
            held = [each for each in everyone if floor.tickets[each.ticket_id].node in known]
            due = self.promises.due(now) if known else frozenset()
            waiting = held + [each for each in everyone if each.ticket_id in due] if due else held
            agents = floor.staffed()
            decision = policy.choose(waiting, agents, now, self.rules) or policy.widen(
                held, agents, floor.ringing_outside(), now, self.rules
            )
            if decision is not None:
                self._offer(decision, now)
            elif not self.promises.give_way(held):
                return

    def _offer(self, decision: Decision, now: float) -> None:
        floor = self._floor
        before = floor.tickets[decision.ticket_id]
        ring = self._settings.ring_seconds
        if before.caller_class is CallerClass.SOS:
            ring = min(ring, _SOS_RING_SECONDS)
        ring = self.promises.ring_seconds if before.called_back else max(1.0, ring)
        ticket = floor.change_ticket(
            decision.ticket_id,
            stage=TicketStage.OFFERED,
            offered_to=decision.to,
            offered_at=now,
            answer_by=now + ring + _GRACE_SECONDS + DUTY_SECONDS * (decision.target is Target.DUTY),
            reason=decision.reason,
            attempts=before.attempts + 1,
        )
        inside = decision.target is Target.AGENT
        if inside:
            floor.ledger.lease(keys.AGENT_LEASE + decision.to, ticket.ticket_id, ring + _GRACE_SECONDS)
            floor.change_agent(
                decision.to, offered=AgentState.RESERVED, ticket_id=ticket.ticket_id, call_id=ticket.call_id
            )
        extension = decision.to if inside else "outside"
        floor.ledger.publish(
            TicketOffered(
                ticket.ticket_id, ticket.call_id, extension, ticket.reason, now, ticket.elder_id, ticket.case_id
            )
        )
        if ticket.called_back:
            self.promises.dial(ticket)
        else:
            self._errands.send(self._ring(ticket, decision.target, ring))
        floor.note(ticket, "ticket.offered", f"{extension}: {decision.reason}")

    def reached(self, ticket: Ticket) -> None:
        """Whoever was called back is on the line: ring the agent who is reserved for them."""
        now, ring = self._floor.clock(), max(1.0, self._settings.ring_seconds)
        ticket = self._floor.change_ticket(ticket.ticket_id, offered_at=now, answer_by=now + ring + _GRACE_SECONDS)
        agent = ticket.offered_to or ""
        self._floor.ledger.lease(keys.AGENT_LEASE + agent, ticket.ticket_id, ring + _GRACE_SECONDS)
        self._floor.change_agent(agent, call_id=ticket.call_id)
        self._errands.send(self._ring(ticket, Target.AGENT, ring))

    def release(self, ticket: Ticket, status: str) -> None:
        """Let go of the agent who was reserved for a promise, without a miss: they were never rung."""
        self._free(ticket)
        now = self._floor.clock()
        self._floor.ledger.publish(
            TicketReturned(ticket.ticket_id, ticket.call_id, ticket.offered_to or "", status, now)
        )

    def ring_outside(self, ticket: Ticket, number: str) -> None:
        """Ring an outside number for a caller who is transferred to it; not answered, they wait as all others do."""
        if ticket.stage is TicketStage.OPENED:
            why = "transferred to an outside number"
            self._offer(Decision(ticket.ticket_id, Target.OUTSIDE, number, why), self._floor.clock())

    async def _ring(self, ticket: Ticket, target: Target, ring: float) -> None:
        to = ticket.offered_to or ""
        agent = to if target is Target.AGENT else ""
        variables = {"AGENT": agent, "RING_SECONDS": str(round(ring)), "RECORD": self._recording(ticket)}
        if target is Target.DUTY:
            variables["TICKET_ID"] = ticket.ticket_id
        try:
            await self._switchboard.connect(ticket.node, ticket.channel, _CONTEXTS[target], to, variables)
        except (AmiRefused, ValueError) as error:
            log.info("offers.refused", ticket=ticket.ticket_id, error=str(error))
            self._not_sent(ticket)
        except AmiError as error:
            # It may have gone or not; the offer's time limit will have it looked at.
            log.warning("offers.unknown", ticket=ticket.ticket_id, error=type(error).__name__)

    def _not_sent(self, offered: Ticket) -> None:
        """The node did not move the caller: they are gone, or not yet to be moved. Look again soon."""
        ticket = self._floor.tickets.get(offered.ticket_id)
        if ticket is None or ticket.attempts != offered.attempts or ticket.stage is not TicketStage.OFFERED:
            return
        if self._floor.was_seen_to_end(ticket.node, ticket.channel):
            self.gone(ticket)
            return
        self._free(ticket)
        changes = {"stage": TicketStage.OPENED, "offered_to": None, "answer_by": self._floor.clock() + 1.0}
        self._floor.change_ticket(ticket.ticket_id, **changes)

    def held(self, ticket: Ticket, channel: str, caller_class: str = "", node: str = "") -> None:
        """The caller has reached hold (again) and may be sent to somebody; whoever pressed 9 there is an SOS now."""
        if ticket.called_back:
            self.promises.reached(ticket, node, channel, caller_class)
            return
        if ticket.stage is TicketStage.MESSAGE and caller_class != CallerClass.SOS:
            # From there only 9 leads back to hold, so it tells of a moment before; the node is asked all the same.
            self._floor.change_ticket(ticket.ticket_id, answer_by=self._floor.clock())
            return
        if ticket.stage is TicketStage.OFFERED:
            agent = self._floor.agents.get(ticket.offered_to or "")
            if agent is None or agent.offered is not AgentState.RINGING:
                return  # It tells of a moment before the offer; if the offer was lost, its time limit shows it.
            self.failed(ticket, "NOANSWER")
        quiet = place.back_in_hold(ticket, self._floor.clock())
        changes = {"stage": TicketStage.HELD, "channel": channel, "answer_by": 0.0, "quiet_until": quiet}
        if caller_class == CallerClass.SOS:
            changes |= {"caller_class": CallerClass.SOS, "intent": Intent.SOS}
        self._floor.change_ticket(ticket.ticket_id, **changes)

    def ringing(self, ticket: Ticket, leg: str) -> None:
        """Somebody's phone is being called for this ticket."""
        agent = self._floor.agent_of(leg)
        if ticket.stage is TicketStage.OFFERED and agent and agent.ticket_id == ticket.ticket_id:
            self._floor.change_agent(agent.extension, offered=AgentState.RINGING)

    def answered(self, ticket: Ticket) -> None:
        """Agent (or outside number) and caller are connected: the ticket ends."""
        if ticket.stage is not TicketStage.OFFERED:
            return
        floor, now, agent = self._floor, self._floor.clock(), self._agent_of(ticket)
        extension = agent or "outside"
        waited = round(max(0.0, now - ticket.joined_at), 3)
        floor.ledger.publish(
            TicketAnswered(
                ticket.ticket_id, ticket.call_id, extension, waited, now, ticket.elder_id, ticket.case_id
            )
        )  # fmt: skip
        if agent:
            floor.change_agent(agent, offered=AgentState.TALKING, misses=0)
            floor.ledger.release(keys.AGENT_LEASE + agent)
        recording = self._recording(ticket) or None
        floor.ledger.enter(
            entries.ended(
                ticket.call_id, None, outcome=TicketEnd.ANSWERED, agent=agent, answered_at=now, recording=recording,
                node=ticket.node,
            )
        )  # fmt: skip
        by = " ".join(filter(None, (extension, recording)))
        floor.end_ticket(ticket.ticket_id, TicketEnd.ANSWERED, agent, detail=by)
        self._talks.began(ticket, agent or "")

    def failed(self, ticket: Ticket, status: str) -> None:
        """Not answered, busy or unreachable: the ticket is back where it stood, and the agent rests."""
        if ticket.stage is not TicketStage.OFFERED:
            return
        floor, now = self._floor, self._floor.clock()
        extension = self._agent_of(ticket) or "outside"
        self._free(ticket, missed=floor.has_missed(extension, ticket.call_id, status))
        floor.ledger.publish(TicketReturned(ticket.ticket_id, ticket.call_id, extension, status, now))
        floor.change_ticket(
            ticket.ticket_id,
            stage=TicketStage.OPENED,
            offered_to=None,
            answer_by=now + _RETURN_SECONDS,
            tried=(*ticket.tried, (ticket.offered_to or "", now))[-50:],
        )
        floor.note(ticket, "ticket.returned", f"{extension}: {status}")

    def gone(self, ticket: Ticket, end: TicketEnd = TicketEnd.ABANDONED) -> None:
        """The caller needs nobody any more, or is no longer there."""
        if ticket.promised and ticket.channel and end is TicketEnd.ABANDONED:
            self.promises.lost(ticket)
            return
        if ticket.stage is TicketStage.OFFERED:
            self._free(ticket)
        self._floor.end_ticket(ticket.ticket_id, end)

    def recovered(self, ticket: Ticket, fate: CallFate) -> None:
        """The call ended while nobody of ours listened; its node tells how."""
        if ticket.stage is TicketStage.OFFERED:
            self._free(ticket)
        at = fate.ended_at if fate.connected_at is None else fate.connected_at
        self._floor.end_ticket(ticket.ticket_id, fate.ticket_end, fate.agent, told_at=max(at, ticket.joined_at))

    def replaced(self, before: Ticket, ticket: Ticket) -> Ticket:
        """The caller's ticket is another one from now on; if a phone rings for them already, it rings for this one."""
        if before.stage is TicketStage.OFFERED and not self._floor.has_ended(ticket.ticket_id):
            names = ("stage", "offered_to", "offered_at", "answer_by", "reason", "tried", "attempts")
            ticket = replace(ticket, **{name: getattr(before, name) for name in names})
            if extension := self._agent_of(before):
                self._floor.change_agent(extension, ticket_id=ticket.ticket_id, call_id=ticket.call_id)
        self.gone(self._floor.tickets[before.ticket_id], TicketEnd.SELF_SERVED)
        return ticket

    def take_back(self, ticket: Ticket, stage: TicketStage = TicketStage.HELD) -> Ticket:
        """The caller was found in hold, and no phone rings: as if the ticket had not been offered. Or, with the stage
        MESSAGE, where messages are taken; or, with OPENED, not at all, and how the call ended is yet to be learnt: then
        nobody is sent to them."""
        if ticket.stage is TicketStage.OFFERED:
            self._free(ticket)
        now, look = self._floor.clock(), MESSAGE_SECONDS if stage is TicketStage.MESSAGE else _GRACE_SECONDS
        answer_by = 0.0 if stage is TicketStage.HELD else now + look
        return self._floor.change_ticket(ticket.ticket_id, stage=stage, offered_to=None, answer_by=answer_by)

    def leg_ended(self, extension: str, legs: tuple[str, ...]) -> None:
        """A leg of the agent's phone is gone; these are left. After the last of a talk comes wrap-up."""
        agent = self._floor.agents[extension]
        if legs or agent.offered is None or (agent.offered is not AgentState.TALKING and agent.ticket_id):
            self._floor.change_agent(extension, legs=legs)
            return
        talked = agent.offered is AgentState.TALKING
        if talked:
            self._floor.took(self._floor.clock() - agent.since + self._settings.wrap_up_seconds)
        wrap_up_until = self._floor.clock() + self._settings.wrap_up_seconds if talked else agent.wrap_up_until
        self._floor.change_agent(
            extension, legs=(), offered=None, ticket_id=None, call_id=None, wrap_up_until=wrap_up_until
        )

    def _agent_of(self, ticket: Ticket) -> str | None:
        """Give the extension of the agent that the ticket is offered to; None for an outside number."""
        agent = self._floor.agents.get(ticket.offered_to or "")
        return agent.extension if agent and agent.ticket_id == ticket.ticket_id else None

    def _free(self, ticket: Ticket, missed: bool = False) -> None:
        """Let the agent go. While their phone's leg still lives they stay "ringing", with no ticket."""
        agent = self._floor.agents.get(ticket.offered_to or "")
        if agent is None or agent.ticket_id != ticket.ticket_id:
            return
        self._floor.ledger.release(keys.AGENT_LEASE + agent.extension)
        rest_until = self._floor.clock() + self._settings.rest_seconds
        rest = after_a_miss(agent, ticket.offered_at, rest_until) if missed else {}
        offered = AgentState.RINGING if agent.legs else None
        self._floor.change_agent(agent.extension, offered=offered, ticket_id=None, call_id=None, **rest)

    def _recording(self, ticket: Ticket) -> str:
        """The recording of this attempt; empty when calls are not recorded."""
        return ticket.recording if self._settings.record_calls else ""

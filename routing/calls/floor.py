"""The floor: all tickets, agents and channels as the one active router knows them.

Only the router's event loop touches it. Each change is noted in the ledger and told to whoever listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from routing.calls import entries, keys, policy
from routing.calls.agents import AgentAccount, state_of
from routing.calls.experience import Experience
from routing.calls.ledger import Ledger
from routing.calls.messages import AgentChanged, TicketEnd, TicketEnded, TicketJoined
from routing.calls.needs import joined_words
from routing.calls.past import Past
from routing.calls.records import AgentRecord, Ticket, TicketStage, to_json
from routing.calls.spells import Spells

log = structlog.get_logger(__name__)

HOLD_SECONDS = 30.0
"""A ticket whose caller has not reached hold after so long is looked for."""


@dataclass(frozen=True)
class Leg:
    """A living channel."""

    node: str
    channel: str
    uniqueid: str
    linkedid: str

    @property
    def key(self) -> str:
        return f"{self.node}|{self.channel}"


def extension_of(endpoint: str) -> str:
    """Give the extension that an endpoint belongs to: an agent has a SIP phone (1001) and a browser (1001-web)."""
    return endpoint.removesuffix("-web")


class Floor:
    """Tickets, agents, channels."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self.ledger = ledger
        self.clock = clock
        self.tickets: dict[str, Ticket] = {}
        self.agents: dict[str, AgentRecord] = {}
        self.legs: dict[str, Leg] = {}
        self.changed = False
        """Something happened since the router last chose; whoever chooses resets it."""
        self.experience = Experience()
        """What the latest calls have taught about waits; changed by `took` and by the ends of tickets."""
        self.promise_ended: Callable[[Ticket, TicketEnd], None] = lambda _ticket, _end: None
        """Told of the end of each promise."""
        self._by_channel: dict[str, str] = {}
        self._held: dict[str, policy.Waiting] = {}
        self._staffed: list[policy.Agent] = []
        self._past = Past()
        self._spells = Spells(ledger)

    # Channels

    def leg_began(self, leg: Leg) -> None:
        """Note a new channel; one that we saw end is not revived by a late event."""
        if not self._past.is_gone(leg.node, leg.uniqueid):
            self.legs[leg.key] = leg

    def leg_ended(self, leg: Leg) -> None:
        """Note that a channel is gone."""
        self.legs.pop(leg.key, None)
        self._past.channel_gone(leg.node, leg.channel, leg.uniqueid)

    def has_missed(self, extension: str, call_id: str, status: str) -> bool:
        """Whether an agent whose phone rang in vain for this call, with this DIALSTATUS, has missed it.

        Not if the caller left, and not if the phone was busy with another call: Asterisk's own queue serves callers
        beside us after an outage. The leg that said so may be there still.
        """
        agent = self.agents.get(extension)
        legs = [self.legs[key] for key in agent.legs if key in self.legs] if agent else []
        return status != "CANCEL" and not (status == "BUSY" and any(leg.linkedid != call_id for leg in legs))

    def was_seen_to_end(self, node: str, name: str) -> bool:
        """Whether this channel, by name or Uniqueid, is known to be gone."""
        return self._past.is_gone(node, name)

    # Tickets

    def join(self, ticket: Ticket) -> None:
        """Take in a ticket, once; one that has ended does not come back."""
        if ticket.ticket_id in self.tickets or self.has_ended(ticket.ticket_id):
            return
        now = self.clock()
        self._store(replace(ticket, answer_by=ticket.answer_by or now + HOLD_SECONDS))
        self.note(ticket, "ticket.joined", joined_words(ticket))
        self.ledger.publish(
            TicketJoined(
                ticket.ticket_id, ticket.call_id, ticket.intent, ticket.caller_class, ticket.joined_at,
                ticket.elder_id, ticket.case_id,
            )
        )  # fmt: skip

    def change_ticket(self, ticket_id: str, **changes: Any) -> Ticket:
        """Change a ticket that is there."""
        before = self.tickets[ticket_id]
        ticket = replace(before, **changes)
        if before.channel and (before.node, before.channel) != (ticket.node, ticket.channel):
            self._by_channel.pop(f"{before.node}|{before.channel}", None)
        self._store(ticket)
        return ticket

    def end_ticket(
        self,
        ticket_id: str,
        end: TicketEnd,
        extension: str | None = None,
        *,
        told_at: float | None = None,
        detail: str = "",
    ) -> None:
        """End a ticket, once, and write its end down, with a `detail` for the journey.

        `told_at`: it ended then (an epoch), as the node's files tell; the call's own record is written from them too.
        """
        ticket = self.tickets.pop(ticket_id, None)
        if ticket is None:
            return
        self._held.pop(ticket_id, None)
        now = self.clock() if told_at is None else told_at
        self._past.ended(ticket, end)
        waited = round(max(0.0, now - ticket.joined_at), 3)
        if not ticket.promised:
            self.experience.left(waited, end is TicketEnd.ABANDONED)
            self._store_experience()
        self._by_channel.pop(f"{ticket.node}|{ticket.channel}", None)
        self.ledger.keep(keys.TICKETS, ticket_id, None)
        self.ledger.enter(entries.ticket_ended(ticket, end, now, extension))
        if ticket.call_id and end is not TicketEnd.ANSWERED and told_at is None and not ticket.called_back:
            self.ledger.enter(entries.ended(ticket.call_id, None, outcome=end, node=ticket.node))
        self.note(ticket, f"ticket.{end}", detail)
        self.ledger.publish(TicketEnded(ticket_id, ticket.call_id, end, waited, now, extension))
        if ticket.promised:
            self.promise_ended(ticket, end)
        self.changed = True

    def has_ended(self, ticket_id: str) -> bool:
        """Whether this ticket is known to have ended."""
        return self._past.end_of(ticket_id) is not None

    def end_of(self, ticket_id: str) -> TicketEnd | None:
        """How this ticket ended; None if it lives, or nothing is known of it."""
        return self._past.end_of(ticket_id)

    def earlier_ticket(self, call_id: str) -> Ticket | None:
        """Give the last ticket of this call that has ended, if it is remembered."""
        return self._past.ticket_of(call_id)

    def ticket_of(self, node: str, channel: str) -> Ticket | None:
        """Give the ticket of the caller on this channel."""
        ticket_id = self._by_channel.get(f"{node}|{channel}")
        return self.tickets.get(ticket_id) if ticket_id else None

    def note(self, ticket: Ticket, what: str, detail: str = "") -> None:
        """Write a step of the ticket's call down."""
        self.ledger.enter(entries.note(ticket.call_id, self.clock(), what, detail))

    def restore(self, tickets: Iterable[Ticket], agents: Iterable[AgentRecord]) -> None:
        """Take up what an earlier router left in Redis."""
        for ticket in tickets:
            self._index(ticket)
        self.agents |= {agent.extension: agent for agent in agents}
        self._staffed.clear()

    def store_all(self) -> None:
        """Write everything again, for a Redis that came back empty."""
        for ticket in self.tickets.values():
            self._store(ticket)
        for agent in self.agents.values():
            self.ledger.keep(keys.AGENTS, agent.extension, to_json(agent))
        self._store_experience()

    def took(self, seconds: float) -> None:
        """An agent was busy with a call for so long, ring and notes included."""
        self.experience.took(seconds)
        self._store_experience()

    def _store_experience(self) -> None:
        self.ledger.keep(keys.EXPERIENCE, "calls", self.experience.to_json(self.clock()))

    def _store(self, ticket: Ticket) -> None:
        self._index(ticket)
        self.ledger.keep(keys.TICKETS, ticket.ticket_id, to_json(ticket))
        self.changed = True

    def _index(self, ticket: Ticket) -> None:
        self.tickets[ticket.ticket_id] = ticket
        if ticket.stage is TicketStage.HELD:
            self._held[ticket.ticket_id] = _as_waiting(ticket)
        else:
            self._held.pop(ticket.ticket_id, None)
        if ticket.channel:
            self._by_channel[f"{ticket.node}|{ticket.channel}"] = ticket.ticket_id

    # Agents

    def staff(self, accounts: Iterable[AgentAccount]) -> None:
        """Take over who is an agent, and with which skills; whoever left is logged off when their call is over."""
        there = {account.extension: account for account in accounts}
        for account in there.values():
            known = self.agents.get(account.extension)
            if known is None or known.skills != account.skills:
                self.agents.setdefault(account.extension, AgentRecord(account.extension, since=self.clock()))
                self.change_agent(account.extension, skills=account.skills)
        for extension, agent in list(self.agents.items()):
            if extension not in there and agent.offered is None:
                del self.agents[extension]
                self.ledger.keep(keys.AGENTS, extension, None)
        self._staffed.clear()

    def change_agent(self, extension: str, **changes: Any) -> AgentRecord:
        """Change an agent's facts; the state follows, and is told when it is another."""
        before = self.agents[extension]
        now = self.clock()
        agent = replace(before, **changes)
        state = state_of(agent, now)
        since = before.since if state is before.state else now
        agent = replace(agent, state=state, since=since)
        if agent == before:
            return agent
        self.agents[extension] = agent
        self._staffed.clear()
        self._spells.changed(before, agent, now)
        self.ledger.keep(keys.AGENTS, extension, to_json(agent))
        told = (state, agent.wanted_reason, agent.contacts)  # A page looks for its own telephone among these.
        if told != (before.state, before.wanted_reason, before.contacts):
            self.changed = True
            reason = agent.wanted_reason
            self.ledger.publish(AgentChanged(extension, state, since, reason, agent.call_id, agent.ticket_id))
        return agent

    def refresh_agents(self) -> None:
        """Let states follow the clock: wrap-up and rest that are over."""
        now = self.clock()
        for agent in list(self.agents.values()):
            if state_of(agent, now) is not agent.state:
                self.change_agent(agent.extension)

    def next_agent_change(self) -> float | None:
        """Tell when the next wrap-up or rest ends; one that has ended meanwhile, and is not acted on yet, ends now."""
        now = self.clock()
        if any(state_of(agent, now) is not agent.state for agent in self.agents.values()):
            return now
        ends = (end for agent in self.agents.values() for end in (agent.wrap_up_until, agent.rest_until) if end > now)
        return min(ends, default=None)

    def agent_of(self, channel: str) -> AgentRecord | None:
        """Give the agent whose phone a channel belongs to, as PJSIP/1001-0000002a or PJSIP/1001-web-0000002b."""
        technology, _, rest = channel.partition("/")
        return self.agents.get(extension_of(rest.rpartition("-")[0])) if technology == "PJSIP" else None

    # What the policy sees

    def waiting(self) -> list[policy.Waiting]:
        """Give the tickets whose callers are in hold, and the promises whose people are to be called."""
        return list(self._held.values())

    def staffed(self) -> list[policy.Agent]:
        """Give the agents."""
        if not self._staffed:
            self._staffed.extend(
                policy.Agent(agent.extension, agent.state, agent.since, frozenset(agent.skills))
                for agent in self.agents.values()
            )
        return list(self._staffed)

    def ringing_outside(self) -> set[str]:
        """Give the numbers and extensions that ring for some ticket now."""
        return {
            ticket.offered_to
            for ticket in self.tickets.values()
            if ticket.stage is TicketStage.OFFERED and ticket.offered_to
        }


def _as_waiting(ticket: Ticket) -> policy.Waiting:
    """Made once for each change of a ticket: hundreds may wait, and who gets which call is asked at every event."""
    return policy.Waiting(
        ticket.ticket_id, ticket.caller_class, ticket.joined_at - ticket.ahead_seconds, ticket.skills,
        ticket.preferred_agent, ticket.tried, ticket.called_back, ticket.kept_for, ticket.kept_until,
        ticket.kept_since,
    )  # fmt: skip

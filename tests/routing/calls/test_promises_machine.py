"""Promises under random interleavings: the router's own parts, without a wire, held to what must always be true."""

from __future__ import annotations

import itertools
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routing.asterisk.events import OriginateFinished, OriginateReason, system_clock
from routing.calls.agents import AgentAccount
from routing.calls.floor import Floor, Leg
from routing.calls.ledger import Ledger
from routing.calls.messages import AgentState, CallerClass, Intent, OpenTicket, TicketEnd
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.promise_book import NoBook
from routing.calls.promise_messages import PromiseCall
from routing.calls.promises import Promises
from routing.calls.records import PlacedCall, PlacedStage, Ticket, TicketStage, to_json
from routing.calls.talks import Talks
from routing.settings import Settings

NODE = "a"
ATTEMPTS = 3
AGENTS = ("1001", "1002", "1003")
NUMBERS = [f"+8693190001{n:02d}" for n in range(6)]
REASONS = [OriginateReason.NO_ANSWER, OriginateReason.BUSY, OriginateReason.CONGESTION]


class Quiet:
    """Errands that are never run, and a switchboard whose node is up: what Asterisk does, the test says."""

    up = known = frozenset({NODE})

    def send(self, errand: Coroutine[Any, Any, Any]) -> None:
        errand.close()

    def __getattr__(self, _name: str) -> Any:
        async def done(*_args: object) -> None:
            return None

        return done


class PromisesMachine(RuleBasedStateMachine):
    """Callers wait, ask to be called back, are dialled, answer or not, call again; agents come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_800_000_000.0
        quiet: Any = Quiet()
        known = Settings(
            _env_file=None, promise_attempts=ATTEMPTS, promise_retry_seconds=30, outbound_lines=1, wrap_up_seconds=0
        )
        ledger = Ledger(quiet)
        self.floor = Floor(ledger, lambda: self.now)
        self.offers = Offers(self.floor, quiet, quiet, known, Talks(self.floor, quiet, quiet, known))
        self.outbound = Outbound(
            self.floor, quiet, quiet, redis=quiet, settings=known, settle=lambda _ended: None
        )  # fmt: skip
        self.promises = Promises(self.floor, self.offers, self.outbound, quiet, settings=known, book=NoBook())
        self.floor.staff([AgentAccount(each) for each in AGENTS])
        for extension in AGENTS[:2]:
            self.an_agent_is(extension, AgentState.READY)
        self.numbers = itertools.count(1)
        self.joined: dict[str, float] = {}
        self.ends: dict[str, list[TicketEnd]] = {}
        told = self.floor.promise_ended

        def ended(ticket: Ticket, end: TicketEnd) -> None:
            self.ends.setdefault(ticket.ticket_id, []).append(end)
            told(ticket, end)

        self.floor.promise_ended = ended

    # What happens

    @rule(caller_class=st.sampled_from([CallerClass.ELDER, CallerClass.FRAIL, CallerClass.SOS]))
    def somebody_waits(self, caller_class: CallerClass) -> None:
        name = f"c{next(self.numbers)}"
        self.arrives(Ticket(name, name, NODE, f"PJSIP/{name}", Intent.GENERAL, caller_class, self.now))
        self.act()

    @rule(number=st.sampled_from(NUMBERS), waited=st.floats(0, 100))
    def somebody_is_promised(self, number: str, waited: float) -> None:
        """They have waited while nobody was free, and ask for it."""
        name = f"c{next(self.numbers)}"
        joined_at = self.now - waited
        self.arrives(Ticket(name, name, NODE, f"PJSIP/{name}", Intent.GENERAL, CallerClass.ELDER, joined_at))
        self.asks(self.floor.tickets[name], number)
        assert self.floor.end_of(name) is TicketEnd.PROMISED
        self.act()

    @precondition(lambda self: self.offered())
    @rule(data=st.data(), number=st.sampled_from(NUMBERS))
    def whoever_is_being_connected_asks(self, data: st.DataObject, number: str) -> None:
        ticket = self.one_of(data, self.offered())
        assert self.asks(ticket, number) not in self.floor.tickets
        assert ticket.ticket_id in self.floor.tickets
        self.act()

    @rule(
        extension=st.sampled_from(AGENTS),
        wanted=st.sampled_from([AgentState.READY, AgentState.READY, AgentState.PAUSED]),
    )
    def an_agent_comes_or_goes(self, extension: str, wanted: AgentState) -> None:
        self.an_agent_is(extension, wanted)
        self.act()

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), reason=st.sampled_from(REASONS))
    def a_dial_is_not_answered(self, data: st.DataObject, reason: OriginateReason) -> None:
        self.finished(self.one_of(data, self.ringing()), reason)

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), stays=st.booleans())
    def a_dial_is_answered(self, data: st.DataObject, stays: bool) -> None:
        call = self.one_of(data, self.ringing())
        leg = Leg(NODE, f"PJSIP/{call.call_id}", call.call_id, call.call_id)
        self.floor.leg_began(leg)
        self.finished(call, OriginateReason.ANSWERED)
        ticket = self.floor.tickets.get(call.ticket_id)
        if stays and ticket and ticket.called_back:
            self.offers.held(ticket, leg.channel, "", NODE)
        elif not stays:
            self.gone(leg)
        self.act()

    @precondition(lambda self: self.offered())
    @rule(data=st.data())
    def an_agent_answers(self, data: st.DataObject) -> None:
        if offered := self.offered():
            self.offers.answered(self.one_of(data, offered))
            self.act()

    @precondition(lambda self: self.offered())
    @rule(data=st.data())
    def an_agent_does_not_answer(self, data: st.DataObject) -> None:
        if offered := self.offered():
            ticket = self.one_of(data, offered)
            self.offers.failed(ticket, "NOANSWER")
            self.offers.held(self.floor.tickets[ticket.ticket_id], ticket.channel, "", NODE)
            self.act()

    @rule(data=st.data())
    def somebody_hangs_up(self, data: st.DataObject) -> None:
        here = [each for each in self.floor.tickets.values() if each.channel]
        if here:
            ticket = self.one_of(data, here)
            self.gone(Leg(NODE, ticket.channel, ticket.call_id, ticket.call_id))
            self.act()

    @precondition(lambda self: any(each.offered is AgentState.TALKING for each in self.floor.agents.values()))
    @rule(extension=st.sampled_from(AGENTS))
    def a_talk_ends(self, extension: str) -> None:
        if self.floor.agents[extension].offered is AgentState.TALKING:
            self.offers.leg_ended(extension, ())
            for call in [each for each in self.outbound.living() if each.stage is PlacedStage.ANSWERED]:
                if call.ticket_id not in self.floor.tickets:
                    self.gone(Leg(NODE, f"PJSIP/{call.call_id}", call.call_id, call.call_id))
            self.act()

    @precondition(lambda self: self.open())
    @rule(data=st.data(), sos=st.booleans())
    def somebody_calls_again(self, data: st.DataObject, sos: bool) -> None:
        if promises := self.open():
            promise, name = self.one_of(data, promises), f"c{next(self.numbers)}"
            kind = CallerClass.SOS if sos else CallerClass.OTHER
            command = OpenTicket(promise.ticket_id, name, NODE, f"PJSIP/{name}", Intent.GENERAL, kind, self.now)
            self.floor.leg_began(Leg(NODE, command.channel, name, name))
            self.promises.take_back(promise, command)
            taken = self.floor.tickets[promise.ticket_id]
            assert (taken.channel, taken.joined_at) == (command.channel, promise.joined_at)
            self.offers.held(taken, command.channel, "", NODE)
            del self.joined[promise.ticket_id]
            self.act()

    @rule(seconds=st.sampled_from([1.0, 10.0, 40.0, 120.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.floor.refresh_agents()
        self.act()

    # What must always be true

    @invariant()
    def never_more_dials_than_reserved_agents(self) -> None:
        dialled = [each for each in self.open() if each.stage is TicketStage.OFFERED]
        assert len(dialled) == len({each.offered_to for each in dialled})
        for ticket in dialled:
            agent = self.floor.agents[ticket.offered_to or ""]
            assert (agent.offered, agent.ticket_id) == (AgentState.RESERVED, ticket.ticket_id)

    @invariant()
    def never_two_dials_to_one_person(self) -> None:
        numbers = [call.number for call in self.outbound.living()]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def one_person_has_one_promise(self) -> None:
        numbers = [each.number for each in self.floor.tickets.values() if each.promised]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def an_agent_has_one_ticket_and_a_ticket_one_agent(self) -> None:
        held = [agent.ticket_id for agent in self.floor.agents.values() if agent.ticket_id and agent.offered]
        waiting = [each for each in held if each in self.floor.tickets]
        assert len(waiting) == len(set(waiting))

    @invariant()
    def no_promise_is_lost_and_each_ends_once(self) -> None:
        for promise_id, joined_at in self.joined.items():
            ticket, ends = self.floor.tickets.get(promise_id), self.ends.get(promise_id, [])
            assert (ticket is None) == (len(ends) == 1), (promise_id, ends)
            if ticket:
                assert ticket.joined_at == joined_at, "it lost its place"
                assert ticket.dials <= ATTEMPTS

    # The test's own hands

    def act(self) -> None:
        """What the router does after each event."""
        self.promises.step()
        self.offers.route()
        self.outbound.step()

    def arrives(self, ticket: Ticket) -> None:
        self.floor.leg_began(Leg(NODE, ticket.channel, ticket.call_id, ticket.call_id))
        self.floor.join(ticket)
        self.offers.held(self.floor.tickets[ticket.ticket_id], ticket.channel, "", NODE)

    def an_agent_is(self, extension: str, wanted: AgentState) -> None:
        contact = (f"{NODE}|{extension}|sip:x",)
        self.floor.change_agent(extension, contacts=contact, wanted=wanted, misses=0, rest_until=0.0)

    def asks(self, ticket: Ticket, number: str) -> str:
        """What the flow sends when a caller asks to be called back: give the promise's id."""
        promise = replace(
            ticket, ticket_id=f"promise-{next(self.numbers)}", promised=True, number=number, node="", channel="",
            promised_in=ticket.call_id, instead_of=ticket.ticket_id, stage=TicketStage.HELD, offered_to=None, dials=0,
        )  # fmt: skip
        self.promises.make(PromiseCall(ticket.ticket_id, to_json(promise)))
        if promise.ticket_id in self.floor.tickets:
            self.joined[promise.ticket_id] = ticket.joined_at
        return promise.ticket_id

    def finished(self, call: PlacedCall, reason: OriginateReason) -> None:
        event = OriginateFinished(
            node=NODE, at=system_clock(), action_id=call.call_id, answered=reason is OriginateReason.ANSWERED,
            reason=reason, channel=f"PJSIP/{call.call_id}", uniqueid=call.call_id,
        )  # fmt: skip
        self.outbound.dialled(event)
        self.act()

    def gone(self, leg: Leg) -> None:
        """As the listener does for a channel's end."""
        if self.floor.was_seen_to_end(leg.node, leg.uniqueid):
            return
        self.floor.leg_ended(leg)
        if ticket := self.floor.ticket_of(leg.node, leg.channel):
            self.offers.gone(ticket)
        self.outbound.hung_up(leg.uniqueid, 16)

    def open(self) -> list[Ticket]:
        return [each for each in self.floor.tickets.values() if each.called_back]

    def offered(self) -> list[Ticket]:
        return [each for each in self.floor.tickets.values() if each.channel and each.stage is TicketStage.OFFERED]

    def ringing(self) -> list[PlacedCall]:
        return [call for call in self.outbound.living() if call.stage is PlacedStage.DIALLING]

    def one_of(self, data: st.DataObject, choice: list[Any]) -> Any:
        return data.draw(st.sampled_from(choice))


TestPromises = PromisesMachine.TestCase
TestPromises.settings = how(max_examples=80, stateful_step_count=40, deadline=None)

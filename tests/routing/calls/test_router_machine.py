"""The router over a model of Asterisk, through random stories: each ticket ends once, and nobody is lost or doubled."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from routing.asterisk.events import ContactChanged
from routing.calls.messages import AgentState, CallerClass, EndTicket, HangUpCall, PlaceCall, SetAgentState, TicketEnd
from routing.calls.talk_messages import ControlTalk, TalkAction
from tests.routing.calls.machine.message_moves import MessageMoves, check_messages, check_messages_at_rest
from tests.routing.calls.machine.town import AGENTS, MESSAGE_AFTER_SECONDS, Town

STEPS: Counter[str] = Counter()
"""How often each thing has happened, in all stories of this run."""
PHASES = (Phase.generate, Phase.shrink) if "ELDERLINE_MACHINE_SHRINK" in os.environ else (Phase.generate,)
EXAMPLES = int(os.environ.get("ELDERLINE_MACHINE_EXAMPLES", "250"))
"""Stories in a run; more of them by hand."""

who = st.integers(0, 7)
mostly = st.integers(0, 4).map(lambda drawn: drawn != 4)
wishes = st.tuples(
    st.sampled_from(list(TalkAction)),
    st.sampled_from([*AGENTS, "number", "skill"]),
    st.sampled_from(["answers", "answers", "refuses", "rings on"]),
)
rarely = st.integers(0, 3).map(lambda drawn: drawn == 3)
classes = st.sampled_from(list(CallerClass))
agents = st.sampled_from(AGENTS)


class RouterMachine(MessageMoves):
    """One story. `which` picks among those to whom a thing can happen."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(MESSAGE_AFTER_SECONDS)
        self.causes = 0
        self.numbers = 0
        for extension in AGENTS[:2]:
            self.town.exchange.register(extension, True)
        self.town.go_on()
        for extension in AGENTS:
            self.town.redis.command(SetAgentState(extension, AgentState.READY))
        self.town.go_on()
        STEPS["stories"] += 1

    def done(self, what: str) -> None:
        STEPS[what] += 1
        self.town.go_on()

    # Callers

    @rule(caller_class=classes, order=st.sampled_from(["ticket first", "hold first", "no ticket"]))
    def a_caller_asks_for_a_person(self, caller_class: CallerClass, order: str) -> None:
        if len(self.town.callers()) >= 6:
            return
        exchange = self.town.exchange
        caller = exchange.call()
        caller.variables["CALLER_CLASS"] = caller_class.value
        if order == "ticket first":
            self.town.open_ticket(caller, caller_class)
            self.town.go_on()
        exchange.enter(caller, "hold")
        if order == "hold first":
            caller.variables["TICKET_ID"] = f"t-{caller.uniqueid}"
            self.town.go_on()
            if caller.name in exchange.channels:
                self.town.open_ticket(caller, caller_class)
        self.done(f"caller: {order}")

    @rule(caller_class=classes)
    def a_caller_is_answered_at_once(self, caller_class: CallerClass) -> None:
        if len(self.town.callers()) >= 6 or self.town.lagging:
            return
        caller = self.town.exchange.call()
        self.town.open_ticket(caller, caller_class)
        self.town.exchange.enter(caller, "hold")
        self.town.go_on()
        if leg := self.town.exchange.channels.get(caller.dials):
            self.town.exchange.answer(leg)
            self.done("caller answered at once")

    @precondition(lambda self: self.town.callers())
    @rule(which=who, chance=rarely)
    def a_caller_hangs_up(self, which: int, chance: bool) -> None:
        if not chance:
            return
        caller = _pick(self.town.callers(), which)
        STEPS[f"caller gone in {caller.context}{', talking' if caller.bridge else ''}"] += 1
        self.town.exchange.hang_up(caller, 16)
        self.done("caller gone")

    @precondition(lambda self: any(each.context == "hold" for each in self.town.callers()))
    @rule(which=who)
    def a_caller_in_hold_presses_9(self, which: int) -> None:
        caller = _pick([each for each in self.town.callers() if each.context == "hold"], which)
        caller.context = "from-trunk"  # In the flow.
        self.town.go_on()
        if caller.name in self.town.exchange.channels and caller.context == "from-trunk":
            self.town.open_ticket(caller, CallerClass.SOS, "sos")
            self.town.exchange.enter(caller, "hold")
        self.done("9 in hold")

    # Agents

    @rule(extension=agents, there=mostly)
    def a_phone_registers_or_is_lost(self, extension: str, there: bool) -> None:
        self.town.exchange.register(extension, there)
        self.done("registered" if there else "unregistered")

    @precondition(lambda self: self.town.ringing())
    @rule(which=who, how=st.sampled_from(["answers", "answers", "answers", "refuses", "dies"]))
    def who_rings(self, which: int, how: str) -> None:
        leg = _pick(self.town.ringing(), which)
        if how == "answers":
            self.town.exchange.answer(leg)
        elif how == "refuses":
            self.town.exchange.refuse(leg)
        else:
            self.town.exchange.register(leg.name[6:10], False)
            self.town.exchange.refuse(leg, "CONGESTION")
        self.done(f"ringing: {how}")

    @precondition(lambda self: any(each.up for each in self.town.agent_legs()))
    @rule(which=who, dies=st.booleans(), chance=rarely)
    def an_agent_leaves_the_talk(self, which: int, dies: bool, chance: bool) -> None:
        if not chance:
            return
        leg = _pick([each for each in self.town.agent_legs() if each.up], which)
        self.town.exchange.hang_up(leg, 44 if dies else 16)
        self.done("agent's phone dies in talk" if dies else "agent hangs up")

    @rule(extension=agents, state=st.sampled_from([AgentState.READY] * 4 + [AgentState.PAUSED, AgentState.LOGGED_OFF]))
    def an_agent_asks_for_a_state(self, extension: str, state: AgentState) -> None:
        self.town.redis.command(SetAgentState(extension, state))
        self.done(f"agent: {state}")

    @precondition(lambda self: self.town.router.talks.talks)
    @rule(which=who, wishes=st.lists(wishes, min_size=1, max_size=6))
    def agents_want_things_done_with_a_talk(self, which: int, wishes: list[tuple[TalkAction, str, str]]) -> None:
        """One wish after the other, and whoever rings for it answers, refuses, or goes on ringing."""
        call_id = _pick(list(self.town.router.talks.talks), which)
        for action, whom, rings in wishes:
            talk = self.town.router.talks.talks.get(call_id)
            if talk is None:
                return
            named = {"number": {"number": f"1380000{self.numbers:04d}"}, "skill": {"skill": "meal"}}
            self.numbers += whom == "number"
            self.town.redis.command(
                ControlTalk(call_id, talk.extension, action, **named.get(whom, {"agent": whom}))
            )  # fmt: skip
            self.town.loop.settle()
            after = self.town.router.talks.talks.get(call_id)
            done = after is None or after.stage is not talk.stage or after.guests != talk.guests
            self.done(f"talk {talk.stage}: {action}{'' if done else ' refused'}")
            for leg in self.town.ringing() if rings != "rings on" else []:
                self.town.exchange.answer(leg) if rings == "answers" else self.town.exchange.refuse(leg)
                self.done(f"talk: {rings}")
                break
            self.town.check()

    # Commands

    @precondition(lambda self: self.town.router.floor.tickets)
    @rule(which=who, hang_up=st.booleans(), chance=rarely)
    def a_call_is_ended(self, which: int, hang_up: bool, chance: bool) -> None:
        if not chance:
            return
        ticket = _pick(list(self.town.router.floor.tickets.values()), which)
        caller = self.town.exchange.channels.get(ticket.channel)
        if hang_up:
            self.town.redis.command(HangUpCall(ticket.call_id))
        else:
            self.town.redis.command(EndTicket(ticket.ticket_id, TicketEnd.SELF_SERVED))
            if caller is not None and caller.context == "hold":
                self.town.exchange.hang_up(caller, 16)  # Served by keys: the flow says good-bye.
        self.done("ended by command")

    @rule(again=st.booleans(), ring=st.sampled_from([5.0, 30.0]), chance=rarely)
    def an_automatic_call_is_asked_for(self, again: bool, ring: float, chance: bool) -> None:
        if not chance:
            return
        self.causes += not (again and self.causes)
        number = f"1390000{self.causes:04d}"
        expires = self.town.now() + 60
        self.town.redis.command(PlaceCall(f"c-{self.causes}", number, "after_service", "1", ring, expires))
        self.done("automatic call")

    # The world

    @rule(seconds=st.sampled_from([0.2, 1.0, 4.0, 12.0, 35.0]))
    def time_passes(self, seconds: float) -> None:
        self.town.pass_time(seconds)
        self.done("time passes")

    @rule(lagging=st.booleans())
    def events_lag(self, lagging: bool) -> None:
        self.town.lagging = lagging
        self.done("events lag" if lagging else "events flow")

    @precondition(lambda self: self.town.exchange.stream)
    @rule(count=st.integers(1, 6))
    def some_events_come(self, count: int) -> None:
        self.town.deliver(count)
        STEPS["some events come"] += 1

    @precondition(lambda self: self.town.heard)
    @rule(back=st.integers(0, 8))
    def an_event_comes_again(self, back: int) -> None:
        event = self.town.heard[-1 - back % len(self.town.heard)]
        if isinstance(event, ContactChanged):
            return  # It says how things stand, and an old one says it wrongly: the next unanswered ring shows that.
        self.town.loop.call_soon(self.town.client.hear, event)
        self.done("event again")

    @precondition(lambda self: len(self.town.exchange.stream) > 1)
    @rule(at=st.integers(0, 20))
    def two_events_change_places(self, at: int) -> None:
        stream = self.town.exchange.stream
        first = at % (len(stream) - 1)
        if callable(stream[first]) or callable(stream[first + 1]):
            return
        stream[first], stream[first + 1] = stream[first + 1], stream[first]
        STEPS["events change places"] += 1

    @rule(chance=rarely)
    def the_connection_is_cut_or_returns(self, chance: bool) -> None:
        if not chance and self.town.exchange.connected:
            return
        if self.town.exchange.connected:
            self.town.cut()
            self.done("connection cut")
        else:
            self.town.client.connect()
            self.done("connection back")

    @rule(away=st.sampled_from([0.0, 6.0]), chance=rarely)
    def the_router_is_killed_and_another_takes_over(self, away: float, chance: bool) -> None:
        if not chance:
            return
        self.town.kill()
        self.town.loop.advance(away)
        self.town.exchange.time_passes()
        self.town.start()
        self.done("router killed")

    @invariant()
    def always(self) -> None:
        self.town.check()
        check_messages(self.town)

    def teardown(self) -> None:
        """Let everything come to rest, and see that nobody was forgotten."""
        try:
            self.come_to_rest(self.town)
        finally:
            self.town.close()

    def come_to_rest(self, town: Town) -> None:
        town.lagging = False
        if not town.exchange.connected:
            town.client.connect()
        town.deliver()
        town.pass_time(90)
        town.check()
        town.check_at_rest()
        check_messages(town)
        check_messages_at_rest(town)
        for cause in range(1, self.causes + 1):
            assert town.settled[f"c-{cause}"] >= 1 or f"c-{cause}" in town.router._outbound.calls


def _pick(among: list[Any], which: int) -> Any:
    return among[which % len(among)]


@pytest.mark.slow
def test_through_any_story_each_ticket_ends_once_and_nobody_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    run_state_machine_as_test(
        RouterMachine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None,
            derandomize="ELDERLINE_TESTS_ANEW" not in os.environ,
            suppress_health_check=list(HealthCheck), phases=PHASES,
        ),
    )  # fmt: skip
    with capsys.disabled():
        print("\n" + ", ".join(f"{what} {count}" for what, count in sorted(STEPS.items())))
    assert STEPS["stories"] >= EXAMPLES

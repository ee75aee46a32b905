"""Messages in the random stories: nobody is at the desks, callers are asked for a message, and what they do then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from routing.calls import keys
from routing.calls.messages import AgentState, CallerClass, Intent, OpenTicket, SetAgentState
from routing.calls.records import Ticket, TicketStage, to_json
from tests.routing.calls.machine.exchange import NODE
from tests.routing.calls.machine.town import AGENTS, MESSAGE_AFTER_SECONDS, Town

if TYPE_CHECKING:
    from tests.routing.calls.machine.channel import Channel


MOVES = ("speaks", "speaks and goes", "goes", "presses 9")
classes = st.sampled_from(list(CallerClass))


class MessageMoves(RuleBasedStateMachine):
    """Rules for a machine that has a `town`."""

    town: Town
    done: Callable[[str], None]
    """Goes on, and counts what has happened."""

    @rule(caller_class=classes, back=st.booleans(), then=st.sampled_from(["waits", *MOVES]), chance=st.integers(0, 3))
    def a_caller_comes_when_nobody_is_there(
        self, caller_class: CallerClass, back: bool, then: str, chance: int
    ) -> None:
        town = self.town
        if chance != 3 or len(town.callers()) >= 6 or town.lagging or not town.exchange.connected:
            return
        for extension in AGENTS:
            town.redis.command(SetAgentState(extension, AgentState.LOGGED_OFF))
        town.go_on()
        caller = town.exchange.call()
        town.open_ticket(caller, caller_class)
        town.exchange.enter(caller, "hold")
        town.go_on()
        for leg in town.ringing():
            if leg.name.startswith("PJSIP/carrier-") and leg.name in town.exchange.channels:
                town.exchange.refuse(leg)
        town.pass_time(MESSAGE_AFTER_SECONDS + 1)
        for extension in AGENTS if back else ():
            town.redis.command(SetAgentState(extension, AgentState.READY))
        self.done("caller: nobody there")
        if caller.name in town.exchange.channels and caller.context == "message" and then != "waits":
            self._moves(caller, then)

    @precondition(lambda self: in_message(self.town))
    @rule(which=st.integers(0, 7), how=st.sampled_from(MOVES))
    def a_caller_is_asked_for_a_message(self, which: int, how: str) -> None:
        asked = in_message(self.town)
        self._moves(asked[which % len(asked)], how)

    def _moves(self, caller: Channel, how: str) -> None:
        town = self.town
        if how.startswith("speaks"):
            caller.variables["LEFT_WORD"] = "1"
        if how.endswith("goes"):
            town.exchange.hang_up(caller, 16)
        if how == "presses 9":
            caller.context = "from-trunk"  # In the flow.
            self._is_an_sos(caller)
        self.done(f"message: {how}")

    def _is_an_sos(self, caller: Channel) -> None:
        """The ticket becomes an SOS where it stands."""
        town, ticket_id = self.town, caller.variables["TICKET_ID"]
        need = OpenTicket(
            ticket_id, caller.uniqueid, NODE, caller.name, Intent.SOS, CallerClass.SOS, town.now()
        )  # fmt: skip
        town.redis.of(keys.TICKETS).setdefault(ticket_id.encode(), to_json(Ticket.opened(need)).encode())
        town.redis.command(need)
        caller.variables["CALLER_CLASS"] = CallerClass.SOS
        town.go_on()
        if caller.name in town.exchange.channels:
            town.exchange.enter(caller, "hold")


def in_message(town: Town) -> list[Channel]:
    """Give the callers who are asked for a message."""
    return [each for each in town.callers() if each.context == "message"]


def check_messages(town: Town) -> None:
    """What holds of messages at every moment."""
    assert not town.exchange.torn, "somebody was torn out of a message"
    for caller in in_message(town):
        ticket = town.router.floor.ticket_of(NODE, caller.name)
        assert ticket is None or ticket.stage is TicketStage.MESSAGE, f"rung for while leaving a message: {ticket}"
    assert town.owed <= town.exchange.left, "a call-back for somebody who left no message"
    promised = {each["call_id"] for each in town.entries("ticket") if each["end"] == "promised"}
    assert promised <= town.exchange.left, "a promise to somebody who left no message"


def check_messages_at_rest(town: Town) -> None:
    """What holds once everything was heard: each message of which the router heard is owed."""
    assert town.left_heard == town.owed, town.left_heard ^ town.owed

"""What the random stories of test_router_machine found, each as a story of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from routing.asterisk.events import Holding
from routing.calls.messages import AgentState, CallerClass, EndTicket, HangUpCall, PlaceCall, SetAgentState, TicketEnd
from routing.calls.talk_messages import ControlTalk, TalkAction
from tests.routing.calls.machine.town import Town


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    yield town
    town.close()


def test_ending_a_call_while_its_node_is_away_is_no_fault(town: Town) -> None:
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.ELDER)
    town.exchange.enter(caller, "hold")
    town.go_on()
    town.cut()
    town.redis.command(HangUpCall(caller.uniqueid))
    town.go_on()
    town.check()


def test_a_caller_who_comes_while_a_node_is_compared_is_not_taken_for_gone(town: Town) -> None:
    """The ticket came by Redis before the node's events of its caller; the list of channels was older than both."""
    town.lagging = True
    town.cut()
    town.client.connect()
    town.deliver(1)  # The node is up: its channels are asked for, and the answer is on its way.
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.SOS)
    town.go_on()
    town.exchange.enter(caller, "hold")
    town.lagging = False
    town.go_on()
    assert [each.ticket_id for each in town.router.floor.tickets.values()] == [f"t-{caller.uniqueid}"]
    town.check()


def test_a_node_that_is_compared_is_compared_again_if_asked_meanwhile(town: Town) -> None:
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.ELDER)
    town.exchange.enter(caller, "hold")
    town.go_on()
    town.redis.command(EndTicket(f"t-{caller.uniqueid}", TicketEnd.SELF_SERVED))
    caller.context = "from-trunk"  # In a flow, which serves them.
    town.go_on()
    town.lagging = True
    town.cut()
    town.client.connect()
    town.deliver(1)
    town.exchange.enter(caller, "hold")  # They want a person all the same, with the ticket that has ended.
    town.lagging = False
    town.go_on()
    assert town.router.floor.ticket_of("a", caller.name) is not None
    town.check()


def test_a_ticket_that_replaces_one_whose_phone_rings_is_the_one_that_is_answered(town: Town) -> None:
    """Pressed 9 as the offer went out: the agent who answers answers the new ticket, which must not wait for ever."""
    town.exchange.register("1001", True)
    town.redis.command(SetAgentState("1001", AgentState.READY))
    town.go_on()
    caller = town.exchange.call()
    town.exchange.enter(caller, "hold")
    town.go_on()
    town.open_ticket(caller, CallerClass.SOS, "sos")
    town.go_on()
    (ticket,) = town.router.floor.tickets.values()
    assert (ticket.ticket_id, ticket.offered_to) == (f"sos-{caller.uniqueid}", "1001")
    (leg,) = town.ringing()
    town.exchange.answer(leg)
    town.go_on()
    assert town.router.floor.tickets == {}
    assert [each["end"] for each in town.entries("ticket")] == ["self_served", "answered"]
    town.check_at_rest()


def test_a_caller_whose_ticket_ended_in_an_earlier_routers_time_gets_a_new_one(town: Town) -> None:
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.ELDER)
    town.exchange.enter(caller, "hold")
    town.go_on()
    town.redis.command(EndTicket(f"t-{caller.uniqueid}", TicketEnd.SELF_SERVED))
    caller.context = "from-trunk"
    town.go_on()
    town.kill()
    caller.context = "hold"
    town.start()
    (ticket,) = town.router.floor.tickets.values()
    assert ticket.ticket_id != f"t-{caller.uniqueid}"
    town.check()


def test_the_word_of_a_caller_in_hold_that_comes_late_to_a_new_router_makes_no_second_ticket(town: Town) -> None:
    """The caller talks by now, and the router that knew of the ticket's end is gone."""
    town.exchange.register("1001", True)
    town.redis.command(SetAgentState("1001", AgentState.READY))
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.ELDER)
    town.exchange.enter(caller, "hold")
    (holding,) = [each for each in town.exchange.stream if isinstance(each, Holding)]
    town.go_on()
    (leg,) = town.ringing()
    town.exchange.answer(leg)
    town.go_on()
    town.kill()
    town.start()
    town.exchange.stream.append(holding)
    town.go_on()
    assert town.router.floor.tickets == {}
    town.check()
    town.check_at_rest()


def test_an_automatic_call_that_was_found_answered_does_not_keep_the_router_spinning(town: Town) -> None:
    """Its answer was missed, and found by comparing; the time to look for it came round a thousand times a second."""
    town.redis.command(PlaceCall("c-1", "13900000009", "after_service", "1", 5.0, town.now() + 60))
    town.go_on()
    (leg,) = town.ringing()
    town.cut()
    town.exchange.answer(leg)
    town.client.connect()
    town.go_on()
    town.pass_time(40)  # The loop of the tests allows so many timers in a second, and no more.
    town.check()


def test_a_rest_that_ended_while_the_router_was_busy_is_over(town: Town) -> None:
    """Found on the real Asterisk: the clock went past the end of a rest just before an event set the next alarm."""
    floor = town.router.floor
    town.exchange.register("1001", True)
    town.redis.command(SetAgentState("1001", AgentState.READY))
    town.go_on()
    floor.change_agent("1001", rest_until=town.now() + 5)
    assert floor.agents["1001"].state is AgentState.RESTING
    floor.clock = lambda: town.now() + 6  # Other processes had the processor.
    town.redis.command(SetAgentState("1002", AgentState.PAUSED))
    town.go_on()
    town.pass_time(1)
    assert floor.agents["1001"].state is AgentState.READY


def test_a_transfer_right_after_a_return_rings_and_is_not_called_back_into_the_talk(town: Town) -> None:
    """The return was two orders, and the second went out when the first was answered: after the transfer's own."""
    town.exchange.register("1001", True)
    town.redis.command(SetAgentState("1001", AgentState.READY))
    caller = town.exchange.call()
    town.open_ticket(caller, CallerClass.ELDER)
    town.exchange.enter(caller, "hold")
    town.go_on()
    town.exchange.answer(town.exchange.channels[caller.dials])
    town.go_on()
    for action, number in ((TalkAction.CONSULT, "13800000001"), (TalkAction.RETURN, ""), (TalkAction.TRANSFER, "138")):
        town.lagging = action is not TalkAction.CONSULT  # The node's answers, too, are late.
        town.redis.command(ControlTalk(caller.uniqueid, "1001", action, number=number))
        town.go_on()
    town.lagging = False
    town.go_on()
    assert caller.name in town.exchange.channels, "they were hung up on as the agent was let go"
    assert caller.context == "connect-outside"
    town.exchange.answer(town.exchange.channels[caller.dials])
    town.go_on()
    town.check()
    town.check_at_rest()

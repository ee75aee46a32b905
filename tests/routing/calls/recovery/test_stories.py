"""What became of a call, from its lines alone."""

from __future__ import annotations

import random

import pytest

from routing.calls.messages import TicketEnd
from routing.calls.recovery.lines import read_line
from routing.calls.recovery.stories import CallFate, CallStory
from tests.routing.calls.recovery.told import BEGAN, CALLER, DID, NUMBER, abandoned, call_id, line, served


def tell(lines: list[str], call: str = call_id()) -> CallStory:
    story = CallStory(call, "a")
    for each in lines:
        event = read_line(each)
        assert event is not None
        story.hear(event)
    return story


def fate(lines: list[str]) -> CallFate:
    found = tell(lines).fate()
    assert found is not None
    return found


def test_a_call_served_by_asterisks_own_queue_was_answered_by_that_agent() -> None:
    found = fate(served())
    assert (found.direction, found.dialled, found.number) == ("inbound", DID, NUMBER)
    assert (found.outcome, found.agent, found.ticket_end) == ("answered", "1001", TicketEnd.FALLBACK)
    assert found.started_at == pytest.approx(BEGAN)
    assert found.connected_at == pytest.approx(BEGAN + 18)
    assert found.ended_at == pytest.approx(BEGAN + 50.001)
    assert found.talk_seconds == pytest.approx(32)
    assert found.how == "caller hung up, cause 16"


def test_an_agents_browser_is_the_agent() -> None:
    assert fate(served(phone="PJSIP/1001-web-00000004")).agent == "1001"


@pytest.mark.parametrize("phone", ["PJSIP/carrier-00000009", "Local/13900000001@duty-phone-00000002;1"])
def test_a_duty_phone_outside_answers_too(phone: str) -> None:
    found = fate(served(phone=phone))
    assert (found.outcome, found.agent) == ("answered", None)


@pytest.mark.parametrize(
    ("context", "outcome"), [("hold", "abandoned"), ("from-trunk", "abandoned"), ("fallback", "abandoned"),
                             ("next", "self_served")],
)  # fmt: skip
def test_who_hangs_up_without_a_person_gave_up_unless_the_flow_said_good_bye(context: str, outcome: str) -> None:
    found = fate(abandoned(context=context))
    assert (found.outcome, found.agent, found.connected_at, found.talk_seconds) == (outcome, None, None, 0)
    assert found.ended_at == pytest.approx(BEGAN + 30)


def test_a_message_was_left() -> None:
    lines = abandoned(context="fallback")
    story = tell([lines[0], line("FELLBACK", 5, extra="agi"), line("MESSAGE", 28), *lines[1:]])
    found = story.fate()
    assert found is not None
    assert (found.outcome, story.message, story.sos) == ("fallback", True, False)
    assert found.ticket_end is TicketEnd.FALLBACK


def test_a_message_was_left_with_the_flow_while_nobody_listened() -> None:
    lines = abandoned(context="next")
    found = tell([lines[0], line("MESSAGE", 28), *lines[1:]]).fate()
    assert found is not None
    assert (found.outcome, found.ticket_end) == ("promised", TicketEnd.PROMISED)


def test_an_sos_in_asterisks_own_queue_is_known_as_one() -> None:
    assert tell([line("CHAN_START", 0), line("FELLBACK", 1, extra="sos")]).sos


@pytest.mark.parametrize("seed", range(20))
def test_lines_that_come_twice_change_nothing(seed: int) -> None:
    lines = served()
    chance = random.Random(seed)
    doubled = [each for each in lines for _ in range(chance.randint(1, 3))]
    assert fate(doubled) == fate(lines)
    assert fate(lines + lines) == fate(lines)


def test_a_clock_that_is_set_back_in_a_call_makes_no_time_negative() -> None:
    lines = served(end=False)
    found = fate([*lines, line("BRIDGE_EXIT", -3600, bridge_id="b1"), line("HANGUP", -3600)])
    assert found.ended_at >= found.started_at
    assert found.talk_seconds >= 0


def test_a_call_under_way_has_no_fate_and_one_that_ended_with_its_node_has() -> None:
    story = tell(served(end=False))
    assert story.fate() is None
    lost = story.fate(BEGAN + 100)
    assert lost is not None
    assert (lost.outcome, lost.agent, lost.ended_at, lost.how) == (
        "answered", "1001", BEGAN + 100, "the node stopped",
    )  # fmt: skip
    assert lost.talk_seconds == pytest.approx(82)


def test_a_talk_that_moves_to_another_agent_is_one_talk_with_two_parts() -> None:
    lines = served(end=False)
    second = "PJSIP/1002-00000007"
    lines += [
        line("BRIDGE_EXIT", 28, channel=CALLER, bridge_id="b1"),
        line("BRIDGE_ENTER", 33, uniqueid="a-1.7", channel=second, bridge_id="b2"),
        line("BRIDGE_ENTER", 34, channel=CALLER, bridge_id="b2"),
        line("HANGUP", 54, context="connect"),
    ]
    found = fate(lines)
    assert (found.agent, found.connected_at) == ("1002", pytest.approx(BEGAN + 18))
    assert found.talk_seconds == pytest.approx(30)


def test_calls_between_agents_and_automatic_calls() -> None:
    inside = tell([line("CHAN_START", 0, channel="PJSIP/1001-00000001", context="from-agents"), line("HANGUP", 5)])
    assert not inside.ours
    placed = "placed-0123"
    story = tell([line("CHAN_START", 0, call=placed), line("HANGUP", 5, call=placed)], placed)
    found = story.fate()
    assert story.ours
    assert found is not None
    assert (found.direction, found.outcome, found.number, found.dialled) == ("outbound", "", "", "")

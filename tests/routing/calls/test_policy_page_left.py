"""A caller whose agent's page was left in mid-talk waits for that agent, for a while, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.messages import AgentState, CallerClass
from routing.calls.page_left import keeps
from routing.calls.policy import Agent, Rules, Waiting, choose, message_at, next_change, widen
from tests.routing.calls.test_policy import agents, waits

NOW = 10_000.0
RULES = Rules(duty_numbers=("13900000001",))
LEFT = Waiting("left", CallerClass.ELDER, NOW - 200, ("medical",), kept_for="1001", kept_until=NOW + 12)
AWAY, BACK = Agent("1001", AgentState.UNREACHABLE, NOW - 2), Agent("1001", AgentState.READY, NOW - 1)
IDLE = Agent("1002", AgentState.READY, NOW - 500, frozenset({"medical"}))


def test_nobody_else_takes_the_talk_up_while_the_page_may_come_back() -> None:
    assert choose([LEFT], [AWAY, IDLE], NOW, RULES) is None
    decision = choose([LEFT], [BACK, IDLE], NOW, RULES)
    assert decision is not None
    assert decision.to == "1001"
    assert "takes the talk up again" in decision.reason


def test_who_has_not_been_seen_to_leave_the_talk_may_come_back_and_who_speaks_with_another_may_not() -> None:
    left = replace(LEFT, kept_since=NOW - 1)
    talking = replace(BACK, state=AgentState.TALKING, since=NOW - 60)
    assert choose([left], [talking, IDLE], NOW, RULES) is None
    decision = choose([left], [replace(talking, since=NOW - 0.5), IDLE], NOW, RULES)
    assert decision is not None
    assert decision.to == "1002"


def test_not_even_who_has_waited_longer_gets_the_agent_first() -> None:
    longer = Waiting("longer", CallerClass.FRAIL, NOW - 900)
    decisions = {each.ticket_id: each.to for each in [choose([longer, LEFT], [BACK], NOW, RULES)] if each}
    assert decisions == {"left": "1001"}


def test_time_for_notes_does_not_count_against_a_talk_that_is_not_over() -> None:
    wrapping_up = replace(BACK, state=AgentState.WRAP_UP)
    decision = choose([LEFT], [wrapping_up, IDLE], NOW, RULES)
    assert decision is not None
    assert decision.to == "1001"


@pytest.mark.parametrize("state", [AgentState.LOGGED_OFF, AgentState.PAUSED, AgentState.TALKING, AgentState.RINGING])
def test_an_agent_who_does_something_else_is_not_waited_for(state: AgentState) -> None:
    decision = choose([LEFT], [replace(AWAY, state=state), IDLE], NOW, RULES)
    assert decision is not None
    assert decision.to == "1002"


def test_it_ends_with_the_time_with_a_try_and_with_an_agent_nobody_knows() -> None:
    tried = replace(LEFT, tried=(("1001", NOW - 1),))
    for ticket, moment, there in ((LEFT, NOW + 12, [AWAY, IDLE]), (tried, NOW, [AWAY, IDLE]), (LEFT, NOW, [IDLE])):
        decision = choose([ticket], there, moment, RULES)
        assert decision is not None
        assert decision.to == "1002"
    assert next_change([LEFT], NOW, RULES) == NOW + 12


def test_an_sos_waits_for_nobody_and_takes_the_agent_who_is_kept_for_another() -> None:
    sos = Waiting("sos", CallerClass.SOS, NOW - 3, kept_for="1001", kept_until=NOW + 12)
    decision = choose([sos], [AWAY, IDLE], NOW, RULES)
    assert decision is not None
    assert decision.to == "1002"
    first = choose([replace(sos, kept_for=None), LEFT], [BACK], NOW, RULES)
    assert first is not None
    assert first.ticket_id == "sos"


def test_no_duty_phone_rings_and_no_message_is_taken_meanwhile() -> None:
    closed = replace(RULES, closed_since=NOW - 1000)
    assert widen([LEFT], [AWAY], (), NOW, closed) is None
    assert widen([LEFT], [AWAY], (), NOW + 12, closed) is not None
    rung = replace(LEFT, tried=(("13900000001", NOW - 1),))
    assert message_at(rung, [AWAY], NOW - 2, closed) == NOW + 12


@given(waits, agents, st.data())
def test_whoever_is_kept_never_costs_the_others_more_than_their_own_agent(waiting, there, data) -> None:
    """With the kept ticket gone and its agent busy, the others get what they get beside it."""
    if not there:
        return
    mine = data.draw(st.sampled_from(there))
    kept = Waiting("kept", CallerClass.ELDER, NOW - 100, kept_for=mine.extension, kept_until=NOW + 5)
    if not keeps(kept, there, NOW):
        return
    rest = [each for each in waiting if each.caller_class is not CallerClass.SOS]
    beside = choose([*rest, kept], [each for each in there if each is not mine], NOW, RULES)
    with_mine = choose([*rest, kept], there, NOW, RULES)
    if mine.state in (AgentState.READY, AgentState.WRAP_UP):
        assert with_mine is not None
    if with_mine is not None and with_mine.ticket_id == "kept":
        assert with_mine.to == mine.extension
    elif with_mine is not None:
        assert with_mine.to != mine.extension
        assert beside is not None

"""What a caller in hold is told: it only ever falls, and comes when it should."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing.calls import policy
from routing.calls.estimate import in_minutes
from routing.calls.messages import CallerClass, Intent
from routing.calls.place import AnnouncementRules, ahead_of, back_in_hold, due_at, told
from routing.calls.records import Ticket, TicketStage, from_json, to_json

RULES = AnnouncementRules(first=15, every=45, offer=60)
HELD = Ticket(
    "t", "c", "a", "PJSIP/x", Intent.GENERAL, CallerClass.ELDER, joined_at=1_000.0, stage=TicketStage.HELD
)  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(1, 600), st.integers(0, 90), st.floats(0, 20_000)), min_size=1, max_size=30),
)
def test_neither_the_callers_ahead_nor_the_wait_ever_grow(queue: list[tuple[float, int, float]]) -> None:
    """However the queue and the rate of service change, and though the router restarts between any two."""
    ticket, now, heard = HELD, 1_000.0, []
    for after, ahead, estimate in queue:
        now += after
        changes = told(ticket, ahead, estimate, now, RULES)
        ticket = from_json(Ticket, to_json(replace(ticket, **changes)))
        assert ticket.told_ahead is not None
        assert ticket.told_seconds is not None
        heard.append((ticket.told_ahead, in_minutes(ticket.told_seconds), now + ticket.told_seconds))
    for earlier, later in itertools.pairwise(heard):
        assert later[0] <= earlier[0]
        assert later[1] <= earlier[1]
        assert later[2] <= max(earlier[2], now) + 1e-6, "the moment that was promised moved away"


@given(st.floats(0, 3_000), st.floats(0, 3_000))
def test_any_moment_is_true_once(first: float, second: float) -> None:
    once = replace(HELD, **told(HELD, 0, first, 1_015.0, RULES))
    twice = replace(once, **told(once, 0, second, 1_060.0, RULES))
    assert not once.told_soon
    assert twice.told_soon == (first < 60)


def test_first_after_a_moment_then_at_intervals_and_once_more_for_the_offer() -> None:
    assert due_at(HELD, RULES) == 1_015.0
    after_first = replace(HELD, **told(HELD, 1, 40, 1_015.0, RULES))
    assert not after_first.may_be_called_back
    after_first = back(after_first, 1_020.0)
    assert due_at(after_first, RULES) == 1_060.0
    offered = replace(after_first, **told(after_first, 1, 40, 1_060.0, RULES))
    assert offered.may_be_called_back
    assert due_at(back(offered, 1_070.0), RULES) == 1_105.0


def test_whoever_will_wait_beyond_the_threshold_is_offered_a_call_back_at_once() -> None:
    assert not told(HELD, 1, 44.9, 1_015.0, RULES)["may_be_called_back"]
    at_once = replace(HELD, **told(HELD, 1, 45, 1_015.0, RULES))
    assert at_once.may_be_called_back
    assert due_at(back(at_once, 1_025.0), RULES) == 1_060.0, "and hears of it again with the next announcement"
    assert told(at_once, 0, 1.0, 1_030.0, RULES)["may_be_called_back"], "an offer is not taken back"


def test_no_announcement_comes_in_the_middle_of_a_conversation_nor_right_after_it() -> None:
    talks = replace(HELD, **told(HELD, 1, 100, 1_015.0, RULES))
    assert due_at(talks, RULES) == 1_015.0 + 180, "its end was never heard of"
    assert due_at(back(talks, 1_115.0), RULES) == 1_130.0


def back(ticket: Ticket, now: float) -> Ticket:
    """They are in hold again."""
    return replace(ticket, quiet_until=back_in_hold(ticket, now))


def test_the_offer_does_not_follow_on_the_heels_of_an_announcement() -> None:
    late = replace(HELD, told_at=1_055.0)
    assert due_at(late, RULES) == 1_070.0


def test_an_sos_whoever_is_not_in_hold_and_a_promise_hear_none() -> None:
    for other in (
        replace(HELD, caller_class=CallerClass.SOS),
        replace(HELD, stage=TicketStage.OFFERED),
        replace(HELD, stage=TicketStage.OPENED),
        replace(HELD, promised=True),
        replace(HELD, promised=True, channel=""),
    ):
        assert due_at(other, RULES) is None


@given(
    st.lists(
        st.tuples(st.sampled_from(list(CallerClass)), st.floats(0, 900)), min_size=1, max_size=12
    )
)  # fmt: skip
def test_ahead_are_those_whom_policy_would_choose_before(queue: list[tuple[CallerClass, float]]) -> None:
    """Asked of the policy itself: with one idle agent after the other, who goes before?"""
    rules, now = policy.Rules(), 2_000.0
    waiting = [policy.Waiting(f"t{n}", kind, now - waited) for n, (kind, waited) in enumerate(queue)]
    agent = [policy.Agent("1001", policy.AgentState.READY, 0.0)]
    left, order = list(waiting), []
    while left:
        decision = policy.choose(left, agent, now, rules)
        assert decision is not None
        order.append(decision.ticket_id)
        left = [each for each in left if each.ticket_id != decision.ticket_id]
    assert [ahead_of(each, waiting, now, rules) for each in order] == list(range(len(order)))
    assert ahead_of("nobody", waiting, now, rules) == 0

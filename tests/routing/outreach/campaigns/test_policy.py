"""The rules of group messages, on many values."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.campaigns.policy import (
    AHEAD,
    MOVES,
    USUAL_HABITS,
    Act,
    Hours,
    Moment,
    Now,
    Person,
    Selection,
    State,
    Then,
    Way,
    after_call,
    is_meant,
    lasts,
    may,
    moment,
    next_open,
    to_owe,
    turn,
    verdict,
)
from tests.routing.town import ZONE

EIGHT = datetime(2026, 3, 4, 8, 0, tzinfo=ZONE)
HOURS = Hours(EIGHT, EIGHT + timedelta(days=2), time(8), time(12), ZONE)
instants = st.integers(-2 * 86_400, 4 * 86_400).map(lambda seconds: EIGHT + timedelta(seconds=seconds))


def test_what_is_over_stays_over_and_no_draft_finishes() -> None:
    for state, act in product(State, Act):
        after = MOVES.get((state, act))
        if state in (State.STOPPED, State.FINISHED):
            assert after is None
            assert may(state) == frozenset()
            assert may(state, queued=1) == (frozenset() if state is State.STOPPED else {Act.PAUSE, Act.STOP})
        if after is State.FINISHED:
            assert act is Act.FINISH and state in (State.RUNNING, State.PAUSED)
    assert may(State.RUNNING) == {Act.PAUSE, Act.STOP}
    assert may(State.PAUSED) == {Act.RESUME, Act.STOP}


@given(now=instants)
def test_the_next_moment_to_call_is_open_and_not_before_now(now: datetime) -> None:
    at = next_open(HOURS, now)
    if at is None:
        assert now >= HOURS.ends_at - timedelta(hours=20)
        return
    assert at >= now
    assert moment(HOURS, at) is Moment.OPEN
    assert (at == now) is (moment(HOURS, now) is Moment.OPEN)


@given(now=instants, state=st.sampled_from(State), on=st.integers(0, 40), lines=st.integers(1, 30))
def test_nobody_is_dialled_unless_it_runs_at_an_open_hour_with_a_line_free(
    now: datetime, state: State, on: int, lines: int
) -> None:
    found = verdict(state, HOURS, on, lines, now)
    allowed = state is State.RUNNING and moment(HOURS, now) is Moment.OPEN and on < lines
    assert (found.now is Now.DIAL) is allowed
    assert (found.not_before is not None) is (found.now is Now.LATER)
    if found.not_before is not None:
        assert found.not_before > now


@given(lines=st.integers(1, 100), open_calls=st.integers(0, 1_000))
def test_never_more_is_owed_than_a_few_for_each_line(lines: int, open_calls: int) -> None:
    assert 0 <= to_owe(lines, open_calls) <= max(0, AHEAD * lines - open_calls)


@pytest.mark.parametrize(
    ("way", "outcome", "then"),
    [
        (Way.CALL, "no_answer", Then.NOT_REACHED),
        (Way.CALL_SMS, "no_answer", Then.WRITE),
        (Way.CALL_SMS, "never_call", Then.WRITE),
        (Way.CALL, "never_call", Then.LEFT_OUT),
        (Way.CALL_SMS, "gone", Then.LEFT_OUT),
        (Way.CALL_SMS, "opted_out", Then.LEFT_OUT),
        (Way.CALL_SMS, "stopped", Then.STOPPED),
    ],
)
def test_what_follows_a_call_that_reached_nobody(way: Way, outcome: str, then: Then) -> None:
    assert after_call(way, outcome) is then


def test_a_selection_means_those_who_fit_all_of_it_and_the_frail_come_first() -> None:
    frail = Person(7, "东关", "frail", "assisted", True)
    other = Person(1, "东关", "elder", "self_paid", False)
    assert is_meant(frail, Selection("东关", "frail", "assisted", True))
    for wrong in (Selection("西关"), Selection(caller_class="elder"), Selection(payer_class="self_paid")):
        assert not is_meant(frail, wrong)
    assert not is_meant(other, Selection(alone=True))
    assert sorted([other, frail], key=turn) == [frail, other]


@given(telephones=st.integers(0, 5_000), lines=st.integers(1, 60))
def test_more_lines_never_take_longer_and_more_telephones_never_less(telephones: int, lines: int) -> None:
    took = lasts(telephones, lines, 20.0, 3, USUAL_HABITS)
    assert took >= lasts(telephones, lines + 1, 20.0, 3, USUAL_HABITS)
    assert took <= lasts(telephones + 1, lines, 20.0, 3, USUAL_HABITS)

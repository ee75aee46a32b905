"""The table of moves, and who cancels."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.policy import (
    MOVES,
    OPEN,
    CancelBy,
    OrderState,
    cancelling,
    is_repeat,
    may_check_in,
    may_move,
    promised_for,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_every_state_has_its_row_and_every_move_leads_to_a_state() -> None:
    assert set(MOVES) == set(OrderState)
    assert all(to in MOVES for row in MOVES.values() for to in row)


def test_no_state_moves_to_itself_and_cancelled_is_the_end() -> None:
    assert not any(may_move(state, state) for state in OrderState)
    assert MOVES[OrderState.CANCELLED] == frozenset()


def test_the_story_of_an_order_is_allowed() -> None:
    story = [OrderState(word) for word in ["requested", "offered", "accepted", "visiting", "done", "rated", "closed"]]
    assert all(may_move(*pair) for pair in itertools.pairwise(story))


@given(st.lists(st.sampled_from(list(OrderState)), max_size=12))
def test_whatever_is_tried_an_open_order_can_still_end(tried: list[OrderState]) -> None:
    state = OrderState.REQUESTED
    for to in tried:
        if may_move(state, to):
            state = to
    seen, waiting = {state}, [state]
    while waiting:
        for to in MOVES[waiting.pop()] - seen:
            seen.add(to)
            waiting.append(to)
    assert seen & {OrderState.CLOSED, OrderState.CANCELLED}


def test_nobody_waits_for_an_order_that_is_done() -> None:
    assert OrderState.DONE not in OPEN
    assert OrderState.VISITING in OPEN


@pytest.mark.parametrize(("minutes", "repeat"), [(0, True), (9.9, True), (10, False), (-1, False)])
def test_twice_within_ten_minutes_is_a_repeat(minutes: float, repeat: bool) -> None:
    assert is_repeat(NOON, NOON + timedelta(minutes=minutes)) is repeat


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # The strategy adds the zone.
def test_a_promise_is_the_half_hour_two_to_two_and_a_half_hours_ahead(now: datetime) -> None:
    promised = promised_for(now)
    assert timedelta(hours=2) <= promised - now < timedelta(hours=2, minutes=30)
    assert (promised.minute % 30, promised.second, promised.microsecond) == (0, 0, 0)
    assert may_check_in(promised, now)


def test_a_visit_may_begin_around_the_promised_time_only() -> None:
    assert may_check_in(NOON, NOON - timedelta(hours=15))
    assert not may_check_in(NOON, NOON - timedelta(hours=17))
    assert not may_check_in(NOON, NOON + timedelta(hours=25))


@pytest.mark.parametrize(
    ("state", "minutes_ahead", "by"),
    [
        (OrderState.REQUESTED, 5, CancelBy.KEY), (OrderState.OFFERED, -30, CancelBy.KEY),
        (OrderState.UNASSIGNED, 5, CancelBy.KEY), (OrderState.ACCEPTED, 61, CancelBy.KEY),
        (OrderState.ACCEPTED, 60, CancelBy.PERSON), (OrderState.ACCEPTED, -90, CancelBy.PERSON),
        (OrderState.VISITING, 90, CancelBy.PERSON), (OrderState.DONE, 90, CancelBy.NOBODY),
        (OrderState.CANCELLED, 90, CancelBy.NOBODY), (OrderState.DISPUTED, 90, CancelBy.NOBODY),
    ],
)  # fmt: skip
def test_an_elder_cancels_by_key_until_a_worker_may_be_on_the_way(
    state: OrderState, minutes_ahead: int, by: CancelBy
) -> None:
    found = cancelling(state, NOON + timedelta(minutes=minutes_ahead), NOON)
    assert (found.by, bool(found.reason)) == (by, True)
    assert by is not CancelBy.KEY or may_move(state, OrderState.CANCELLED)

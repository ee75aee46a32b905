"""The table of moves and the ranking of companies."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.policy import (
    MOVES,
    OPEN,
    CancelBy,
    Candidate,
    Need,
    OrderState,
    cancelling,
    distance_km,
    is_repeat,
    may_check_in,
    may_move,
    promised_for,
    rank,
    shrunk_rating,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NEED = Need(item_id=1, district="东桥街道", latitude=36.0, longitude=103.8)
COMPANY = Candidate(
    company_id=1, item_ids=frozenset({1}), districts=frozenset(), active=True, open_from=0, open_until=1440,
    daily_capacity=10, orders_today=0, offers_today=0, qualified_workers=1, rating_sum=0, rating_count=0,
    latitude=36.0, longitude=103.8,
)  # fmt: skip


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
    ("change", "reason"),
    [
        ({"active": False}, "not active"),
        ({"item_ids": frozenset({2})}, "does not offer"),
        ({"districts": frozenset({"柳荫街道"})}, "does not serve 东桥街道"),
        ({"open_from": 480, "open_until": 600}, "closed"),
        ({"orders_today": 10}, "no capacity"),
        ({"qualified_workers": 0}, "certificate"),
        ({"already_asked": True}, "asked before"),
    ],
)
def test_a_company_that_cannot_is_left_out_with_the_reason(change: dict[str, object], reason: str) -> None:
    ranking = rank(NEED, [replace(COMPANY, **change)], 720)  # type: ignore[arg-type]
    assert not ranking.chosen
    assert reason in ranking.left_out[0].reason


def test_hours_that_go_over_midnight() -> None:
    night = replace(COMPANY, open_from=1320, open_until=360)
    assert rank(NEED, [night], 30).chosen
    assert not rank(NEED, [night], 720).chosen


def test_the_near_the_good_and_the_less_asked_come_first() -> None:
    near, far = replace(COMPANY, company_id=2), replace(COMPANY, company_id=1, latitude=36.1)
    good, bad = replace(COMPANY, company_id=4, rating_sum=500, rating_count=100), replace(COMPANY, company_id=3)
    fresh, busy = replace(COMPANY, company_id=6), replace(COMPANY, company_id=5, offers_today=8)
    for better, worse in ((near, far), (good, bad), (fresh, busy)):
        assert [each.company_id for each in rank(NEED, [worse, better], 720).chosen] == [
            better.company_id,
            worse.company_id,
        ]


def test_a_company_without_coordinates_is_neither_near_nor_last() -> None:
    unknown, far = replace(COMPANY, company_id=9, latitude=None), replace(COMPANY, latitude=37.0)
    assert rank(NEED, [far, unknown], 720).chosen[0].company_id == 9


CANDIDATES = st.builds(
    replace,
    st.just(COMPANY),
    company_id=st.integers(1, 6),
    active=st.booleans(),
    orders_today=st.integers(0, 12),
    offers_today=st.integers(0, 20),
    daily_capacity=st.integers(0, 12),
    rating_sum=st.integers(0, 50),
    rating_count=st.integers(10, 12),
    latitude=st.one_of(st.none(), st.floats(30, 40)),
)


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda each: each.company_id), st.randoms())
def test_everyone_is_ranked_or_left_out_whatever_their_order(candidates: list[Candidate], random: object) -> None:
    ranking = rank(NEED, candidates, 720)
    named = [each.company_id for each in (*ranking.chosen, *ranking.left_out)]
    assert sorted(named) == sorted(each.company_id for each in candidates)
    assert all(each.reason for each in (*ranking.chosen, *ranking.left_out))
    shuffled = sorted(candidates, key=lambda _each: random.random())  # type: ignore[attr-defined]
    assert rank(NEED, shuffled, 720).chosen == ranking.chosen


def test_distance_of_two_known_places() -> None:
    # Lanzhou to Xi'an, 36.06 N 103.83 E to 34.27 N 108.95 E: 507 km on a sphere of 6371 km.
    assert distance_km(36.06, 103.83, 34.27, 108.95) == pytest.approx(507, abs=3)
    assert distance_km(36.0, 103.8, 36.0, 103.8) == 0


def test_one_angry_word_does_not_sink_a_newcomer() -> None:
    assert shrunk_rating(0, 0) == 4.0
    assert shrunk_rating(1, 1) > 3.7
    assert shrunk_rating(100, 100) < 1.3


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

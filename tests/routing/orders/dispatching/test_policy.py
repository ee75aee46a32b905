"""The ranking of companies: who is asked, in what order, how many at once, and why the others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.dispatching.distance import distance_km
from routing.orders.dispatching.policy import Candidate, Need, Why, asked_at_once, rank, shrunk_rating
from routing.orders.dispatching.record import decode, encode

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NEED = Need(item_id=1, district="东桥街道", latitude=36.0, longitude=103.8)
COMPANY = Candidate(
    company_id=1, item_ids=frozenset({1}), districts=frozenset(), active=True, open_from=0, open_until=1440,
    daily_capacity=10, orders_today=0, offers_today=0, qualified_workers=1, rating_sum=0, rating_count=0,
    latitude=36.0, longitude=103.8,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"active": False}, "not active"),
        ({"item_ids": frozenset({2})}, "does not offer"),
        ({"districts": frozenset({"柳荫街道"})}, "does not serve"),
        ({"open_from": 480, "open_until": 600}, "closed"),
        ({"orders_today": 10}, "no capacity"),
        ({"qualified_workers": 0}, "certificate"),
        ({"already_asked": True}, "asked before"),
        ({"suspended": True}, "suspended"),
        ({"has_phone": False}, "no telephone"),
        ({"gave_up": True, "already_asked": True}, "gave this order up"),
        ({"radius_km": 2.0, "latitude": 36.05}, "no farther than 2 km"),
    ],
)
def test_a_company_that_cannot_is_left_out_with_the_reason(change: dict[str, object], reason: str) -> None:
    ranking = rank(NEED, [COMPANY._replace(**change)], 720)  # type: ignore[arg-type]
    assert not ranking.chosen
    assert reason in ranking.left_out[0].reason


def test_every_reason_is_a_code_with_its_numbers() -> None:
    full = rank(NEED, [COMPANY._replace(orders_today=12)], 720).left_out[0]
    assert (full.why, full.numbers) == (Why.CAPACITY, (12, 10))


def test_a_radius_counts_only_where_both_places_are_known() -> None:
    near = COMPANY._replace(radius_km=2.0)
    assert rank(NEED, [near], 720).chosen
    assert rank(NEED, [near._replace(latitude=None)], 720).chosen
    assert rank(replace(NEED, latitude=None), [near._replace(latitude=40.0)], 720).chosen


@given(st.floats(0, 1), st.floats(0, 1))
def test_who_accepts_more_and_comes_in_time_is_asked_sooner(less: float, more: float) -> None:
    less, more = sorted((less, more))
    for share in ("acceptance", "punctuality"):
        worse = COMPANY._replace(company_id=1, **{share: less})  # type: ignore[arg-type]
        better = COMPANY._replace(company_id=2, **{share: more})  # type: ignore[arg-type]
        first = rank(NEED, [worse, better], 720).chosen
        assert first[0].score >= first[1].score
        assert first[0].company_id == 2 or first[0].score == first[1].score


def test_a_newcomer_stands_between_the_reliable_and_the_unreliable() -> None:
    new = COMPANY._replace(company_id=1)
    good = COMPANY._replace(company_id=2, acceptance=0.95, punctuality=0.95)
    bad = COMPANY._replace(company_id=3, acceptance=0.4, punctuality=0.6)
    assert [each.company_id for each in rank(NEED, [new, good, bad], 720).chosen] == [2, 1, 3]


def test_an_emergency_is_an_urgent_kind_that_is_wanted_now() -> None:
    assert asked_at_once(True, NOON + timedelta(hours=2, minutes=29), NOON) == 3
    assert asked_at_once(True, NOON - timedelta(minutes=1), NOON) == 3
    assert asked_at_once(True, NOON + timedelta(hours=20), NOON) == 1
    assert asked_at_once(False, NOON, NOON) == 1


def test_hours_that_go_over_midnight() -> None:
    night = COMPANY._replace(open_from=1320, open_until=360)
    assert rank(NEED, [night], 30).chosen
    assert not rank(NEED, [night], 720).chosen


def test_the_near_the_good_and_the_less_asked_come_first() -> None:
    near, far = COMPANY._replace(company_id=2), COMPANY._replace(company_id=1, latitude=36.1)
    good, bad = COMPANY._replace(company_id=4, rating_sum=500, rating_count=100), COMPANY._replace(company_id=3)
    fresh, busy = COMPANY._replace(company_id=6), COMPANY._replace(company_id=5, offers_today=8)
    for better, worse in ((near, far), (good, bad), (fresh, busy)):
        assert [each.company_id for each in rank(NEED, [worse, better], 720).chosen] == [
            better.company_id,
            worse.company_id,
        ]


def test_a_company_without_coordinates_is_neither_near_nor_last() -> None:
    unknown, far = COMPANY._replace(company_id=9, latitude=None), COMPANY._replace(latitude=37.0)
    assert rank(NEED, [far, unknown], 720).chosen[0].company_id == 9


CANDIDATES = st.builds(
    COMPANY._replace,
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
    stored = decode(encode(ranking))
    assert [(each.company_id, each.facts) for each in stored.chosen] == [
        (each.company_id, each.facts) for each in ranking.chosen
    ]
    assert sorted((each.company_id, each.why, each.numbers) for each in stored.left_out) == sorted(
        (each.company_id, each.why, each.numbers) for each in ranking.left_out
    )
    shuffled = sorted(candidates, key=lambda _each: random.random())  # type: ignore[attr-defined]
    assert rank(NEED, shuffled, 720).chosen == ranking.chosen


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda each: each.company_id), st.integers(1, 6))
def test_whom_the_elder_prefers_is_first_and_nothing_else_changes(candidates: list[Candidate], preferred: int) -> None:
    """A preference lets nobody through whom a filter leaves out, and moves nobody but the one whom it names."""
    plain, ranking = rank(NEED, candidates, 720), rank(replace(NEED, preferred=preferred), candidates, 720)
    assert ranking.left_out == plain.left_out
    others = [each for each in plain.chosen if each.company_id != preferred]
    if len(others) == len(plain.chosen):
        assert ranking.chosen == plain.chosen
        return
    first, *rest = ranking.chosen
    assert (first.company_id, first.preferred, rest) == (preferred, True, others)
    assert first.reason.startswith("as the elder prefers, ")
    assert [each.preferred for each in decode(encode(ranking)).chosen] == [True] + [False] * len(rest)


def test_distance_of_two_known_places() -> None:
    # Lanzhou to Xi'an, 36.06 N 103.83 E to 34.27 N 108.95 E: 507 km on a sphere of 6371 km.
    assert distance_km(36.06, 103.83, 34.27, 108.95) == pytest.approx(507, abs=3)
    assert distance_km(36.0, 103.8, 36.0, 103.8) == 0


def test_one_angry_word_does_not_sink_a_newcomer() -> None:
    assert shrunk_rating(0, 0) == 4.0
    assert shrunk_rating(1, 1) > 3.7
    assert shrunk_rating(100, 100) < 1.3

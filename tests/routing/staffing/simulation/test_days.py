"""Whole days: repeatable, the same people on both sides, as Erlang A says, and what the policy is for."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise

import pytest

from routing.calls.messages import CallerClass
from routing.staffing.erlang import Queue, StaffingError
from routing.staffing.history import HALF_HOURS, scaled
from routing.staffing.plan import Needs, desks, plan_day
from routing.staffing.simulation.app_queue import AppQueueHall
from routing.staffing.simulation.callers import Habits, draw_day
from routing.staffing.simulation.centre import Centre, Day
from routing.staffing.simulation.check import against_erlang_a
from routing.staffing.simulation.figures import Figures, figures, percentile
from routing.staffing.simulation.live import LiveHall
from scripts.call_days import profile

PROFILE = profile("bank_calls")
CENTRE = Centre(desks(plan_day(scaled(PROFILE, 3000), Needs(shrinkage=0.0)), HALF_HOURS), callback_offer_seconds=20.0)
DAYS = 3


@pytest.fixture(scope="module")
def people() -> list[tuple]:
    return [draw_day(scaled(PROFILE, 3600), Habits(), seed) for seed in range(DAYS)]


@pytest.fixture(scope="module")
def live(people) -> list[Day]:
    return [LiveHall(CENTRE, each).run() for each in people]


@pytest.fixture(scope="module")
def queue(people) -> list[Day]:
    return [AppQueueHall(CENTRE, each).run() for each in people]


@pytest.fixture(scope="module")
def summed(live, queue) -> tuple[Figures, Figures]:
    return figures(live), figures(queue)


def test_the_same_seed_gives_the_same_day(people, live) -> None:
    assert draw_day(scaled(PROFILE, 3600), Habits(), 0) == people[0]
    assert LiveHall(CENTRE, people[0]).run() == live[0]
    assert draw_day(scaled(PROFILE, 3600), Habits(), 1) != people[0]


def test_people_come_as_the_profile_says(people) -> None:
    assert sum(map(len, people)) == pytest.approx(3600 * DAYS, rel=0.03)
    shares = Counter(each.caller_class for day in people for each in day)
    for caller_class, share in Habits().shares.items():
        assert shares[caller_class] / shares.total() == pytest.approx(share, rel=0.2)
    assert all(one.at <= other.at for one, other in pairwise(people[0]))


@pytest.mark.parametrize("side", ["live", "queue"])
def test_each_person_is_served_or_gave_up_for_good(side, request, people) -> None:
    for needs, day in zip(people, request.getfixturevalue(side), strict=True):
        calls = Counter(each.need for each in day.ended)
        assert calls.keys() == {each.number for each in needs}
        last = {each.need: each.outcome for each in day.ended}
        for each in day.ended:
            assert each.waited >= 0
            assert each.outcome in ("abandoned", last[each.need])


def test_a_day_takes_a_thousandth_of_its_time(people) -> None:
    started = time.monotonic()
    day = LiveHall(CENTRE, people[0]).run()
    assert day.simulated_seconds > 1000 * (time.monotonic() - started)


def test_sos_is_answered_in_time_at_a_fifth_more_calls_than_planned(summed) -> None:
    live, queue = (each.by_class[CallerClass.SOS] for each in summed)
    assert live.stayed_within_15 >= 0.98
    assert live.stayed_within_60 == 1
    assert live.wait_p99 < queue.wait_p99


def test_nearly_everyone_is_answered_or_called_back(summed) -> None:
    live, queue = summed
    assert live.answered_or_called_back >= 0.95
    assert live.all.called_back > 0
    assert queue.all.called_back == 0


def test_skills_are_found(summed) -> None:
    live, queue = summed
    assert live.had_wanted_skills > 0.9
    assert queue.had_wanted_skills < 0.6


def test_the_announced_wait_is_nearer_than_app_queues(summed, live) -> None:
    figure, _ = summed
    assert figure.announced > 300
    assert figure.estimate_error < 0.7 * figure.app_queue_estimate_error
    assert all(each.told >= 0 for day in live for each in day.announced)


def test_telling_callers_their_place_keeps_them_if_it_makes_them_patient(people, summed) -> None:
    told = figures([LiveHall(Centre(CENTRE.desks, callback_offer_seconds=20, told_patience=2.6), each).run()
                    for each in people])  # fmt: skip
    assert told.all.abandoned_after_5 < 0.8 * summed[0].all.abandoned_after_5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_plain_queue_comes_out_as_erlang_a_says() -> None:
    """`elderline simulate --check` plays eight times as many calls, and can tell 2 %."""
    queue = Queue(20 / 180, 180.0, 20, 60.0)
    for each in against_erlang_a(queue, 50_000, seed=3):
        assert each.apart <= max(0.02, each.tells), each
        assert each.tells <= 0.05, each


def test_an_estimate_that_outlives_restarts_is_nearer_than_one_that_begins_with_assumptions() -> None:
    """Calls that take less than half of what is assumed, and a router that starts anew every five minutes."""
    there = desks(plan_day(scaled(PROFILE, 3000), Needs(83.0, 0.0, None)), HALF_HOURS)
    people = draw_day(scaled(PROFILE, 3900), Habits(talk_seconds=60.0), 5)
    kept, forgotten = (
        figures([LiveHall(Centre(there, forgets_every_seconds=every), people).run()]) for every in (None, 300.0)
    )
    assert min(kept.announced, forgotten.announced) > 300
    assert kept.estimate_error < 0.9 * forgotten.estimate_error


def test_shares_that_are_none_are_refused() -> None:
    for habits in ({"shares": {CallerClass.SOS: 0.5}}, {"retry_share": 2.0}, {"talk_seconds": 0.0}):
        with pytest.raises(StaffingError):
            Habits(**habits)
    with pytest.raises(StaffingError):
        draw_day((1e6, 1e6), Habits(), 0)


def test_percentiles_are_values_that_occurred() -> None:
    assert [percentile(range(1, 101), share) for share in (0.01, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]
    assert percentile((), 0.5) == 0

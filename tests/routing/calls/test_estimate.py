"""The estimate of the wait, and that nobody ever hears it grow."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.estimate import (
    HANDLE_SECONDS,
    PATIENCE_SECONDS,
    announce,
    estimate_wait,
    handle_time,
    in_minutes,
    patience,
)

ENDLESS = 1e9


def test_who_is_next_waits_for_the_first_of_the_agents_to_be_done() -> None:
    assert estimate_wait(0, 6, 180) == pytest.approx(30)
    assert estimate_wait(2, 6, 180, ENDLESS) == pytest.approx(90)
    assert estimate_wait(0, 0, 180) == 180


def test_those_ahead_who_give_up_shorten_the_wait() -> None:
    assert estimate_wait(1, 6, 180, 30) == pytest.approx(30 + 1 / (6 / 180 + 1 / 30))


@pytest.mark.parametrize("ahead", [0, 3, 20])
def test_it_is_the_mean_of_waits_played_out(ahead: int) -> None:
    """Every wait ahead ends by an agent or by impatience; playing that out gives the same mean."""
    dice = random.Random(7)
    played = [
        sum(dice.expovariate(5 / 180 + place / 120) for place in range(ahead, -1, -1)) for _ in range(20_000)
    ]  # fmt: skip
    assert sum(played) / len(played) == pytest.approx(estimate_wait(ahead, 5, 180, 120), rel=0.03)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 40), st.floats(0, 120))))
def test_nobody_hears_it_grow(course: list[tuple[int, int, float]]) -> None:
    told: float | None = None
    for ahead, agents, since in course:
        new = announce(estimate_wait(ahead, agents), told, since)
        assert new >= 0
        assert told is None or new <= told
        assert told is None or in_minutes(new) <= in_minutes(told)
        told = new


@given(st.integers(0, 50), st.integers(0, 40), st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_ahead_is_never_a_shorter_wait_nor_more_agents_a_longer(
    ahead: int, agents: int, handle: float, waits: float
) -> None:
    assert estimate_wait(ahead + 1, agents, handle, waits) >= estimate_wait(ahead, agents, handle, waits)
    assert estimate_wait(ahead, agents + 1, handle, waits) <= estimate_wait(ahead, agents, handle, waits)


def test_what_is_assumed_gives_way_to_what_is_seen() -> None:
    assert handle_time([]) == HANDLE_SECONDS
    assert handle_time([240.0] * 1000) == pytest.approx(240, rel=0.01)
    assert patience(0.0, 0) == PATIENCE_SECONDS
    assert patience(60_000.0, 1000) == pytest.approx(60, rel=0.05)


def test_minutes_are_rounded_up() -> None:
    assert [in_minutes(each) for each in (0, 59.9, 60, 61, 120, 121)] == [0, 0, 1, 2, 2, 3]

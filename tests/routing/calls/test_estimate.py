"""The estimate of the wait, and that nobody ever hears it grow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.calls.estimate import HANDLE_SECONDS, WINDOW_SECONDS, announce, estimate_wait, in_minutes

NOW = 100_000.0
seconds = st.floats(0, 7200)


def test_the_recent_rate_counts() -> None:
    every_twenty = [NOW - 20 * each for each in range(1, 31)]
    assert estimate_wait(0, every_twenty, 5, NOW) == 20
    assert estimate_wait(4, every_twenty, 5, NOW) == 100
    assert estimate_wait(4, [*every_twenty, NOW - WINDOW_SECONDS - 1, NOW + 5], 5, NOW) == 100


def test_without_a_rate_the_agents_count() -> None:
    assert estimate_wait(2, [NOW - 5], 3, NOW) == HANDLE_SECONDS
    assert estimate_wait(0, [], 0, NOW) == HANDLE_SECONDS


@given(st.lists(st.tuples(st.integers(0, 50), st.lists(st.floats(NOW - 3600, NOW)), st.floats(0, 120))))
def test_nobody_hears_it_grow(course: list[tuple[int, list[float], float]]) -> None:
    told: float | None = None
    for ahead, answered, since in course:
        new = announce(estimate_wait(ahead, answered, 4, NOW), told, since)
        assert new >= 0
        assert told is None or new <= told
        assert told is None or in_minutes(new) <= in_minutes(told)
        told = new


@given(st.integers(0, 50), st.lists(st.floats(NOW - 3600, NOW), max_size=20))
def test_more_ahead_is_never_a_shorter_wait(ahead: int, answered: list[float]) -> None:
    assert estimate_wait(ahead + 1, answered, 4, NOW) >= estimate_wait(ahead, answered, 4, NOW)


def test_minutes_are_rounded_up() -> None:
    assert [in_minutes(each) for each in (0, 59.9, 60, 61, 120, 121)] == [0, 0, 1, 2, 2, 3]

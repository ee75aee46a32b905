"""When a figure presses, and what is usual."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.wallboard.policy import ENOUGH_DAYS, Level, Limits, usual_day

WAIT = Limits(15, 60)
SERVICE = Limits(0.95, 0.85, falling=True)
CALM, WARN, ALARM = Level


@pytest.mark.parametrize(
    ("limits", "before", "value", "after"),
    [
        (WAIT, CALM, 14.9, CALM),
        (WAIT, CALM, 15, WARN),
        (WAIT, CALM, 60, ALARM),
        (WAIT, WARN, 14, WARN),
        (WAIT, WARN, 13.4, CALM),
        (WAIT, ALARM, 55, ALARM),
        (WAIT, ALARM, 53.9, WARN),
        (WAIT, ALARM, 0, CALM),
        (WAIT, ALARM, None, CALM),
        (SERVICE, CALM, 0.95, CALM),
        (SERVICE, CALM, 0.949, WARN),
        (SERVICE, CALM, 0.849, ALARM),
        (SERVICE, WARN, 0.954, WARN),
        (SERVICE, WARN, 0.956, CALM),
        (SERVICE, ALARM, 0.86, ALARM),
        (SERVICE, ALARM, 0.87, WARN),
    ],
)
def test_a_level_is_reached_at_its_limit_and_left_beyond_it(
    limits: Limits, before: Level, value: float | None, after: Level
) -> None:
    assert limits.level(value, before) is after


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([Limits(0.2, 0.6), SERVICE]))
def test_a_figure_that_stands_still_never_flickers(values: list[float], limits: Limits) -> None:
    level = CALM
    for value in values:
        level = limits.level(value, level)
        assert limits.level(value, level) is level


def test_the_usual_day_is_the_median_between_least_and_most() -> None:
    usual = usual_day([[0, 10], [4, 30], [2, 20], [0, 0], [3, 90]])
    assert (usual.days, usual.known) == (4, True)
    assert (usual.middle, usual.least, usual.most) == ((2.5, 25), (0, 10), (4, 90))


def test_too_few_days_tell_nothing() -> None:
    usual = usual_day([[1, 2]] * (ENOUGH_DAYS - 1) + [[0, 0]] * 5)
    assert (usual.known, usual.middle) == (False, ())

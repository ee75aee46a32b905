"""The rules of visits: what proves a place, how time is counted, what must be looked into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.evv.policy import (
    CalledFrom,
    ExceptionKind,
    called_from,
    exceptions_in,
    exceptions_out,
    is_late,
    worked,
)

NINE = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
STEPS = st.integers(1, 60)
SECONDS = st.integers(0, 48 * 3600)


@pytest.mark.parametrize(
    ("minutes", "counted"),
    [(0, 0), (7, 0), (8, 15), (15, 15), (22, 15), (23, 30), (52, 45), (53, 60), (1440, 1440)],
)
def test_time_is_counted_by_the_seven_minute_rule(minutes: int, counted: int) -> None:
    found = worked(NINE, NINE + timedelta(minutes=minutes, seconds=59), 15)
    assert (found.minutes, found.counted) == (minutes, counted)


@given(SECONDS, STEPS)
def test_what_is_counted_is_the_nearest_step(seconds: int, step: int) -> None:
    found = worked(NINE, NINE + timedelta(seconds=seconds), step)
    assert found.minutes == seconds // 60
    assert found.counted % step == 0
    assert abs(found.counted - found.minutes) * 2 <= step


@given(SECONDS, SECONDS, STEPS)
def test_a_longer_visit_never_counts_less(first: int, second: int, step: int) -> None:
    shorter, longer = sorted((first, second))
    one, other = (worked(NINE, NINE + timedelta(seconds=each), step) for each in (shorter, longer))
    assert one.counted <= other.counted


def test_clocks_that_change_and_midnight_make_no_difference() -> None:
    zone = ZoneInfo("America/New_York")
    begin = datetime(2026, 3, 7, 23, 30, tzinfo=zone)
    assert worked(begin, datetime(2026, 3, 8, 3, 30, tzinfo=zone).astimezone(UTC), 15).minutes == 180


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        worked(NINE, NINE - timedelta(seconds=1), 15)
    for step in (0, -1, 61):
        with pytest.raises(ValueError, match="step"):
            worked(NINE, NINE, step)


@given(st.none() | st.just("+8613900000001"), st.frozensets(st.integers(1, 5)), st.integers(1, 5), st.booleans())
def test_only_a_phone_of_this_elder_proves_the_place(
    number: str | None, homes: frozenset[int], elder: int, own: bool
) -> None:
    called = called_from(number, homes if number else frozenset(), elder, own)
    assert called.verified == (number is not None and elder in homes)
    assert (called is CalledFrom.WITHHELD) == (number is None)
    found = exceptions_in(called, True)
    assert bool(found) == (not called.verified)
    assert bool(exceptions_out(called, True)) == (not called.verified)


def test_what_is_flagged() -> None:
    assert exceptions_in(CalledFrom.OTHER_HOME, True) == (ExceptionKind.WRONG_HOME,)
    assert exceptions_in(CalledFrom.HOME, False) == (ExceptionKind.UNQUALIFIED,)
    assert exceptions_in(None, True) == ()
    assert exceptions_out(CalledFrom.HOME, False) == (ExceptionKind.MISSING_IN,)


@given(st.integers(-2000, 3000))
def test_late_is_from_the_grace_on_until_it_is_no_news(minutes: int) -> None:
    grace = timedelta(minutes=15)
    assert is_late(NINE, NINE + timedelta(minutes=minutes), grace) == (15 <= minutes <= 24 * 60)

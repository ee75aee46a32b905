"""By when whoever left a note is called back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hours.due import within_a_working_day
from routing.hours.policy import Calendar, DayKind, ExceptionDay, read_spans, standing
from tests.routing.town import ZONE

OFFICE = {kind: read_spans("08:00-12:00, 14:00-18:00") for kind in tuple(DayKind)[:5]}
WEEK = Calendar(ZONE, OFFICE)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, which begins on a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (local(4, 9, 10), local(5, 9, 30)),  # Wednesday: the same time on Thursday, on the half hour.
        (local(4, 9), local(5, 9)),
        (local(6, 17, 40), local(9, 18)),  # Friday afternoon: Monday.
        (local(4, 22), local(6, 8)),  # By night it counts as come when it opens, at eight on Thursday.
        (local(7, 11), local(10, 8)),  # On Saturday, too.
    ],
)
def test_one_working_day(now: datetime, due: datetime) -> None:
    assert within_a_working_day(WEEK, now) == due


def test_always_open_is_a_day() -> None:
    assert within_a_working_day(Calendar(ZONE), local(7, 9, 1)) == local(8, 9, 30)


def test_a_holiday_is_no_working_day() -> None:
    holidays = Calendar(ZONE, OFFICE, exceptions={date(2026, 3, day): ExceptionDay(()) for day in (5, 6)})
    assert within_a_working_day(holidays, local(4, 10)) == local(9, 10)


def test_whoever_never_opens_has_a_day() -> None:
    never = Calendar(ZONE, {DayKind.HOLIDAY: read_spans("08:00-09:00")})
    assert within_a_working_day(never, local(4, 10)) == local(5, 10)


@given(st.integers(0, 14 * 24 * 60))
def test_it_is_always_ahead_within_opening_hours_and_soon(minutes: int) -> None:
    now = local(1, 0) + timedelta(minutes=minutes)
    due = within_a_working_day(WEEK, now)
    assert now < due <= now + timedelta(days=5)
    assert due.timestamp() % 1800 == 0
    assert standing(WEEK, due - timedelta(minutes=1)).open or standing(WEEK, due).open or local_noon(due)


def local_noon(due: datetime) -> bool:
    """Between the hours of a day nobody is there, but the morning's colleagues were before."""
    return 12 <= due.astimezone(ZONE).hour < 14

"""Which times a caller can be offered."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.policy import promised_for
from routing.orders.times import MORNING, PROMISED_FROM, PROMISED_UNTIL, times_for
from tests.routing.town import ZONE

DAY, NEXT = date(2026, 3, 4), date(2026, 3, 5)


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


@pytest.mark.parametrize(
    ("now", "today"),
    [
        ("09:10", at("11:30")), ("05:00", at("07:00")), ("17:30", at("19:30")), ("18:00", at("20:00")),
        ("00:00", at("07:00")), ("03:15", at("07:00")), ("18:01", None), ("19:59", None), ("21:40", None),
        ("22:30", None), ("23:59", None),
    ],
)  # fmt: skip
def test_nothing_is_promised_between_eight_in_the_evening_and_seven(now: str, today: datetime | None) -> None:
    times = times_for(at(now))
    assert times.today == today
    assert times.tomorrow == at("09:00", NEXT)


@pytest.mark.parametrize("now", ["02:00", "12:00", "18:30", "23:10"])
def test_an_urgent_repair_is_promised_at_any_hour(now: str) -> None:
    assert times_for(at(now), day_and_night=True).today == promised_for(at(now))


@pytest.mark.parametrize(
    ("now", "reason"),
    [("09:10", "is 11:30"), ("03:00", "05:00, is before 07:00"), ("19:00", "21:00, is after 20:00")],
)
def test_the_reason_can_be_shown(now: str, reason: str) -> None:
    assert reason in times_for(at(now)).reason


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # The zone follows.
def test_what_is_offered_is_ahead_in_hours_that_are_allowed_and_in_order(wall: datetime) -> None:
    now = wall.replace(tzinfo=ZONE)
    times = times_for(now)
    assert times.tomorrow.time() == MORNING
    assert times.tomorrow.date() == now.date() + timedelta(days=1)
    if times.today is not None:
        assert now + timedelta(hours=2) <= times.today < times.tomorrow
        assert PROMISED_FROM <= times.today.time() <= PROMISED_UNTIL
        assert times.today.date() == now.date()

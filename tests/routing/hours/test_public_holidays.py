"""What is known of public holidays, against the decree of the State Council for 2026."""

from __future__ import annotations

from datetime import date, timedelta

from routing.hours.policy import DayKind
from routing.hours.public_holidays import known_until, special_days


def test_the_national_day_of_2026_and_the_days_that_make_up_for_it() -> None:
    days = special_days("CN")
    week = [date(2026, 10, 1) + timedelta(days=n) for n in range(7)]
    assert [days[each].kind for each in week] == [DayKind.HOLIDAY] * 7
    assert days[date(2026, 10, 1)].name == "国庆节"
    for made_up in (date(2026, 9, 20), date(2026, 10, 10)):
        assert days[made_up].kind is DayKind.MAKE_UP
        assert made_up.weekday() >= 5
    assert date(2026, 10, 8) not in days


def test_it_ends_with_the_years_that_are_announced() -> None:
    last = known_until("CN")
    assert last is not None
    assert last >= date(2026, 12, 31)
    assert not [each for each in special_days("CN") if each > last]


def test_other_countries_have_none_rather_than_chinas() -> None:
    assert (dict(special_days("DE")), known_until("DE")) == ({}, None)

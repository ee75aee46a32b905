"""Dates of plans: rules, clocks that change, leap days, holidays, pauses; and what holds for all of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hours.policy import DayKind, SpecialDay
from routing.hours.public_holidays import known_until, special_days
from routing.orders.planning.policy import (
    NO_HOLIDAYS,
    Holidays,
    HolidayWay,
    Occurrence,
    Pause,
    PlanRule,
    local_instant,
    occurrences,
)
from routing.orders.planning.rules import BadRule, check_begins, read_rule, read_times

SHANGHAI, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
CHINA = Holidays(special_days("CN"), known_until("CN"))


def plan(rule: str, times: str = "11:30", *, starts: date = date(2026, 1, 1), **more: object) -> PlanRule:
    return PlanRule(read_rule(rule), read_times(times), more.pop("zone", SHANGHAI), starts, **more)  # type: ignore[arg-type]


def kept(found: tuple[Occurrence, ...]) -> list[date]:
    return [each.on for each in found if each.due_at is not None]


def left_out(found: tuple[Occurrence, ...]) -> dict[date, str]:
    return {each.on: each.reason for each in found if each.due_at is None}


@pytest.mark.parametrize(
    ("rule", "first_days"),
    [
        ("FREQ=DAILY", [1, 2, 3, 4]),
        ("FREQ=DAILY;INTERVAL=2", [1, 3, 5, 7]),
        ("FREQ=WEEKLY;BYDAY=MO,TH", [1, 5, 8, 12]),
        ("rrule:freq=weekly;byday=mo, th", [1, 5, 8, 12]),
        ("FREQ=WEEKLY", [1, 8, 15, 22]),
        ("FREQ=MONTHLY;BYDAY=2TU,-1FR", [13, 30]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", [30]),
        ("FREQ=DAILY;COUNT=2", [1, 2]),
        ("FREQ=DAILY;UNTIL=20260103", [1, 2, 3]),
    ],
)
def test_rules_say_on_which_dates(rule: str, first_days: list[int]) -> None:
    found = kept(occurrences(plan(rule), date(2026, 1, 1), date(2026, 1, 31)))
    assert [day.day for day in found][: len(first_days)] == first_days


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "FREQ=WEEKLY"), ("FREQ", "no part of a rule"), ("FREQ=SECONDLY", "DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=HOURLY", "say how often"), ("BYDAY=MO", "say how often"), ("FREQ=DAILY;FREQ=DAILY", "twice"),
        ("FREQ=DAILY;BYHOUR=9", "times of day are beside"), ("FREQ=YEARLY;BYWEEKNO=3", "only FREQ"),
        ("FREQ=DAILY;INTERVAL=0", "1 to 366"), ("FREQ=DAILY;INTERVAL=-1", "1 to 366"),
        ("FREQ=DAILY;COUNT=99999999999", "1 to 1000"), ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;UNTIL=20260230", "last date"), ("FREQ=WEEKLY;BYDAY=1MO", "with FREQ=WEEKLY write MO"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY names days"), ("FREQ=WEEKLY;BYMONTHDAY=1", "a week has no days of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "1 to 31"), ("FREQ=MONTHLY;BYSETPOS=1", "give one of them"),
        ("FREQ=DAILY;" + "X" * 400, "at most 300"), ("FREQ=MONTHLY;BYMONTH=٣", "1 to 12"),
    ],
)  # fmt: skip
def test_rules_that_no_plan_can_have_are_refused_in_words(rule: str, says: str) -> None:
    with pytest.raises(BadRule, match=says):
        read_rule(rule)


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 2026), ("FREQ=DAILY;UNTIL=20250101", 2026),
        ("FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=-31", 2026), ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", 2026),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", 2026),
    ],
)  # fmt: skip
def test_a_rule_without_any_date_is_refused_at_once(rule: str, starts: int) -> None:
    with pytest.raises(BadRule):  # And not after half a minute: dateutil alone looks until the year 9999.
        check_begins(read_rule(rule), date(starts, 1, 1))


@pytest.mark.parametrize("times", ["", "25:00", "11.30", "11:30,11:45", "7:00,9:00,11:00,13:00,15:00", "noon"])
def test_times_that_no_plan_can_have_are_refused(times: str) -> None:
    with pytest.raises(BadRule):
        read_times(times)


def test_local_time_stays_when_clocks_change() -> None:
    spring = occurrences(plan("FREQ=DAILY", "11:30", zone=BERLIN), date(2026, 3, 28), date(2026, 3, 30))
    assert [each.due_at for each in spring] == [
        datetime(2026, 3, 28, 10, 30, tzinfo=UTC), datetime(2026, 3, 29, 9, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 9, 30, tzinfo=UTC),
    ]  # fmt: skip


def test_a_time_that_does_not_exist_is_moved_forward_and_one_that_comes_twice_is_taken_once() -> None:
    gap, again = date(2026, 3, 29), date(2026, 10, 25)
    assert local_instant(gap, time(2, 30), BERLIN).astimezone(BERLIN).time() == time(3, 30)
    both = occurrences(plan("FREQ=DAILY", "02:30,03:30", zone=BERLIN), gap, gap)
    assert [each.due_at is not None for each in both] == [True, False]
    assert "put forward" in both[1].reason
    (autumn,) = occurrences(plan("FREQ=DAILY", "02:30", zone=BERLIN), again, again)
    assert autumn.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two"
    assert local_instant(date(2026, 3, 8), time(2, 30), NEW_YORK).astimezone(NEW_YORK).time() == time(3, 30)


def test_the_29th_of_february_comes_in_leap_years_and_pages_are_told_of_the_others() -> None:
    yearly = plan("FREQ=YEARLY", starts=date(2024, 2, 29))
    assert kept(occurrences(yearly, date(2024, 1, 1), date(2033, 1, 1))) == [
        date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29),
    ]  # fmt: skip
    named = plan("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", starts=date(2026, 1, 1))
    assert left_out(occurrences(named, date(2026, 1, 1), date(2028, 12, 31))) == {
        date(2026, 2, 28): "2026-02 has no day 29", date(2027, 2, 28): "2027-02 has no day 29",
    }  # fmt: skip
    last = plan("FREQ=MONTHLY;BYMONTHDAY=-1")
    assert kept(occurrences(last, date(2026, 2, 1), date(2026, 3, 31))) == [date(2026, 2, 28), date(2026, 3, 31)]


def test_holidays_are_usual_skipped_or_put_off() -> None:
    window = date(2026, 9, 30), date(2026, 10, 9)
    found = {way: occurrences(plan("FREQ=DAILY", holidays=way), *window, CHINA) for way in HolidayWay}
    assert len(kept(found[HolidayWay.USUAL])) == 10
    off = {day for day in left_out(found[HolidayWay.SKIP]) if CHINA.name(day)}
    assert date(2026, 10, 1) in off
    assert set(kept(found[HolidayWay.SKIP])).isdisjoint(off)
    put_off = found[HolidayWay.NEXT_WORKING_DAY]
    assert kept(put_off) == kept(found[HolidayWay.SKIP]), "a daily meal is not brought eight times on one day"
    assert all("there is one already" in why for why in left_out(put_off).values())


def test_a_weekly_date_on_a_holiday_is_put_off_to_the_next_working_day_also_if_that_is_a_saturday() -> None:
    made_up = Holidays({
        date(2026, 5, 1): SpecialDay(DayKind.HOLIDAY, "劳动节"),
        date(2026, 5, 2): SpecialDay(DayKind.MAKE_UP, "劳动节"),
    })  # fmt: skip
    weekly = plan("FREQ=WEEKLY;BYDAY=FR", holidays=HolidayWay.NEXT_WORKING_DAY)
    (found,) = occurrences(weekly, date(2026, 5, 1), date(2026, 5, 4), made_up)
    assert (found.day, found.on) == (date(2026, 5, 1), date(2026, 5, 2))
    assert "劳动节" in found.reason


def test_pauses_and_exceptions_are_left_out_with_their_reasons() -> None:
    moved = {date(2026, 1, 5): None, date(2026, 1, 12): date(2026, 1, 14)}
    found = occurrences(
        plan("FREQ=WEEKLY;BYDAY=MO", moved=moved), date(2026, 1, 1), date(2026, 2, 28),
        pauses=[Pause(date(2026, 1, 19), date(2026, 1, 26), "住院"), Pause(date(2026, 2, 9), None)],
    )  # fmt: skip
    assert kept(found) == [date(2026, 1, 14), date(2026, 2, 2)]
    why = left_out(found)
    assert why[date(2026, 1, 5)] == "skipped"
    assert why[date(2026, 1, 19)] == why[date(2026, 1, 26)] == "paused: 住院"
    assert why[date(2026, 2, 23)] == "paused"


def test_an_old_plan_costs_no_more_than_a_new_one() -> None:
    old, new = plan("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", starts=date(2001, 1, 2)), date(2026, 3, 1)
    found = kept(occurrences(old, new, new + timedelta(days=30)))
    assert all((day - date(2001, 1, 2)).days % 14 == 0 for day in found)
    assert len(found) == 2


RULES = st.sampled_from((
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;COUNT=40", "FREQ=WEEKLY;BYDAY=MO,WE,SA",
    "FREQ=WEEKLY;INTERVAL=3",
    "FREQ=WEEKLY;UNTIL=20270301;BYDAY=SU", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=-1,15",
    "FREQ=MONTHLY;BYDAY=-1SU", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;INTERVAL=5",
))  # fmt: skip
DAYS = st.dates(date(2025, 6, 1), date(2027, 6, 1))


@st.composite
def plans(draw: st.DrawFn) -> tuple[PlanRule, list[Pause]]:
    starts = draw(DAYS)
    wanted = draw(DAYS)
    moved = {
        day: None if by is None else day + timedelta(days=by)
        for day, by in draw(st.dictionaries(DAYS, st.none() | st.integers(-60, 60), max_size=4)).items()
    }
    for by in draw(st.lists(st.integers(-60, 60), max_size=3)):
        moved[wanted + timedelta(days=by % 7)] = wanted + timedelta(days=by)
    pauses = [
        Pause(first, None if days is None else first + timedelta(days=days), "住院")
        for first, days in draw(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 90)), max_size=2))
    ]
    made = PlanRule(
        read_rule(draw(RULES)),
        read_times(draw(st.sampled_from(("11:30", "02:30", "00:00,02:15,03:15", "7:00,23:59")))),
        draw(st.sampled_from((SHANGHAI, BERLIN, NEW_YORK))), starts, draw(st.none() | DAYS),
        draw(st.sampled_from(HolidayWay)), moved,
    )  # fmt: skip
    return made, pauses


@given(plans(), DAYS, st.integers(0, 200), st.integers(0, 200), st.sampled_from((NO_HOLIDAYS, CHINA)))
def test_two_windows_side_by_side_are_one(
    made: tuple[PlanRule, list[Pause]], first: date, days: int, more: int, holidays: Holidays
) -> None:
    rule, pauses = made
    split, last = first + timedelta(days=days), first + timedelta(days=days + more)
    whole = occurrences(rule, first, last, holidays, pauses)
    parts = occurrences(rule, first, split - timedelta(days=1), holidays, pauses)
    assert parts + occurrences(rule, split, last, holidays, pauses) == whole


@given(plans(), DAYS, st.integers(0, 400), st.sampled_from((NO_HOLIDAYS, CHINA)))
def test_nothing_comes_twice_and_local_time_is_kept(
    made: tuple[PlanRule, list[Pause]], first: date, days: int, holidays: Holidays
) -> None:
    rule, pauses = made
    found = occurrences(rule, first, first + timedelta(days=days), holidays, pauses)
    kept = [each for each in found if each.due_at is not None]
    assert not [each for each, count in Counter((each.day, each.slot) for each in kept).items() if count > 1]
    assert not [each for each, count in Counter((each.on, each.slot) for each in kept).items() if count > 1]
    assert len({each.due_at for each in kept}) == len(kept)
    assert all(each.reason for each in found if each.due_at is None)
    for each in kept:
        assert each.due_at is not None
        local, wanted = each.due_at.astimezone(rule.zone), rule.times[each.slot - 1]
        skipped = datetime.combine(each.on, wanted, rule.zone).astimezone(UTC).astimezone(rule.zone)
        assert local.date() == each.on
        assert local.time() == wanted or (local == skipped and local.time() > wanted)
        assert not any(pause.covers(each.on) for pause in pauses)

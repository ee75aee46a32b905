"""Opening hours: pure rules, tried on many calendars and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Invalid
from routing.hours.policy import (
    DAY_MINUTES,
    Calendar,
    DayKind,
    ExceptionDay,
    Span,
    SpecialDay,
    Why,
    instant_of,
    plan_of,
    read_spans,
    standing,
    week_of,
    write_spans,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
OFFICE = read_spans("08:00-12:00, 14:00-18:00")
HOURS = dict.fromkeys(list(DayKind)[:5], OFFICE)
HOLIDAY = SpecialDay(DayKind.HOLIDAY, "国庆节")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Hours of a day that do not overlap, perhaps past midnight."""
    marks = sorted(draw(st.lists(st.integers(0, DAY_MINUTES - 1), max_size=6, unique=True)))
    pairs = [Span(opens, closes) for opens, closes in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2 and pairs and pairs[0].opens > 0:
        pairs.append(Span(marks[-1], DAY_MINUTES + draw(st.integers(1, pairs[0].opens))))
    return tuple(pairs)


DATES = st.dates(date(2026, 3, 20), date(2026, 4, 5))
calendars = st.builds(
    Calendar,
    zone=st.sampled_from([SHANGHAI, BERLIN]),
    hours=st.dictionaries(st.sampled_from(list(DayKind)), spans()),
    exceptions=st.dictionaries(DATES, st.builds(ExceptionDay, spans(), st.just("exception"))),
    special=st.dictionaries(DATES, st.sampled_from([HOLIDAY, SpecialDay(DayKind.MAKE_UP, "国庆节")])),
)
instants = st.integers(0, 11 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 22, tzinfo=UTC) + timedelta(minutes=minutes)
)


def covered(calendar: Calendar, now: datetime) -> bool:
    """Openness by looking at every hour of the days around: slow and plain."""
    today = now.astimezone(calendar.zone).date()
    days = [today + timedelta(days=n) for n in range(-3, 2)]
    return any(
        instant_of(calendar.zone, day, span.opens) <= now < instant_of(calendar.zone, day, span.closes)
        for day in days
        for span in plan_of(calendar, day).spans
    )


@given(calendars, instants)
def test_it_is_open_exactly_within_the_hours_that_began(calendar, now) -> None:
    assert standing(calendar, now).open == covered(calendar, now)


@given(calendars, instants)
def test_it_stays_so_until_it_turns(calendar, now) -> None:
    stands = standing(calendar, now)
    assert stands == standing(calendar, now), "the same question has the same answer"
    if stands.since is not None:
        assert stands.since <= now
    if stands.until is None:
        return
    assert stands.until > now
    assert standing(calendar, stands.until).open is not stands.open
    last = stands.until - timedelta(seconds=1)
    assert standing(calendar, max(now, last)).open is stands.open
    halfway = now + (stands.until - now) / 2
    assert covered(calendar, halfway) is stands.open


@given(calendars, instants)
def test_a_closed_hotline_says_when_it_opens(calendar, now) -> None:
    stands = standing(calendar, now)
    assert (stands.opens_at is None) == (stands.open or stands.until is None)
    if stands.opens_at:
        assert standing(calendar, stands.opens_at).open


@given(spans())
def test_hours_are_read_as_they_are_written(hours) -> None:
    assert read_spans(write_spans(hours)) == hours


@given(st.text(max_size=30))
def test_what_is_no_hours_is_refused_in_a_sentence(text) -> None:
    try:
        read = read_spans(text)
    except Invalid as error:
        assert str(error)
    else:
        assert all(0 <= each.opens < DAY_MINUTES and each.closes > each.opens for each in read)


@pytest.mark.parametrize(
    "text",
    ["8-12", "25:00-26:00", "08:00-12:00, 11:00-13:00", "24:00-08:00", "08:00-24:30", "20:00-09:00, 08:00-10:00"],
)
def test_hours_that_make_no_sense(text) -> None:
    with pytest.raises(Invalid):
        read_spans(text)


def test_without_hours_it_is_always_open() -> None:
    stands = standing(Calendar(SHANGHAI), at("2026-10-01 03:00"))
    assert (stands.open, stands.until, stands.why) == (True, None, Why.ALWAYS)


def test_a_noon_break_and_the_night() -> None:
    calendar = Calendar(SHANGHAI, HOURS)
    noon = standing(calendar, at("2026-03-04 12:30"))
    assert (noon.open, noon.since, noon.until) == (False, at("2026-03-04 12:00"), at("2026-03-04 14:00"))
    friday = standing(calendar, at("2026-03-06 20:00"))
    assert (friday.open, friday.opens_at, friday.since) == (False, at("2026-03-09 08:00"), at("2026-03-06 18:00"))


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = {DayKind.THU: read_spans("20:00-02:00")}
    calendar = Calendar(SHANGHAI, night, special={date(2026, 3, 6): HOLIDAY})
    late = standing(calendar, at("2026-03-06 01:30"))
    assert (late.open, late.until, late.why) == (True, at("2026-03-06 02:00"), Why.WEEKDAY)
    assert not standing(calendar, at("2026-03-06 02:00")).open


def test_days_that_meet_at_midnight_are_one_time() -> None:
    calendar = Calendar(SHANGHAI, {DayKind.SAT: read_spans("08:00-24:00"), DayKind.SUN: read_spans("00:00-10:00")})
    assert standing(calendar, at("2026-03-07 23:00")).until == at("2026-03-08 10:00")
    whole = Calendar(SHANGHAI, dict.fromkeys(DayKind, read_spans("00:00-24:00")))
    assert standing(whole, at("2026-03-07 23:00")).until is None


def test_holidays_and_the_days_that_make_up_for_them() -> None:
    special = {date(2026, 10, 1): HOLIDAY, date(2026, 10, 10): SpecialDay(DayKind.MAKE_UP, "国庆节")}
    calendar = Calendar(SHANGHAI, HOURS, special=special)
    closed = standing(calendar, at("2026-10-01 10:00"))
    assert (closed.open, closed.why, closed.name) == (False, Why.HOLIDAY, "国庆节")
    make_up = plan_of(calendar, date(2026, 10, 10))
    assert (make_up.spans, make_up.why) == (OFFICE, Why.MAKE_UP), "a Saturday that is worked as a Monday"
    short = Calendar(SHANGHAI, HOURS | {DayKind.MAKE_UP: read_spans("09:00-10:00")}, special=special)
    assert write_spans(plan_of(short, date(2026, 10, 10)).spans) == "09:00-10:00"


def test_an_exception_goes_before_a_holiday() -> None:
    day = date(2026, 10, 1)
    calendar = Calendar(
        SHANGHAI, HOURS, {day: ExceptionDay(read_spans("09:00-10:00"), "留守")}, {day: HOLIDAY}, date(2026, 12, 31)
    )
    stands = standing(calendar, at("2026-10-01 09:30"))
    assert (stands.open, stands.why, stands.name) == (True, Why.EXCEPTION, "留守")


def test_beyond_the_known_years_days_are_plain_and_say_so() -> None:
    calendar = Calendar(SHANGHAI, HOURS, known_until=date(2026, 12, 31))
    week = week_of(calendar, at("2026-12-30 10:00"), 4)
    assert [each.known for each in week] == [True, True, False, False]
    assert week[2].why is Why.WEEKDAY


def test_hours_follow_the_clocks_when_these_are_put_forward_and_back() -> None:
    calendar = Calendar(BERLIN, dict.fromkeys(DayKind, read_spans("01:00-04:00")))
    for day, hours in (("2026-03-29", 2), ("2026-10-25", 4)):
        stands = standing(calendar, at(f"{day} 01:30", BERLIN))
        assert stands.open and stands.since and stands.until
        assert stands.until - stands.since == timedelta(hours=hours)

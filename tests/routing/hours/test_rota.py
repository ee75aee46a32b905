"""The rota of duty phones: who is on duty, and when that changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Invalid
from routing.hours.policy import Calendar, DayKind, SpecialDay
from routing.hours.rota import DutyPhone, next_change, on_duty, read_times, write_times

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(ZONE, special={date(2026, 10, 1): SpecialDay(DayKind.HOLIDAY, "国庆节")})
TEXTS = (
    "", "mon-fri 18:00-08:00; sat-sun 00:00-24:00", "holiday 00:00-24:00", "sat-mon 20:00-06:00", "wed 12:00-13:30",
)  # fmt: skip


def phone(id_: int, times: str) -> DutyPhone:
    return DutyPhone(id_, f"{id_}", f"+8613900000{id_:03}", read_times(times))


def ids(phones: list[DutyPhone], text: str) -> list[int]:
    return [each.id for each in on_duty(phones, CALENDAR, datetime.fromisoformat(text).replace(tzinfo=ZONE))]


def test_who_is_on_duty_in_order() -> None:
    phones = [phone(1, "mon-fri 18:00-08:00; sat-sun 00:00-24:00"), phone(2, ""), phone(3, "holiday 00:00-24:00")]
    assert ids(phones, "2026-03-04 17:59") == [2]
    assert ids(phones, "2026-03-04 18:00") == [1, 2]
    assert ids(phones, "2026-03-05 07:59") == [1, 2], "the night began yesterday"
    assert ids(phones, "2026-03-05 08:00") == [2]
    assert ids(phones, "2026-03-07 12:00") == [1, 2]
    assert ids(phones, "2026-10-01 12:00") == [2, 3], "a holiday"
    assert ids(phones, "2026-10-01 19:00") == [1, 2, 3], "who has no hours for holidays has those of the weekday"


@pytest.mark.parametrize("text", TEXTS)
def test_times_are_read_as_they_are_written(text: str) -> None:
    assert read_times(write_times(read_times(text))) == read_times(text)


@pytest.mark.parametrize("text", ["someday 08:00-09:00", "mon", "mon-fri", "holiday-mon 08:00-09:00", "mon 8; mon 9",
                                  "mon 08:00-09:00; mon 10:00-11:00"])  # fmt: skip
def test_times_that_make_no_sense(text: str) -> None:
    with pytest.raises(Invalid):
        read_times(text)


moments = st.floats(0, 10 * 24 * 60).map(
    lambda minutes: datetime(2026, 2, 27, tzinfo=ZONE) + timedelta(minutes=minutes)
)


@given(st.lists(st.sampled_from(TEXTS), max_size=4), moments, st.floats(0, 0.999))
def test_nothing_turns_before_the_next_change(times, now, part) -> None:
    phones = [phone(n, text) for n, text in enumerate(times, start=1)]
    turns = next_change(phones, ZONE, now)
    assert now < turns <= now + timedelta(days=1, minutes=1)
    between = now + (turns - now) * part
    assert on_duty(phones, CALENDAR, between) == on_duty(phones, CALENDAR, now)

"""Clocks that change in any zone, leap days, counts and ends: dates of plans against what a calendar says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.planning.policy import occurrences
from tests.routing.orders.planning.test_policy import BERLIN, NEW_YORK, SHANGHAI, kept, plan

LORD_HOWE, BEIRUT, AUCKLAND, CHATHAM = (
    ZoneInfo(name) for name in ("Australia/Lord_Howe", "Asia/Beirut", "Pacific/Auckland", "Pacific/Chatham")
)


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        # Clocks go forward at midnight: 0:00 to 0:59 do not exist, and the day has 23 hours.
        (BEIRUT, date(2026, 3, 29), "00:15", datetime(2026, 3, 28, 22, 15, tzinfo=UTC)),
        # And back at midnight: 23:00 to 23:59 come twice on the evening before; the first counts.
        (BEIRUT, date(2026, 10, 24), "23:30", datetime(2026, 10, 24, 20, 30, tzinfo=UTC)),
        # By half an hour only.
        (LORD_HOWE, date(2026, 10, 4), "02:15", datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        (LORD_HOWE, date(2026, 4, 5), "01:45", datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
        # The other half of the world, and an offset of three quarters of an hour.
        (AUCKLAND, date(2026, 9, 27), "11:30", datetime(2026, 9, 26, 22, 30, tzinfo=UTC)),
        (CHATHAM, date(2026, 4, 5), "11:30", datetime(2026, 4, 4, 22, 45, tzinfo=UTC)),
        (NEW_YORK, date(2026, 11, 1), "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_whatever_clocks_do_a_date_has_its_one_moment(zone: ZoneInfo, day: date, at: str, instant: datetime) -> None:
    (found,) = occurrences(plan("FREQ=DAILY", at, zone=zone), day, day)
    assert (found.on, found.due_at) == (day, instant)


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK, BEIRUT, LORD_HOWE, AUCKLAND])
def test_a_year_of_a_daily_plan_has_as_many_orders_as_days_in_any_zone(zone: ZoneInfo) -> None:
    found = occurrences(plan("FREQ=DAILY", "00:15,02:30,23:30", zone=zone), date(2026, 1, 1), date(2026, 12, 31))
    kept = [each for each in found if each.due_at is not None]
    assert len(kept) == 3 * 365
    moments = [each.due_at for each in kept if each.due_at is not None]
    assert moments == sorted(set(moments))


LEAP = date(2028, 2, 29)


@pytest.mark.parametrize(
    ("rule", "starts", "days"),
    [
        ("FREQ=YEARLY;COUNT=3", LEAP, [LEAP, date(2032, 2, 29), date(2036, 2, 29)]),
        ("FREQ=YEARLY;UNTIL=20320229", LEAP, [LEAP, date(2032, 2, 29)]),
        ("FREQ=YEARLY;UNTIL=20320228", LEAP, [LEAP]),
        ("FREQ=MONTHLY;BYMONTHDAY=29;COUNT=2", date(2027, 1, 29), [date(2027, 1, 29), date(2027, 3, 29)]),
        ("FREQ=MONTHLY;COUNT=3", date(2028, 1, 31), [date(2028, 1, 31), date(2028, 3, 31), date(2028, 5, 31)]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", date(2028, 2, 1), [LEAP, date(2028, 3, 31)]),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=2", date(2027, 2, 1), [date(2027, 2, 28), LEAP]),
        ("FREQ=DAILY;COUNT=3", date(2028, 2, 28), [date(2028, 2, 28), LEAP, date(2028, 3, 1)]),
        ("FREQ=DAILY;UNTIL=20280229", date(2028, 2, 27), [date(2028, 2, 27), date(2028, 2, 28), LEAP]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", date(2028, 2, 15), [date(2028, 2, 15), LEAP, date(2028, 3, 14)]),
        # 2100 is no leap year: from 2096 to 2104 the 29th of February stays away for eight years.
        ("FREQ=YEARLY;COUNT=2", date(2096, 2, 29), [date(2096, 2, 29), date(2104, 2, 29)]),
    ],
)  # fmt: skip
def test_leap_days_with_a_count_or_an_end(rule: str, starts: date, days: list[date]) -> None:
    wanted = plan(rule, starts=starts)
    assert kept(occurrences(wanted, starts, starts.replace(year=starts.year + 12, day=1))) == days
    # Looked at from the middle, a count goes on from the first date and not from where somebody looks.
    later = days[0] + timedelta(days=1)
    assert kept(occurrences(wanted, later, starts.replace(year=starts.year + 12, day=1))) == days[1:]


def test_a_date_that_is_skipped_counts_and_a_moved_leap_day_happens_where_it_was_moved() -> None:
    moved = {LEAP: date(2028, 3, 1), date(2032, 2, 29): None}
    found = occurrences(plan("FREQ=YEARLY;COUNT=3", starts=LEAP, moved=moved), LEAP, date(2040, 1, 1))
    assert kept(found) == [date(2028, 3, 1), date(2036, 2, 29)]


@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")),
    st.integers(1, 4), st.integers(1, 12), st.integers(0, 1500), st.sampled_from((SHANGHAI, BERLIN, NEW_YORK, BEIRUT)),
)  # fmt: skip
def test_a_rule_with_a_count_gives_what_counting_by_hand_gives(  # noqa: PLR0917  # What a case is made of.
    starts: date, frequency: str, interval: int, count: int, later: int, zone: ZoneInfo
) -> None:
    """Another way to the same dates: step by step over the calendar, leaving out days that there are not."""
    by_hand: list[date] = []
    step = 0
    while len(by_hand) < count and step < 5_000:
        by_steps = interval * step
        step += 1
        if frequency in ("DAILY", "WEEKLY"):
            by_hand.append(starts + timedelta(days=by_steps * (7 if frequency == "WEEKLY" else 1)))
            continue
        months = starts.month - 1 + by_steps * (12 if frequency == "YEARLY" else 1)
        try:
            by_hand.append(date(starts.year + months // 12, months % 12 + 1, starts.day))
        except ValueError:
            continue
    first = starts + timedelta(days=later)
    found = occurrences(
        plan(f"FREQ={frequency};INTERVAL={interval};COUNT={count}", starts=starts, zone=zone), first, date(2400, 1, 1)
    )
    assert kept(found) == [day for day in by_hand if day >= first]

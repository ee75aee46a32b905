"""When an automatic call may be made, and what follows one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.policy import CallRules, Then, after_attempt, within_hours

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CallRules((time(8), time(21)), ZONE, 3, timedelta(hours=2))
INSTANTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # The strategy adds the zone.


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 4, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (at(7, 59), at(8)),
        (at(8), at(8)),
        (at(21), at(21)),
        (at(21, 1), at(8) + timedelta(days=1)),
        (at(0), at(8)),
    ],
)
def test_calls_keep_to_the_hours(asked: datetime, allowed: datetime) -> None:
    assert within_hours(asked, RULES) == allowed


@given(INSTANTS)
def test_what_is_put_off_is_within_the_hours_and_not_earlier_nor_later_than_needed(asked: datetime) -> None:
    allowed = within_hours(asked, RULES)
    assert timedelta(0) <= allowed - asked < timedelta(hours=11)
    assert time(8) <= allowed.astimezone(ZONE).time().replace(second=0, microsecond=0) <= time(21)
    assert within_hours(allowed, RULES) == allowed


@given(st.sampled_from(["busy", "no_answer", "refused", "failed", "expired", "unknown", "not_reached"]), INSTANTS)
def test_whatever_went_wrong_is_tried_so_often_and_no_more(outcome: str, now: datetime) -> None:
    follows = [after_attempt(outcome, attempt, now, RULES) for attempt in (1, 2, 3)]
    assert [follow.then for follow in follows] == [Then.RETRY, Then.RETRY, Then.GIVE_UP]
    assert all(follow.due_at is not None and follow.due_at >= now + RULES.retry for follow in follows[:2])
    assert all(outcome in follow.reason for follow in follows)


def test_an_answered_call_is_waited_for() -> None:
    assert after_attempt("answered", 3, at(12), RULES).then is Then.WAIT

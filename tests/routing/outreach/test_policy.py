"""When an automatic call may be made, and what follows one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.policy import (
    MOST_DIALS,
    CallRules,
    Then,
    Tried,
    after_attempt,
    part_of_day,
    read_rest,
    within_hours,
    write_rest,
)

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


SPREAD = replace(RULES, spread=True)
REST = (time(12, 30), time(14))
NO = "no_answer"


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (at(12, 29), at(12, 29)),
        (at(12, 30), at(14)),
        (at(13, 59), at(14)),
        (at(14), at(14)),
    ],
)
def test_calls_leave_an_elder_her_rest(asked: datetime, allowed: datetime) -> None:
    assert within_hours(asked, RULES, REST) == allowed


@pytest.mark.parametrize(
    ("rest", "asked", "allowed"),
    [
        ((time(20), time(9)), at(8, 30), at(9)),
        ((time(20), time(9)), at(20, 30), at(9) + timedelta(days=1)),
        ((time(19), time(22)), at(19, 30), at(8) + timedelta(days=1)),
        ((time(6), time(22)), at(7), at(8)),
    ],
)
def test_a_rest_over_the_edge_of_the_hours_or_over_midnight(
    rest: tuple[time, time], asked: datetime, allowed: datetime
) -> None:
    assert within_hours(asked, RULES, rest) == allowed


@pytest.mark.parametrize("text", ["12", "12:30", "25:00-26:00", "08:00-08:00", "06:00-22:00", "a-b", "1:00-2:00-3:00"])
def test_hours_of_rest_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="hours of rest"):
        read_rest(text)


@pytest.mark.parametrize("text", ["12:30-14:00", "21:00-05:00"])
def test_hours_of_rest_are_read_as_they_are_written(text: str) -> None:
    assert write_rest(read_rest(text)) == text
    assert read_rest(" ") is None


@pytest.mark.parametrize(
    ("outcome", "before", "now", "due"),
    [
        (NO, (), at(10), at(14)),
        (NO, (Tried(at(10), NO),), at(14), at(18, 30)),
        (NO, (), at(15), at(18, 30)),
        (NO, (), at(19), at(9) + timedelta(days=1)),
        (NO, (Tried(at(15), NO),), at(19), at(9) + timedelta(days=1)),
        ("busy", (), at(10), at(10, 10)),
        ("busy", (Tried(at(10), "busy"),), at(10, 10), at(14)),
        ("expired", (), at(10), at(10, 5)),
        ("refused", (), at(10), at(14)),
    ],
)
def test_the_next_attempt_is_at_another_time_of_the_day(
    outcome: str, before: tuple[Tried, ...], now: datetime, due: datetime
) -> None:
    follow = after_attempt(outcome, len(before) + 1, now, SPREAD, before=before)
    assert (follow.then, follow.due_at) == (Then.RETRY, due)


OUTCOMES = st.sampled_from(["busy", NO, "refused", "failed", "unknown", "not_reached", "expired"])
RESTS = st.none() | st.tuples(
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)), st.integers(1, 8 * 60)
).map(lambda each: (each[0], (datetime.combine(at(0), each[0]) + timedelta(minutes=each[1])).time()))


@given(INSTANTS, st.lists(OUTCOMES, min_size=20, max_size=20), RESTS)
def test_a_course_of_attempts_ends_keeps_hours_and_rest_and_visits_each_part_of_the_day_once(
    now: datetime, outcomes: list[str], rest: tuple[time, time] | None
) -> None:
    moment, before = within_hours(now, SPREAD, rest), list[Tried]()
    for attempt, outcome in enumerate(outcomes, 1):
        assert within_hours(moment, SPREAD, rest) == moment
        follow = after_attempt(outcome, attempt, moment, SPREAD, before=before, rest=rest)
        before.append(Tried(moment, outcome))
        if follow.then is Then.GIVE_UP:
            break
        assert follow.due_at is not None
        assert follow.due_at > moment
        if outcome != "expired" and not (outcome == "busy" and [each.outcome for each in before].count("busy") == 1):
            parts = {part_of_day(each.at, ZONE) for each in before if each.outcome != "expired"}
            assert part_of_day(follow.due_at, ZONE) not in parts or len(parts) == 3 or rest is not None
        moment = follow.due_at
    rang = [each for each in before if each.outcome != "expired"]
    assert len(rang) <= SPREAD.attempts
    assert len(rang) == SPREAD.attempts or len(before) == SPREAD.attempts * MOST_DIALS


def test_hours_in_the_morning_alone_leave_the_next_morning() -> None:
    mornings = replace(SPREAD, hours=(time(8), time(11)))
    follow = after_attempt(NO, 1, at(9), mornings)
    assert follow.due_at is not None
    assert follow.due_at.astimezone(ZONE).date() == at(9).date() + timedelta(days=1)

"""When a daily call is due, and what follows each outcome."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.wellbeing.policy import (
    CONTACTS,
    GOINGS,
    TRIES,
    Enrolled,
    Heard,
    Looked,
    Then,
    Today,
    WellBeingRules,
    after_call,
    after_look_in,
    due,
)
from tests.routing.town import ZONE

RULES = WellBeingRules(ZONE)
DAY = date(2026, 3, 4)
"""A Wednesday."""
NEVER = [Heard.NO_KEY, Heard.NO_ANSWER, Heard.NEVER_RANG]


def at(clock: str, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=ZONE)


def enrolled(rule: str = "FREQ=DAILY", **more: object) -> Enrolled:
    given_ = {"at": time(9), "rule": rule, "starts_on": date(2026, 3, 1), "enrolled_at": at("08:00", date(2026, 3, 1))}
    return Enrolled(**(given_ | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("clock", "today"),
    [("00:00", Today.NOT_YET), ("08:59", Today.NOT_YET), ("09:00", Today.CALL), ("12:59", Today.CALL),
     ("13:00", Today.TOO_LATE), ("23:59", Today.TOO_LATE)],
)  # fmt: skip
def test_it_is_due_from_its_time_on_and_a_person_is_told_when_it_is_too_late(clock: str, today: Today) -> None:
    assert due(enrolled(), at(clock), RULES).today is today


@pytest.mark.parametrize(
    ("more", "today"),
    [
        ({"rule": "FREQ=WEEKLY;BYDAY=MO,TU"}, Today.NOT_TODAY),
        ({"rule": "FREQ=WEEKLY;BYDAY=WE"}, Today.CALL),
        ({"starts_on": date(2026, 3, 5)}, Today.NOT_TODAY),
        ({"enrolled_at": at("09:30")}, Today.NOT_TODAY),
        ({"enrolled_at": at("08:30")}, Today.CALL),
        ({"pauses": [(date(2026, 3, 4), date(2026, 3, 4))]}, Today.PAUSED),
        ({"pauses": [(date(2026, 3, 2), None)]}, Today.PAUSED),
        ({"pauses": [(date(2026, 3, 1), date(2026, 3, 3)), (date(2026, 3, 5), None)]}, Today.CALL),
    ],
)
def test_days_without_a_call(more: dict[str, object], today: Today) -> None:
    assert due(enrolled(**more), at("09:30"), RULES).today is today


def test_the_day_is_the_one_on_the_clocks_of_the_hotline() -> None:
    found = due(enrolled(), datetime(2026, 3, 3, 23, 0, tzinfo=UTC), RULES)
    assert (found.day, found.today) == (DAY, Today.NOT_YET)


@pytest.mark.parametrize("heard", [Heard.WELL, Heard.CALL_ME, Heard.PERSON, Heard.SOS])
def test_whoever_presses_a_key_has_answered(heard: Heard) -> None:
    assert after_call(heard, 0, at("09:00"), at("09:01"), RULES).then is Then.SETTLED


def test_who_may_not_be_called_is_left() -> None:
    assert after_call(Heard.NOT_WANTED, 2, at("09:00"), at("09:50"), RULES).then is Then.LEAVE


@given(
    heard=st.lists(st.sampled_from(NEVER), min_size=200, max_size=200),
    lasts=st.lists(st.integers(0, 3_600), min_size=200, max_size=200),
    every=st.integers(1, 1_200),
)
def test_no_answer_is_an_alarm_after_three_calls_or_an_hour_whatever_happens(
    heard: list[Heard], lasts: list[int], every: int
) -> None:
    """Each call takes from nothing to an hour, until a line is free and it has rung out."""
    rules = WellBeingRules(ZONE, every=timedelta(seconds=every))
    first = due_at = at("09:00")
    rang = 0
    for word, seconds in zip(heard, lasts, strict=True):
        assert first <= due_at <= first + rules.within
        over = due_at + timedelta(seconds=seconds)
        rang += word is not Heard.NEVER_RANG
        following = after_call(word, rang, first, over, rules)
        if following.then is Then.ALARM:
            assert rang == TRIES or over >= first + rules.within
            break
        assert (following.then, rang < TRIES, over < first + rules.within) == (Then.AGAIN, True, True)
        assert following.due_at is not None and following.due_at > over - timedelta(seconds=1)
        due_at = following.due_at
    else:
        # Calls that never rang and took no time at all go on for an hour, one `every` apart.
        assert len(heard) * every <= 3_600


@given(
    contacts=st.integers(0, 6),
    words=st.lists(st.sampled_from(list(Looked)), min_size=30, max_size=30),
)
def test_contacts_are_asked_in_turn_and_it_ends(contacts: int, words: list[Looked]) -> None:
    answers: list[tuple[int, Looked]] = []
    now = at("10:00")
    for word in words:
        following = after_look_in(answers, contacts, now, RULES)
        if following.over:
            break
        assert following.due_at is not None and now <= following.due_at <= now + RULES.go_and_look
        assert following.position < min(contacts, CONTACTS)
        positions = [position for position, _word in answers]
        assert following.position in ({positions[-1], positions[-1] + 1} if positions else {0})
        answers.append((following.position, word))
    else:
        raise AssertionError("it never ends")
    assert len(answers) <= min(contacts, CONTACTS) * (GOINGS + 1)
    said = [word for _position, word in answers]
    ending = {Looked.WELL: "well", Looked.NEEDS_US: "needs_us", Looked.PERSON: "needs_us", Looked.SOS: "needs_us"}
    assert following.over == (ending.get(said[-1], "nobody") if said else "nobody")
    assert not any(word in ending for word in said[:-1])
    if following.over == "nobody":
        assert {position for position, _word in answers} == set(range(min(contacts, CONTACTS)))

"""What follows the call of a reminder."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.medicine.policy import LATER, LATERS, LATEST, UNANSWERED, Then, Told, after_call, part_of_day
from tests.routing.town import ZONE

EIGHT = datetime(2026, 3, 5, 8, 0, tzinfo=ZONE)


@pytest.mark.parametrize("told", [Told.TAKEN, Told.PERSON, Told.SOS])
def test_a_key_settles_it(told: Told) -> None:
    assert after_call(told, unanswered=1, later=1, first_at=EIGHT, now=EIGHT).then is Then.SETTLED


def test_later_is_once_after_twenty_minutes() -> None:
    once = after_call(Told.LATER, unanswered=0, later=1, first_at=EIGHT, now=EIGHT)
    assert once.due_at == EIGHT + LATER
    assert after_call(Told.LATER, unanswered=0, later=2, first_at=EIGHT, now=EIGHT).then is Then.GIVE_UP


@given(words=st.lists(st.sampled_from([Told.LATER, Told.NO_ANSWER, Told.NEVER_RANG]), min_size=20, max_size=20))
def test_whatever_happens_it_ends_within_the_hour(words: list[Told]) -> None:
    now, unanswered, later = EIGHT, 0, 0
    for word in words:
        unanswered, later = unanswered + (word is Told.NO_ANSWER), later + (word is Told.LATER)
        following = after_call(word, unanswered=unanswered, later=later, first_at=EIGHT, now=now)
        if following.then is Then.GIVE_UP:
            break
        assert following.due_at is not None and now < following.due_at <= EIGHT + LATEST
        assert unanswered < UNANSWERED and later <= LATERS
        now = following.due_at + timedelta(seconds=30)
    else:
        raise AssertionError("it never ends")


@pytest.mark.parametrize(("at", "part"), [(6, "morning"), (10, "morning"), (11, "noon"), (15, "noon"), (16, "evening")])
def test_the_medicine_has_a_name_by_its_time(at: int, part: str) -> None:
    assert part_of_day(time(at)) == part

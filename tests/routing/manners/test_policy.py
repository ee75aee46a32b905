"""What talks teach: each rule by an example, and what holds whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.manners.fares import End, Fare, History, Ordered
from routing.manners.manner import LONGEST_KEY_SECONDS, MOST_HINTS, SHORTEST_KEY_SECONDS, USUAL, Manner, Source
from routing.manners.policy import MOST_FARES, Help, Patience, Why, learn
from routing.manners.wishes import Wishes, manner_of

TODAY = date(2026, 3, 18)
GOOD = Fare(TODAY, 2, end=End.SELF_SERVICE)
HINTED = replace(GOOD, hints=1)
SILENT = Fare(TODAY, 1, silences=1, end=End.PERSON_BY_SILENCE)
LATE = replace(GOOD, latest_key_seconds=4.4)
BY_KEY = Fare(TODAY, 1, end=End.PERSON_BY_KEY)
LOUDER = replace(GOOD, deliveries=1, slow=True, loud=True, delivery_chosen=True)


def taught(*fares: Fare) -> Manner:
    """The manner of the talk after these, each of which was held as those before it had taught."""
    kept: list[Fare] = []
    for fare in fares:
        now = manner(kept)
        kept.append(replace(fare, eased=now.eased, patience=now.patience))
    return manner(kept)


def manner(fares: Sequence[Fare], wishes: Wishes | None = None) -> Manner:
    return manner_of(wishes or Wishes(), learn(History(tuple(fares[-MOST_FARES:])), TODAY))


def test_whoever_never_called_is_spoken_to_as_usual() -> None:
    assert replace(taught(), language="") == USUAL
    assert taught(GOOD, BY_KEY, GOOD, replace(GOOD, wrong_keys=1)).hints == USUAL.hints


@pytest.mark.parametrize("bad", [HINTED, SILENT])
def test_help_in_two_of_three_talks_is_a_person_at_the_first_silence(bad: Fare) -> None:
    assert taught(bad).hints == 1
    assert taught(bad, GOOD, BY_KEY, bad).hints == 1
    for fares in ((bad, bad), (bad, GOOD, bad), (GOOD, bad, bad), (bad, BY_KEY, bad)):
        after = taught(*fares)
        assert (after.hints, after.straight_to_person) == (0, False)
    origin = taught(bad, GOOD, bad).origin("hints")
    assert (origin.source, origin.why, origin.count, origin.of) == (Source.LEARNT, Why.HELP, 2, 3)


def test_help_in_three_of_four_talks_is_a_person_at_once() -> None:
    for fares in ((SILENT,) * 3, (SILENT, GOOD, SILENT, HINTED), (HINTED, SILENT, GOOD, SILENT)):
        assert taught(*fares).straight_to_person, fares
    assert not taught(SILENT, GOOD, BY_KEY, SILENT).straight_to_person


def test_two_good_talks_in_a_row_lead_back_and_one_does_not() -> None:
    assert taught(SILENT, SILENT, GOOD).hints == 0
    assert taught(SILENT, SILENT, GOOD, BY_KEY, GOOD).hints == 0
    assert taught(SILENT, SILENT, GOOD, GOOD).hints == 1
    assert taught(SILENT, SILENT, SILENT, GOOD).straight_to_person
    assert not taught(SILENT, SILENT, SILENT, GOOD, GOOD).straight_to_person
    assert taught(SILENT, SILENT, GOOD, GOOD, SILENT).hints == 1


def test_good_and_bad_in_turn_does_not_flap() -> None:
    seen = [taught(*([SILENT, GOOD] * 10)[:talks]).hints for talks in range(3, 20)]
    assert set(seen) == {0}


def test_late_keys_get_more_time_and_then_an_earlier_hint_twice() -> None:
    assert taught(LATE).key_seconds == USUAL.key_seconds
    after = taught(LATE, GOOD, LATE)
    assert (after.key_seconds, after.hints, after.patience) == (LONGEST_KEY_SECONDS, 1, Patience.LONGER)
    assert after.origin("key_seconds").why == Why.LATE
    more = taught(LATE, LATE, LATE, LATE)
    assert (more.hints, more.patience) == (2, Patience.HINTED_TWICE)
    assert more.key_seconds < USUAL.key_seconds
    assert more.origin("hints").why == Why.STILL_LATE


def test_time_that_helped_is_not_taken_away_because_it_helped() -> None:
    assert all(taught(LATE, LATE, *[GOOD] * talks).key_seconds == LONGEST_KEY_SECONDS for talks in range(20))


def test_who_gets_no_hint_and_still_is_late_has_the_longest_silence() -> None:
    after = taught(LATE, LATE, LATE, LATE, SILENT, SILENT)
    assert (after.hints, after.key_seconds) == (0, LONGEST_KEY_SECONDS)


def test_the_delivery_chosen_in_two_of_three_talks_is_the_one_to_begin_with() -> None:
    assert not taught(LOUDER).slow
    after = taught(LOUDER, GOOD, LOUDER)
    assert (after.slow, after.loud, after.origin("slow").why) == (True, True, Why.HASH)
    begun_so = replace(GOOD, slow=True, loud=True, delivery_chosen=True)
    assert taught(LOUDER, LOUDER, *[begun_so] * 20).slow
    back = replace(LOUDER, slow=False, loud=False)
    assert not taught(LOUDER, LOUDER, back, back).slow


def test_weak_hearing_begins_slower_and_louder_unless_said_otherwise() -> None:
    weak = Wishes(hearing="weak")
    assert manner([], weak).slow and manner([], weak).loud
    assert manner([], weak).origin("loud").why == Why.HEARING
    assert not manner([], replace(weak, slow=False)).slow
    back = replace(LOUDER, slow=False, loud=False)
    assert not manner([back, back], weak).loud


def test_what_a_person_set_comes_first_and_says_who() -> None:
    set_by_hand = Wishes(
        hints=2, key_seconds=2.5, straight_to_person=False, language="en", by={"hints": "user:3", "language": "user:4"}
    )
    after = manner([SILENT] * 4, set_by_hand)
    assert (after.hints, after.key_seconds, after.straight_to_person) == (2, 2.5, False)
    assert (after.origin("hints").source, after.origin("hints").by) == (Source.SET, "user:3")
    assert (after.language, after.origin("language").by) == ("en", "user:4")
    assert after.eased == Help.USUAL


def test_old_talks_are_forgotten() -> None:
    old = [replace(SILENT, day=TODAY - timedelta(days=200))] * 4
    assert not manner(old).straight_to_person
    assert manner([replace(SILENT, day=TODAY - timedelta(days=179))] * 4).straight_to_person


def orders(*items: int, every: int = 1) -> History:
    days = [TODAY - timedelta(days=at * every) for at in range(len(items))]
    return History((), tuple(Ordered(day, item) for day, item in zip(days, items, strict=True)))


@pytest.mark.parametrize(
    ("history", "favourite"),
    [
        (orders(7, 7, 7), 7), (orders(7, 7, 7, 8), 7), (orders(7, 7, 8), None), (orders(7, 7, 7, 8, 8), None),
        (orders(7, 7), None), (orders(7, 7, 7, every=40), None), (orders(7, 7, 7, every=30), 7),
        (orders(7, 7, 7, every=0), None), (orders(), None),
    ],
)  # fmt: skip
def test_the_item_that_is_nearly_always_ordered_is_the_favourite(history: History, favourite: int | None) -> None:
    learnt = learn(history, TODAY)
    assert manner_of(Wishes(), learnt).favourite_item_id == favourite
    assert manner_of(Wishes(favourite_offered=False), learnt).favourite_item_id is None


fares = st.builds(
    Fare,
    day=st.dates(TODAY - timedelta(days=400), TODAY),
    questions=st.integers(1, 60),
    hints=st.integers(0, 3),
    wrong_keys=st.integers(0, 5),
    silences=st.integers(0, 3),
    deliveries=st.integers(0, 5),
    slow=st.booleans(),
    loud=st.booleans(),
    delivery_chosen=st.booleans(),
    latest_key_seconds=st.none() | st.floats(0, 60),
    end=st.sampled_from(End),
    eased=st.integers(0, 2),
    patience=st.integers(0, 2),
)
histories = st.builds(
    History,
    st.lists(fares, max_size=12).map(tuple),
    st.lists(st.builds(Ordered, st.dates(TODAY - timedelta(days=90), TODAY), st.integers(1, 4))).map(tuple),
)


@given(histories)
def test_bounds_hold_whatever_happened_and_the_same_history_teaches_the_same(history: History) -> None:
    after = manner_of(Wishes(), learn(history, TODAY))
    assert SHORTEST_KEY_SECONDS <= after.key_seconds <= LONGEST_KEY_SECONDS
    assert 0 <= after.hints <= MOST_HINTS
    assert after == manner_of(Wishes(), learn(history, TODAY))
    assert all(after.origin(part).why for part in learn(history, TODAY).lessons)


TALKS = st.lists(st.sampled_from((GOOD, HINTED, SILENT, LATE, BY_KEY, LOUDER)), max_size=25)


@settings(max_examples=300)
@given(TALKS)
def test_a_lesson_is_undone_by_two_good_talks_in_a_row_and_by_nothing_less(talks: list[Fare]) -> None:
    kept: list[Fare] = []
    good = 0
    for fare in talks:
        before = manner(kept)
        kept = [*kept, replace(fare, eased=before.eased, patience=before.patience)][-MOST_FARES:]
        good = good + 1 if fare.went_well else 0
        after = manner(kept)
        if good < 2:
            assert after.eased >= before.eased
        assert after.patience >= before.patience
        assert not (good >= 2 and after.eased)


@given(TALKS)
def test_three_bad_talks_are_not_undone_by_one_good_one(talks: list[Fare]) -> None:
    assert taught(*talks, SILENT, SILENT, SILENT).straight_to_person
    assert taught(*talks, SILENT, SILENT, SILENT, GOOD).straight_to_person

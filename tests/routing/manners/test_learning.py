"""Fares are written behind the callers' backs, bounded, and found by the next look-up; people set what they like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from db.demo import DEMO
from db.models import Elder, ElderManner
from routing.calls.caller import KnownElder
from routing.calls.directory import CallerDirectory
from routing.errors import Invalid, NotFound
from routing.manners.book import MannerBook
from routing.manners.fares import End, Fare, History
from routing.manners.keeping import read_history, write_history
from routing.manners.learning import Learning
from routing.manners.manner import KEY_SECONDS, Source
from routing.manners.policy import MOST_FARES
from tests.routing.manners.test_policy import histories
from tests.routing.town import ZONE, Town

TODAY = date(2026, 3, 4)
SILENT = Fare(TODAY, 1, silences=1, end=End.PERSON_BY_SILENCE)


@pytest.fixture
def learning(any_town: Town) -> Iterator[Learning]:
    learning = Learning(any_town.unit_of_work, ZONE, any_town.clock)
    learning.start()
    yield learning
    learning.stop()


def book_of(town: Town) -> MannerBook:
    return MannerBook(town.unit_of_work, town.reading, town.clock, ZONE)


def looked_up(town: Town) -> KnownElder:
    elder = CallerDirectory(town.engine, town.cipher, today=lambda: TODAY).look_up(DEMO.wang.number).elder
    assert elder is not None
    return elder


def keep(learning: Learning, elder_id: int, *fares: Fare) -> None:
    for fare in fares:
        learning.keep(elder_id, fare)
    assert learning.flush()


def test_what_talks_teach_is_there_at_the_next_call(any_town: Town, learning: Learning) -> None:
    wang = any_town.elder_id(DEMO.wang)
    keep(learning, wang, SILENT, SILENT)
    elder = looked_up(any_town)
    assert (elder.manner.hints, elder.straight_to_person) == (0, False)
    keep(learning, wang, SILENT)
    elder = looked_up(any_town)
    assert elder.straight_to_person and elder.manner.straight_to_person
    directory = CallerDirectory(any_town.engine, any_town.cipher, today=lambda: TODAY)
    called = directory.elder(wang)
    assert called is not None and called.manner == elder.manner
    assert looked_up(any_town).manner == book_of(any_town).of(wang)


def test_only_the_last_talks_are_kept(any_town: Town, learning: Learning) -> None:
    wang = any_town.elder_id(DEMO.wang)
    keep(learning, wang, *[replace(SILENT, questions=at) for at in range(1, 60)])
    (row,) = any_town.rows(ElderManner)
    assert [each.questions for each in read_history(row.learnt).fares] == list(range(60 - MOST_FARES, 60))
    assert len(row.learnt) < 2000


def test_whoever_always_orders_meals_has_a_favourite(any_town: Town, learning: Learning) -> None:
    wang, meal = any_town.elder_id(DEMO.wang), any_town.item_id("meal")
    for _ in range(3):
        any_town.place(DEMO.wang, "meal")
        any_town.clock.forward(days=1)
    keep(learning, wang, replace(SILENT, end=End.SELF_SERVICE))
    book = book_of(any_town)
    assert book.of(wang).favourite_item_id == meal
    assert book.of(wang).origin("favourite_item_id").count == 3
    cancelled = any_town.place(DEMO.wang, "cleaning")
    any_town.place(DEMO.wang, "bathing")
    keep(learning, wang, replace(SILENT, end=End.SELF_SERVICE))
    assert book.of(wang).favourite_item_id is None
    any_town.orders.cancel(cancelled.id, actor="user:1", channel="desk", reason="not wanted")
    keep(learning, wang, replace(SILENT, end=End.SELF_SERVICE))
    assert book.of(wang).favourite_item_id == meal
    assert book.change(wang, {"favourite_offered": False}, "user:1").favourite_item_id is None
    any_town.clock.forward(days=70)
    book.change(wang, {"favourite_offered": None}, "user:1")
    assert book.of(wang).favourite_item_id is None


def test_an_elder_who_left_the_register_is_no_fault(any_town: Town, learning: Learning) -> None:
    with capture_logs() as logs:
        keep(learning, 999_999, SILENT)
    assert logs == []
    assert any_town.rows(ElderManner) == []


def test_without_the_database_a_fare_is_dropped_with_a_line_and_the_next_is_kept(any_town: Town) -> None:
    broken = [True]

    def unit_of_work() -> Any:
        if broken[0]:
            raise OperationalError("BEGIN", None, Exception("the database is gone"))
        return any_town.unit_of_work()

    learning = Learning(unit_of_work, ZONE, any_town.clock)
    learning.start()
    with capture_logs() as logs:
        keep(learning, any_town.elder_id(DEMO.wang), SILENT)
    assert [each["event"] for each in logs] == ["manners.fare_dropped"]
    broken[0] = False
    keep(learning, any_town.elder_id(DEMO.wang), SILENT)
    learning.stop()
    assert len(read_history(any_town.rows(ElderManner)[0].learnt).fares) == 1


def test_when_nobody_writes_a_fare_is_dropped_with_a_line(town: Town) -> None:
    learning = Learning(town.unit_of_work, ZONE, town.clock)
    with capture_logs() as logs:
        learning.keep(1, SILENT)
    assert [each["event"] for each in logs] == ["manners.fare_dropped"]


@given(histories)
def test_a_history_is_kept_as_it_was(history: History) -> None:
    read = read_history(write_history(history))
    assert read.fares == history.fares[-MOST_FARES:]
    assert read.orders == history.orders[-20:]


@given(st.text() | st.sampled_from(['{"fares":[[1]],"orders":[]}', "[]", "1", '{"fares":1}', '{"orders":[]}', "{}"]))
def test_what_is_no_history_teaches_nothing(kept: str) -> None:
    assert read_history(kept) == History()


def test_people_set_and_give_back_each_part(any_town: Town) -> None:
    book, wang = book_of(any_town), any_town.elder_id(DEMO.wang)
    after = book.change(
        wang,
        {
            "slow": True, "loud": False, "key_seconds": 4.2, "hints": 2, "straight_to_person": True,
            "favourite_offered": False, "language": "en", "dialect": "lanzhou",
        },
        "user:7",
    )  # fmt: skip
    assert (after.slow, after.loud, after.key_seconds, after.hints) == (True, False, 4.2, 2)
    assert (after.straight_to_person, after.favourite_offered, after.spoken_language) == (True, False, "en-x-lanzhou")
    assert {after.origin(part).by for part in ("slow", "hints", "language", "straight_to_person")} == {"user:7"}
    assert looked_up(any_town).manner == after and looked_up(any_town).straight_to_person
    with any_town.reading() as session:
        elder = session.get_one(Elder, wang)
        assert (elder.straight_to_person, elder.language, elder.dialect) == (True, "en", "lanzhou")
    nothing = dict.fromkeys(("slow", "loud", "key_seconds", "hints", "straight_to_person", "language", "dialect"))
    after = book.change(wang, nothing, "user:8")
    assert (after.slow, after.key_seconds, after.hints, after.straight_to_person) == (False, KEY_SECONDS, 1, False)
    assert (after.language, after.dialect, after.favourite_offered) == ("zh-CN", "", False)
    assert after.origin("slow").source is Source.DEFAULT


def test_a_no_of_a_person_holds_against_what_was_learnt(any_town: Town, learning: Learning) -> None:
    book, wang = book_of(any_town), any_town.elder_id(DEMO.wang)
    keep(learning, wang, SILENT, SILENT, SILENT)
    after = book.change(wang, {"straight_to_person": False}, "user:7")
    assert not after.straight_to_person and not looked_up(any_town).straight_to_person
    assert book.change(wang, {"straight_to_person": None}, "user:7").straight_to_person


@pytest.mark.parametrize(
    "wishes",
    [
        {"key_seconds": 9.0}, {"key_seconds": 0.1}, {"key_seconds": True}, {"key_seconds": "4"}, {"hints": 3},
        {"hints": -1}, {"hints": 1.5}, {"hints": True}, {"slow": 1}, {"slow": "yes"}, {"language": "xx"},
        {"dialect": "x" * 21}, {"favourite_item_id": 3}, {"id": 1}, {"key_seconds": float("nan")},
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_and_changes_nothing(town: Town, wishes: dict[str, Any]) -> None:
    book, wang = book_of(town), town.elder_id(DEMO.wang)
    before = book.of(wang)
    with pytest.raises(Invalid):
        book.change(wang, {"loud": True, **wishes}, "user:7")
    assert book.of(wang) == before


def test_what_talks_taught_is_forgotten_and_what_people_set_is_not(any_town: Town, learning: Learning) -> None:
    book, wang, quiet = book_of(any_town), any_town.elder_id(DEMO.wang), any_town.elder_id(DEMO.quiet)
    for each in (wang, quiet):
        keep(learning, each, SILENT, SILENT)
    book.change(wang, {"loud": True}, "user:7")
    book.forget(wang)
    assert (book.of(wang).hints, book.of(wang).loud, book.of(quiet).hints) == (1, True, 0)
    book.forget()
    assert book.of(quiet).hints == 1


def test_an_elder_who_is_not_there_has_no_manner(town: Town) -> None:
    with pytest.raises(NotFound):
        book_of(town).of(999_999)
    with pytest.raises(NotFound):
        book_of(town).change(999_999, {"slow": True}, "user:7")


def test_a_manner_goes_with_its_elder(any_town: Town) -> None:
    book, other = book_of(any_town), any_town.elder_id(DEMO.straight)
    book.change(other, {"slow": True}, "user:7")
    with any_town.unit_of_work() as session:
        session.delete(session.get_one(Elder, other))
    assert any_town.rows(ElderManner) == []

"""Settings that are changed while everything runs: bounds, history, one of two writers, and what survives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.models import AuditEntry, SettingChange
from db.session import UnitOfWork
from routing.changeable.book import EVERY_SECONDS, ChangedBefore, LiveSettings, NotInBounds, SettingBook, Standing
from routing.changeable.policy import CHANGEABLE, Kind, OutOfBounds, read_value, write_value
from routing.errors import NotFound
from routing.settings import Settings

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
ENVIRONMENT = Settings(offer_seconds=500, profile="production")


@pytest.fixture
def book(unit_of_work: UnitOfWork, reading: UnitOfWork) -> SettingBook:
    return SettingBook(unit_of_work, reading, lambda: NOW, ENVIRONMENT)


def standing(book: SettingBook, name: str) -> Standing:
    return next(each for each in book.all() if each.what.name == name)


def test_every_one_is_a_setting_and_its_default_is_within_bounds() -> None:
    for each in CHANGEABLE:
        assert each.name in Settings.model_fields, each.name
        default = Settings.model_fields[each.name].default
        if default is not None:
            assert read_value(each, write_value(default)) == default, each.name
        wrong = (
            ("maybe", "1", "") if each.kind is Kind.YES_NO else (f"{each.most + 1}", f"{each.least - 1}", "nan", "x")
        )
        for text in wrong:
            with pytest.raises(OutOfBounds):
                read_value(each, text)


def test_the_page_wins_over_the_environment_until_it_is_taken_back(book: SettingBook, reading: UnitOfWork) -> None:
    assert book.merged() == (0, ENVIRONMENT)
    assert standing(book, "callback_delay_seconds").environment == "1800", "what depends on the profile is said, too"
    book.change("offer_seconds", "300", 0, "user:1")
    first = standing(book, "offer_seconds")
    assert (first.value, first.environment, first.changed) == ("300", "500", True)
    assert book.merged()[1].offer_seconds == 300 and book.merged()[1].offer_rounds == ENVIRONMENT.offer_rounds
    book.change("offer_seconds", "200", first.last, "user:2")
    book.change("callback_delay_seconds", "60", 0, "user:2")
    assert book.merged()[1].callback_delay == 60
    second = next(each for each in book.history() if each.value == "200")
    assert (second.before, second.by) == ("300", "user:2")
    book.revert(second.id, second.id, "user:3")
    assert book.merged()[1].offer_seconds == 300
    book.revert(first.last, standing(book, "offer_seconds").last, "user:3")
    assert book.merged()[1].offer_seconds == 500 and not standing(book, "offer_seconds").changed
    with reading() as work:
        told = list(work.scalars(select(AuditEntry.detail).order_by(AuditEntry.id)))
    assert told[0] == "offer_seconds: 500 -> 300" and told[-1] == "offer_seconds: 300 -> 500"


def test_what_cannot_be_is_refused(book: SettingBook) -> None:
    with pytest.raises(NotFound):
        book.change("database_url", "x", 0, "user:1")
    with pytest.raises(NotInBounds):
        book.change("offer_seconds", "1", 0, "user:1")
    with pytest.raises(NotFound):
        book.revert(7, 0, "user:1")
    assert book.history() == []


def test_of_two_at_once_one_is_told(book: SettingBook) -> None:
    barrier = Barrier(2)

    def change(value: str) -> bool:
        barrier.wait(10)
        try:
            book.change("offer_rounds", value, 0, f"user:{value}")
        except ChangedBefore:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(change, ("4", "5")))
    assert sorted(done) == [False, True]
    assert len(book.history()) == 1


def test_a_value_of_another_version_counts_as_none(book: SettingBook, unit_of_work: UnitOfWork) -> None:
    with unit_of_work() as work:
        for name, value in (("offer_seconds", "1"), ("gone", "5")):
            work.add(SettingChange(name=name, value=value, before="", at=NOW, by="user:1"))
    assert book.merged()[1] == ENVIRONMENT and not standing(book, "offer_seconds").changed


def test_a_process_looks_every_two_seconds_and_outlives_the_database(
    unit_of_work: UnitOfWork, reading: UnitOfWork, book: SettingBook
) -> None:
    looks, elapsed, away = [0], [100.0], [False]

    def counted() -> AbstractContextManager[Session]:
        looks[0] += 1
        if away[0]:
            raise OperationalError("select", {}, Exception("away"))
        return reading()

    live = LiveSettings(SettingBook(unit_of_work, counted, lambda: NOW, ENVIRONMENT), ENVIRONMENT, lambda: elapsed[0])
    assert live.now() == (0, ENVIRONMENT)
    book.change("offer_seconds", "300", 0, "user:1")
    before = looks[0]
    assert live.now()[1].offer_seconds == 500 and looks[0] == before, "not before two seconds are over"
    elapsed[0] += EVERY_SECONDS
    assert live.now()[1].offer_seconds == 300
    away[0] = True
    elapsed[0] += EVERY_SECONDS
    assert live.now()[1].offer_seconds == 300, "what counted last counts on"
    away[0] = False
    book.change("offer_seconds", "", book.revision(), "user:1")
    elapsed[0] += EVERY_SECONDS
    assert live.now()[1].offer_seconds == 500

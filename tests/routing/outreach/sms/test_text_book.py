"""SMS texts that are changed while everything runs: what is refused, history, one of two writers, and what survives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.models import AuditEntry, SmsTextChange
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.outreach.sms import texts
from routing.outreach.sms.text_book import EVERY_SECONDS, LiveTexts, TextBook, TextChangedBefore, TextRefused
from routing.outreach.sms.text_catalogue import LANGUAGES, load
from routing.outreach.sms.text_examples import example
from routing.outreach.sms.text_rules import RULES

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
OURS = load("zh-CN")
THANKS = "【幸福养老】收到{score}分，谢谢！"


@pytest.fixture
def book(unit_of_work: UnitOfWork, reading: UnitOfWork) -> TextBook:
    return TextBook(unit_of_work, reading, lambda: NOW, OURS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_an_example_within_its_parts(language: str) -> None:
    catalogue = load(language)
    for key, rule in RULES.items():
        shown = catalogue.say(key, **example(key, language))
        assert "{" not in shown
        assert texts.parts(shown) <= rule.parts, key


def test_the_page_wins_over_the_file_which_wins_over_ours(
    unit_of_work: UnitOfWork, reading: UnitOfWork, tmp_path: Path
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text('texts:\n  thanks: "【文件】{score}分"\n  empty: "【文件】空的"\n', encoding="utf-8")
    book = TextBook(unit_of_work, reading, lambda: NOW, texts.chosen("zh-CN", file))
    assert book.merged()[1].texts["thanks"] == "【文件】{score}分"
    book.change("thanks", f"  {THANKS}\r\n", 0, "user:1")
    said = book.merged()[1]
    assert (said.texts["thanks"], said.texts["empty"]) == (THANKS, "【文件】空的")
    assert said.texts["sorry"] == OURS.texts["sorry"]
    book.change("thanks", "", book.one("thanks").last, "user:2")
    assert book.merged()[1].texts["thanks"] == "【文件】{score}分"
    assert [(each.text, each.before, each.by) for each in book.history("thanks")] == [
        ("", THANKS, "user:2"),
        (THANKS, "【文件】{score}分", "user:1"),
    ]
    with reading() as work:
        audited = [(each.actor, each.action) for each in work.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert audited == [("user:1", "sms_text.changed"), ("user:2", "sms_text.changed")]


def test_an_older_version_is_said_again(book: TextBook) -> None:
    first, second = "【银龄】一{score}", "【银龄】二{score}"
    book.change("thanks", first, 0, "user:1")
    oldest = book.one("thanks").last
    book.change("thanks", second, oldest, "user:1")
    book.restore("thanks", oldest, book.one("thanks").last, "user:2")
    assert book.one("thanks").text == first
    assert len(book.history("thanks")) == 3
    for key, change in (("sorry", oldest), ("thanks", 99)):
        with pytest.raises(NotFound):
            book.restore(key, change, 0, "user:1")


@pytest.mark.parametrize(
    ("key", "text", "codes"),
    [
        ("thanks", "【银龄】谢谢", ["missing"]),
        ("thanks", "【银龄】{score}{name}", ["unknown"]),
        ("thanks", "【银龄】{name}", ["unknown", "missing"]),
        ("thanks", "【银龄】{score", ["braces"]),
        ("thanks", "【银龄】{score.__class__}", ["plain"]),
        ("thanks", "谢谢{score}", ["signature"]),
        ("thanks", "【银龄】{score}" + "谢" * 80, ["parts"]),
        ("thanks", "【银龄】{score}" + "谢" * 1000, ["long"]),
        ("thanks", "【银龄】{score}\u202e", ["control"]),
        ("thanks", "【银龄】{score}\0", ["control"]),
        ("rate", "【银龄】{item}{number}{low}{high}{best}", ["stop"]),
    ],
)
def test_what_cannot_be_sent_is_refused(book: TextBook, key: str, text: str, codes: list[str]) -> None:
    with pytest.raises(TextRefused) as refused:
        book.change(key, text, 0, "user:1")
    assert [each.code for each in refused.value.faults] == codes
    assert book.history(key) == []
    with pytest.raises(NotFound):
        book.change("nothing", THANKS, 0, "user:1")


def test_of_two_at_once_one_is_told(book: TextBook) -> None:
    barrier = Barrier(2)

    def change(text: str) -> bool:
        barrier.wait(5)
        try:
            book.change("thanks", text, 0, "user:1")
        except TextChangedBefore:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        saved = list(pool.map(change, ("【银龄】一{score}", "【银龄】二{score}")))
    assert sorted(saved) == [False, True]
    assert len(book.history("thanks")) == 1


def test_what_this_version_does_not_take_and_another_language_count_as_nothing(
    book: TextBook, unit_of_work: UnitOfWork, reading: UnitOfWork
) -> None:
    rows = (
        ("zh-CN", "thanks", "【银龄】{gone}"),
        ("zh-CN", "gone", "【银龄】"),
        ("en", "sorry", "【Elderline】Sorry."),
    )
    with unit_of_work() as work:
        for language, key, text in rows:
            work.add(SmsTextChange(language=language, key=key, text=text, before="", at=NOW, by="user:1"))
    assert book.merged()[1].texts == OURS.texts
    english = TextBook(unit_of_work, reading, lambda: NOW, load("en"))
    assert english.merged()[1].texts["sorry"] == "【Elderline】Sorry."


def test_what_is_sent_follows_without_a_restart_and_survives_the_database(
    unit_of_work: UnitOfWork, reading: UnitOfWork, book: TextBook
) -> None:
    elapsed, away, looks = [0.0], [False], [0]

    def counted() -> AbstractContextManager[Session]:
        looks[0] += 1
        if away[0]:
            raise OperationalError("", None, Exception("away"))
        return reading()

    live = LiveTexts(TextBook(unit_of_work, counted, lambda: NOW, OURS), lambda: elapsed[0])
    texts.follow(live.now)
    try:
        assert texts.thanks(5) == OURS.say("thanks", score=5)
        book.change("thanks", THANKS, 0, "user:1")
        assert texts.thanks(5) == OURS.say("thanks", score=5)
        assert looks[0] == 1, "no more often than every two seconds"
        elapsed[0] += EVERY_SECONDS
        assert texts.thanks(5) == "【幸福养老】收到5分，谢谢！"
        away[0], elapsed[0] = True, elapsed[0] + EVERY_SECONDS
        assert texts.thanks(4) == "【幸福养老】收到4分，谢谢！"
    finally:
        texts.use("zh-CN")

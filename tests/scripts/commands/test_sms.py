"""`elderline sms`: texts that are checked, and a carrier to play with."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from routing.outreach.sms import texts
from routing.outreach.sms.text_catalogue import LANGUAGES, load, longest, problems
from routing.outreach.sms.text_rules import RULES
from routing.settings import Settings
from scripts.cli import elderline
from scripts.sms_carrier.book import Book
from scripts.sms_carrier.control import Control, control_socket


def run(*arguments: str, **variables: str) -> tuple[int, str]:
    done = CliRunner().invoke(elderline, ["sms", *arguments], env=variables)
    return done.exit_code, done.output


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_texts_are_right_and_listed_with_their_parts(language: str) -> None:
    assert problems(load(language)) == []
    assert run("texts", "check", "--language", language)[0] == 0
    status, output = run("texts", "list", "--language", language)
    assert status == 0
    assert all(longest(load(language), key) in output for key in RULES)
    assert "rate (" in output and "of 2 parts" in output


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"texts": {"rate": "【银龄】{item}{number}{low}{high}{best}{elder}？退订回TD"}}, "no field elder"),
        ({"texts": {"rate": "【银龄】{item}{low}{high}{best}？退订回TD"}}, "field number is missing"),
        ({"texts": {"rate": "【银龄】{item}{number}{low}{high}{best}？"}}, "how to get no more"),
        ({"texts": {"rate": "{item}{number}{low}{high}{best}？退订回TD"}}, "signature"),
        (
            {"texts": {"rate": "【银龄】{item}{number}{low}{high}{best}？退订回TD" + "啊" * 120}},
            "3 parts, and 2 are allowed",
        ),
        ({"texts": {"sorry": "【银龄】{"}}, "braces"),
        ({"texts": {"sorry": "【银龄】{0}"}}, "plain name"),
        ({"texts": {"rate": "【银龄】{item.__class__}{number}？退订回TD"}}, "plain name"),
        ({"texts": {"rate": "【银龄】{item!r:>9}{number}？退订回TD"}}, "plain name"),
        ({"texts": {"sory": "【银龄】"}}, "no such text"),
        ({"words": {"today": "今天"}}, "field time is missing"),
        ({"texts": {"sorry": 5}}, "in quotes"),
        ({"texte": {}}, "nothing else"),
        ([], "nothing else"),
    ],
)
def test_own_texts_that_are_wrong_are_told_and_not_used(tmp_path: Path, own: object, told: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump(own or [1], allow_unicode=True), encoding="utf-8")
    status, output = run("texts", "check", ELDERLINE_SMS_TEXTS=str(file))
    assert status == 1
    assert told in output
    texts.use("zh-CN", file)
    assert texts.sorry() == load("zh-CN").texts["sorry"]


def test_own_texts_are_said_in_the_stead_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("texts:\n  thanks: 【银龄】{score}分，谢谢！\n", encoding="utf-8")
    try:
        texts.use("zh-CN", file)
        assert texts.thanks(5) == "【银龄】5分，谢谢！"
        assert texts.sorry() == load("zh-CN").texts["sorry"]
        assert ", own)" in run("texts", "list", "--file", str(file))[1]
    finally:
        texts.use("zh-CN")


def test_a_file_that_is_not_there_is_told() -> None:
    status, output = run("texts", "check", "--file", "/nowhere/own.yaml")
    assert (status, "cannot be read" in output) == (1, True)


def test_english_is_said_where_it_is_the_language() -> None:
    try:
        texts.use("en")
        assert texts.rate("meal", "123456").startswith("【Elderline】How was your meal (order 123456)?")
    finally:
        texts.use("zh-CN")


def test_what_phones_got_is_listed_and_a_phone_writes(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    (tmp_path / "run").mkdir()
    status, output = run("carrier", "list", ELDERLINE_VAR_DIR=str(tmp_path))
    assert status == 1
    assert "./scripts/up --sms" in output
    book = Book()
    control = Control(control_socket(settings), book, "12349")
    control.start()
    try:
        assert run("carrier", "reply", "13900000077", "好" * 100, ELDERLINE_VAR_DIR=str(tmp_path))[0] == 0
        bringing = [book.next_to_bring(), book.next_to_bring()]
        assert [each.message.destination_addr for each in bringing if each] == ["12349"] * 2
        assert run("carrier", "list", "--json", ELDERLINE_VAR_DIR=str(tmp_path)) == (0, "[]\n")
    finally:
        control.stop()

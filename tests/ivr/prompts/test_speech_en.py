"""What values sound like in English, written out as text so that a reader can hear it."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts import speech
from ivr.prompts.catalogue import TEXTS_FOLDER
from ivr.prompts.numerals import LARGEST, UnspeakableError
from ivr.prompts.numerals_en import cardinal, numeral_text, ordinal_text
from ivr.prompts.pinyin_en import english_sounds
from ivr.prompts.source import read_language
from ivr.prompts.template import VALUE_TYPES
from ivr.prompts.vocabulary import Vocabulary

CHINA = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 16)  # a Monday


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_language(TEXTS_FOLDER / "en.yaml").vocabulary


def say(vocabulary: Vocabulary, kind: str, value: object) -> str:
    return " ".join(vocabulary.texts[piece] for piece in speech.spoken(kind, value, vocabulary, TODAY))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("time", time(9, 30), "half past nine in the morning"),
        ("time", time(9, 0), "nine o'clock in the morning"),
        ("time", time(14, 5), "two oh five in the afternoon"),
        ("time", time(0, 0), "midnight"),
        ("time", time(0, 30), "half past twelve at night"),
        ("time", time(1, 0), "one o'clock in the morning"),
        ("time", time(12, 0), "twelve noon"),
        ("time", time(12, 15), "twelve fifteen in the afternoon"),
        ("time", time(19, 45), "seven forty-five in the evening"),
        ("time", datetime(2026, 3, 18, 22, 10, tzinfo=CHINA), "ten ten at night"),
        ("date", date(2026, 3, 16), "today"),
        ("date", date(2026, 3, 17), "tomorrow"),
        ("date", date(2026, 3, 15), "yesterday"),
        ("date", date(2026, 3, 18), "Wednesday March the eighteenth"),
        ("date", date(2026, 3, 20), "Friday March the twentieth"),
        ("date", date(2026, 12, 2), "December the second"),
        ("date", date(2026, 5, 31), "May the thirty-first"),
        ("moment", datetime(2026, 3, 17, 8, 30, tzinfo=CHINA), "tomorrow at half past eight in the morning"),
        ("money", 0, "zero yuan"),
        ("money", 100, "one yuan"),
        ("money", 1250, "twelve yuan and fifty fen"),
        ("money", 1205, "twelve yuan and five fen"),
        ("money", 20, "twenty fen"),
        ("money", 25_500, "two hundred and fifty-five yuan"),
        ("digits", "1012", "one zero one two"),
        ("phone", "+8613900", "eight six one three nine zero zero"),
        ("tail", "13900001002", "one zero zero two"),
        ("count", 0, "zero"),
        ("count", 2, "two"),
        ("count", 105, "one hundred and five"),
        ("minutes", 1, "one minute"),
        ("minutes", 45, "forty-five minutes"),
        ("person", "王奶奶", "Grandma Wang"),
        ("person", "汪奶奶", "Grandma Wang"),
        ("person", "张先生", "Mister Zhang"),
        ("person", "奶奶", "Grandma"),
        ("word", "meal", "meal delivery"),
        ("word", "助餐", "meal delivery"),
        ("state", "done", "has been done"),
    ],
)
def test_values_are_said_as_people_say_them(vocabulary: Vocabulary, kind: str, value: object, text: str) -> None:
    assert say(vocabulary, kind, value) == text


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("person", "欧阳奶奶", "Grandma"),
        ("person", "Smith", "our friend"),
        ("word", "滑雪", "the service you asked for"),
        ("count", -1, "a few"),
        ("minutes", 10**9, "a few minutes"),
        ("money", 12.5, "at the actual price"),
        ("money", 10**12, "at the actual price"),
        ("time", "9:30", "the agreed time"),
        ("date", 7, "on the agreed day"),
        ("moment", TODAY, "at the agreed time"),
        ("digits", "12a", "in the message that we send you"),
        ("phone", "anonymous", "the registered number"),
        ("tail", "", "as it is registered"),
    ],
)
def test_what_has_no_words_is_replaced_by_something_true(
    vocabulary: Vocabulary, kind: str, value: object, text: str
) -> None:
    with pytest.raises(UnspeakableError) as problem:
        speech.spoken(kind, value, vocabulary, TODAY)
    assert " ".join(vocabulary.texts[piece] for piece in problem.value.instead) == text


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.times() | st.datetimes()
)


@given(kind=st.sampled_from(sorted(VALUE_TYPES - {"tone"})), value=ANYTHING)
def test_whatever_is_given_there_is_a_recorded_piece_to_say(vocabulary: Vocabulary, kind: str, value: object) -> None:
    try:
        pieces = speech.spoken(kind, value, vocabulary, TODAY)
    except UnspeakableError as problem:
        pieces = list(problem.instead)
    assert pieces
    assert vocabulary.texts.keys() >= set(pieces)


@given(st.integers(0, LARGEST))
def test_a_number_spoken_is_the_number(number: int) -> None:
    """Read back by the rules of English: hundreds multiply, thousands and millions close a group."""
    whole, group = 0, 0
    for piece in cardinal(number):
        match piece.removeprefix("number."):
            case "and":
                continue
            case "hundred":
                group *= 100
            case "thousand" | "million" as unit:
                whole, group = whole + group * (1_000 if unit == "thousand" else 1_000_000), 0
            case digits:
                group += int(digits)
    assert whole + group == number


@pytest.mark.parametrize(("number", "text"), [(1, "first"), (12, "twelfth"), (13, "thirteenth"), (20, "twentieth")])
def test_ordinals(number: int, text: str) -> None:
    assert ordinal_text(number) == text


def test_numerals_are_all_different() -> None:
    assert len({numeral_text(n) for n in range(100)}) == 100


def test_every_surname_has_sounds_and_what_is_no_syllable_has_none(vocabulary: Vocabulary) -> None:
    assert all("ˈ" in english_sounds(sound) for sound in vocabulary.surnames.values())
    assert english_sounds("zhang") == "ʤˈɑŋ"
    with pytest.raises(ValueError, match="no syllable"):
        english_sounds("smith")


def test_every_piece_that_stands_for_another_has_english_words(vocabulary: Vocabulary) -> None:
    chinese = read_language(TEXTS_FOLDER / "zh-CN.yaml").vocabulary
    generic = {piece for piece in chinese.texts if piece.startswith("generic.")}
    assert generic - vocabulary.texts.keys() == set()


def test_every_service_and_state_of_the_first_language_has_english_words(vocabulary: Vocabulary) -> None:
    chinese = read_language(TEXTS_FOLDER / "zh-CN.yaml").vocabulary
    assert {text: piece for text, piece in chinese.words.items() if vocabulary.words.get(text) != piece} == {}

"""Numerals are read back by an independent reader: whatever we say must mean the number we were given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts.numerals import LARGEST, UnspeakableError, cardinal, counting, numeral_text

NAMES = {"number.liang": "两", "number.bai": "百", "number.qian": "千", "number.wan": "万"}
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"十": 10, "百": 100, "千": 1_000}


def as_text(pieces: list[str]) -> str:
    return "".join(NAMES.get(piece) or numeral_text(int(piece.removeprefix("number."))) for piece in pieces)


def as_number(text: str) -> int:
    """Read a numeral as a person would, knowing nothing of how it was made."""
    total = section = 0
    digit: int | None = None
    for character in text:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in UNITS:
            section += (1 if digit is None else digit) * UNITS[character]
            digit = None
        else:
            total, section, digit = (section + (digit or 0)) * 10_000, 0, None
    return total + section + (digit or 0)


@given(st.integers(0, LARGEST))
def test_a_spoken_number_means_the_number(n: int) -> None:
    assert as_number(as_text(cardinal(n))) == n
    assert as_number(as_text(counting(n))) == n


@given(st.integers(100, LARGEST))
def test_zero_is_said_once_for_a_gap_and_never_at_the_end(n: int) -> None:
    text = as_text(cardinal(n))
    assert "零零" not in text
    assert not text.endswith("零")


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (35, "三十五"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (112, "一百一十二"),
        (200, "两百"),
        (222, "两百二十二"),
        (1005, "一千零五"),
        (1012, "一千零一十二"),
        (2200, "两千二百"),
        (10_000, "一万"),
        (20_002, "两万零二"),
        (10_012, "一万零一十二"),
        (100_300, "十万零三百"),
        (12_345, "一万两千三百四十五"),
        (5_000_000, "五百万"),
    ],
)
def test_numbers_are_read_as_people_read_them(n: int, text: str) -> None:
    assert as_text(cardinal(n)) == text


@pytest.mark.parametrize(
    ("n", "text"), [(2, "两"), (12, "十二"), (22, "二十二"), (102, "一百零二"), (1, "一"), (0, "零")]
)
def test_only_a_lone_two_becomes_liang_before_a_measure_word(n: int, text: str) -> None:
    assert as_text(counting(n)) == text


@pytest.mark.parametrize("n", [-1, LARGEST + 1])
def test_a_number_out_of_range_has_something_to_say_instead(n: int) -> None:
    with pytest.raises(UnspeakableError) as problem:
        cardinal(n)
    assert problem.value.instead == ("generic.count",)

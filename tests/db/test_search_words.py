"""What is written into the register is found by what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.search_words import MOST_WORDS, pieces_of_place, tails_of_search, words_of_elder, words_of_search

WANG = words_of_elder("王桂兰", "清水湾街道", "清水湾街道一号院二单元301室", ["+869319000101", "+8614599990102"])


def found(wanted: str, record: frozenset[str] = WANG) -> bool:
    words = words_of_search(wanted)
    return bool(words) and all(ways & record for ways in words)


@pytest.mark.parametrize(
    "wanted",
    [
        "王桂兰", "桂兰", "王桂", "王", "wgl", "WGL", "wangguilan", "guilan", "lan", "wang", "0101", "0102",
        "000101", "９０００１０１", "清水湾", "清水湾街道", "301", "301室", "一号院", "1号院", "清水湾301",
            "清水湾街道1号院2单元301室",
        "桂兰 清水湾", "wgl 301", "王，0101", "清水湾 一号院 guilan",
    ],
)  # fmt: skip
def test_she_is_found(wanted: str) -> None:
    assert found(wanted)


@pytest.mark.parametrize(
    "wanted", ["", "  ", "李桂兰", "wgx", "0103", "302", "柳荫街道", "桂兰 柳荫", "101", "兰桂", "%", "' or 1=1"]
)
def test_she_is_not(wanted: str) -> None:
    assert not found(wanted)


def test_a_surname_with_two_readings_is_found_by_either() -> None:
    zeng = words_of_elder("曾单", "", None, [])
    assert found("zengshan", zeng)
    assert found("cengdan", zeng)


def test_names_in_latin_letters_and_two_letter_surnames() -> None:
    assert found("smith", words_of_elder("Anna Smith", "", None, []))
    assert found("annasmith", words_of_elder("Anna Smith", "", None, []))
    ouyang = words_of_elder("欧阳淑华", "", None, [])
    assert found("欧阳", ouyang)
    assert found("oysh", ouyang)
    assert found("shuhua", ouyang)


def test_numerals_in_addresses_are_numbers() -> None:
    assert dict(pieces_of_place("幸福路十二号院二十一号楼一百零五室")) == {
        "幸福路": "幸福", "12号院": "12", "21号楼": "21", "105室": "105"
    }  # fmt: skip


def test_long_ends_of_numbers_are_compared_with_the_number_itself() -> None:
    assert tails_of_search("000101 王 0101") == ("000101",)


@given(st.text(max_size=60), st.text(max_size=60), st.lists(st.from_regex(r"\+86\d{10}", fullmatch=True), max_size=3))
def test_whatever_is_written_is_cut(name: str, place: str, numbers: list[str]) -> None:
    assert all(":" in word for word in words_of_elder(name, place, place, numbers))
    assert len(words_of_search(name + place)) <= MOST_WORDS


@given(st.text("王李张刘陈杨赵黄周吴单曾", min_size=2, max_size=3))
def test_every_name_is_found_by_itself_and_by_each_part(name: str) -> None:
    record = words_of_elder(name, "", None, [])
    for begin in range(len(name)):
        for end in range(begin + 2, len(name) + 1):
            assert found(name[begin:end], record)

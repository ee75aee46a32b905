"""The answer to "which order": by number, its ending, place, name; anything unsure is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.sms.choices import Choice, Listed, choose

LISTED = (Listed("304112", "送餐"), Listed("520113", "保洁"))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("12 5", [(0, "5")]), ("12号单 5", [(0, "5")]), ("尾号13，4分", [(1, "4分")]), ("304112", [(0, "")]),
        ("３０４１１２ ５", [(0, "5")]),
        ("第一个 5", [(0, "5")]), ("第1个", [(0, "")]), ("第二个单子，不满意", [(1, "不满意")]),
        ("5分是第一个的", [(0, "5分")]), ("前面那个", [(0, "")]), ("后一个3分", [(1, "3分")]),
        ("送餐5分", [(0, "5分")]),
        ("保洁的那个4分", [(1, "4分")]),
        ("送餐5分，保洁4分", [(0, "5分"), (1, "4分")]), ("第一个5第二个3", [(0, "5"), (1, "3")]),
        ("304112 5\n520113 2", [(0, "5"), (1, "2")]), ("送餐", [(0, "")]),
    ],
)  # fmt: skip
def test_what_is_named_is_chosen(text: str, chosen: list[tuple[int, str]]) -> None:
    assert choose(text, LISTED) == tuple(Choice(at, said) for at, said in chosen)


@pytest.mark.parametrize(
    "text", ["", "5", "5分", "11 5", "99 5", "第三个5", "送餐送餐5", "5分第一个3分", "都5分", "两个都好", "随便", "1 5"]
)
def test_what_is_not_sure_is_nothing(text: str) -> None:
    assert choose(text, LISTED) == ()


def test_an_ending_of_two_numbers_is_neither() -> None:
    assert choose("12 5", (Listed("304112"), Listed("520112"))) == ()
    assert choose("送餐5", (Listed("304112", "送餐"), Listed("520112", "送餐"))) == ()


@given(st.text(max_size=60))
def test_whatever_is_said_at_most_each_is_chosen_once(text: str) -> None:
    chosen = choose(text, LISTED)
    assert len({each.at for each in chosen}) == len(chosen) <= len(LISTED)

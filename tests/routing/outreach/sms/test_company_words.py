"""What a company writes about an offer is read, or it is unclear: never a guess."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.orders.scorecards.policy import DeclineReason
from routing.outreach.sms.company_words import LONGEST, Said, read_answer

_LINE = re.compile(r"(\w+) (\d+|-) (\w+|-) ?\| ?(.*)")
CORPUS = [
    (found[4], found[1], found[2].strip("-"), found[3].strip("-"))
    for line in Path(__file__).with_name("company_replies.txt").read_text(encoding="utf-8").splitlines()
    if (found := _LINE.fullmatch(line))
]


def test_the_corpus_is_read() -> None:
    assert len(CORPUS) >= 60


@pytest.mark.parametrize(("text", "said", "number", "reason"), CORPUS)
def test_each_text_is_read_as_its_label_says(text: str, said: str, number: str, reason: str) -> None:
    word = read_answer(text)
    assert (word.said.value, word.number, word.reason.value if word.reason else "") == (said, number, reason)


@pytest.mark.parametrize(("text", "bare"), [("1", True), ("123456 2", True), ("接", False), ("2 没人", False)])
def test_a_bare_digit_is_told_from_a_word(text: str, bare: bool) -> None:
    assert read_answer(text).bare is bare


ANSWERS = st.sampled_from([text for text, said, *_ in CORPUS if said in ("accept", "decline")])
FOREIGN = st.text(st.characters(categories=("Lo", "Lu", "Nd")), min_size=1, max_size=8)


@given(ANSWERS, ANSWERS)
def test_two_answers_that_differ_are_none(first: str, second: str) -> None:
    one, other, both = read_answer(first), read_answer(second), read_answer(f"{first} {second}")
    if one.said is not other.said:
        assert both.said is Said.UNCLEAR
    elif both.said is not Said.UNCLEAR:
        assert both.said is one.said


@given(st.text(max_size=LONGEST + 50))
@example("1\u202e2")
@example("\0")
def test_no_text_breaks_it_and_noise_is_no_answer(text: str) -> None:
    word = read_answer(text)
    assert (word.reason is None) or word.said is Said.DECLINE
    if word.said in (Said.ACCEPT, Said.DECLINE):
        assert (
            re.search("[接12一二两好行能没同意不拒远忙缺排来赶时人路距离做去无其别ok1yn]", text.casefold())
            or not text.isascii()
        )


@given(ANSWERS, FOREIGN)
def test_an_answer_with_words_that_are_not_known_is_none(answer: str, foreign: str) -> None:
    known = read_answer(foreign)
    if known.said is Said.OTHER and read_answer(f"接 {foreign}").said is not Said.ACCEPT:
        assert read_answer(f"{answer} {foreign}").said not in (Said.ACCEPT, Said.DECLINE)


@given(ANSWERS, st.integers(100_000, 999_999_999_999))
def test_an_order_that_is_named_is_found_and_changes_nothing(answer: str, number: int) -> None:
    plain, named = read_answer(answer), read_answer(f"{number} {answer}")
    if not plain.number:
        assert (named.said, named.number, named.reason) == (plain.said, str(number), plain.reason)


def test_reasons_are_those_of_the_telephone() -> None:
    found = {read_answer(text).reason for text, *_ in CORPUS}
    assert found >= {DeclineReason.NO_STAFF, DeclineReason.TOO_FAR, DeclineReason.BAD_TIME}

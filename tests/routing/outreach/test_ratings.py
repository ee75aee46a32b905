"""Replies as people write them, each with how it must be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.ratings import ReplyKind, read

PHRASED = [("very good", 5), ("Very satisfied!", 5), ("5 。", 5), ("good", 4), ("service was good", 4), ("very bad", 1)]


def _cases() -> Iterator[tuple[str, ReplyKind, int | None]]:
    for line in Path(__file__).with_name("replies.txt").read_text(encoding="utf-8").splitlines():
        label, bar, texts = line.partition(" | ")
        if bar:
            score = int(label) if label.isdecimal() else None
            kind = ReplyKind.SCORE if score else ReplyKind(label)
            yield from ((text, kind, score) for text in texts.split())
    yield from ((text, ReplyKind.SCORE, score) for text, score in PHRASED)


CASES = list(_cases())


@pytest.mark.parametrize(("text", "kind", "score"), CASES)
def test_a_reply_is_read_as_it_is_meant(text: str, kind: ReplyKind, score: int | None) -> None:
    reading = read(text)
    assert (reading.kind, reading.score) == (kind, score), reading
    assert reading.understood


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u200b\u202e", "\x00"])
def test_a_blank_reply_is_blank(blank: str) -> None:
    assert read(blank).kind is ReplyKind.UNCLEAR
    assert read(blank).understood == "empty"


@pytest.mark.parametrize("text", ["没来", "没做", "没人来", "一直没来", "根本没做", "怎么还没来"])
def test_nobody_came(text: str) -> None:
    assert read(text).done is False


@pytest.mark.parametrize("text", ["我没摔倒，5分", "没有摔倒，很好"])
def test_who_did_not_fall_does_not_cry_for_help(text: str) -> None:
    assert read(text).kind is ReplyKind.SCORE


@pytest.mark.parametrize("hidden", ["5\x00分", "\u202e5分", "５\u200b分", "  5  分 ", "5\n分"])
def test_what_cannot_be_seen_does_not_count(hidden: str) -> None:
    assert read(hidden).score == 5


def test_a_scale_may_run_the_other_way() -> None:
    assert read("1", "5-1").score == 1
    assert read("非常满意", "5-1").score == 1
    assert read("非常满意，5分", "5-1").kind is ReplyKind.UNCLEAR
    assert read("3", "1-3").score == 3
    assert read("4", "1-3").kind is ReplyKind.UNCLEAR
    assert read("满意", "1-3").kind is ReplyKind.UNCLEAR
    for no_scale in ("", "five", "1-1", "1-10"):
        with pytest.raises(ValueError, match="scale"):
            read("5", no_scale)


# Letters of every kind, but no digit, no numeral, no star and none of the characters that judgements are written with.
_MEANS = re.compile(
    r"[\d一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾零〇好满意错行般凑差糕糟评棒通等马虎可以过得去将就样⭐★🌟✪✭✆✩☆]"
)
NOISE = st.text(st.characters(exclude_categories=("Cs", "Nd", "Nl", "No")), max_size=60).filter(
    lambda text: not _MEANS.search(text) and not re.search("[a-z]{2}|[ａ-ｚ]", text, re.IGNORECASE)
)


@given(NOISE)
def test_noise_is_never_a_score(noise: str) -> None:
    assert read(noise).kind is not ReplyKind.SCORE


@given(st.text(max_size=300))
def test_whatever_comes_is_read(text: str) -> None:
    reading = read(text)
    assert (reading.score is not None) == (reading.kind is ReplyKind.SCORE)
    assert reading.score is None or 1 <= reading.score <= 5


@given(st.integers(0, 10**12))
def test_a_number_off_the_scale_is_never_a_score(number: int) -> None:
    assert (read(str(number)).kind is ReplyKind.SCORE) == (1 <= number <= 5)


def test_five_thousand_characters_are_read_at_once() -> None:
    assert read("啊" * 100_000).kind is ReplyKind.REMARK
    assert read("5" * 100_000).kind is ReplyKind.UNCLEAR

"""Replies as people write them, each with how it must be read, and what holds whatever is written."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from routing.outreach.ratings import Reading, ReplyKind, read
from routing.outreach.reply_words import JUDGED
from routing.outreach.scales import Scale
from tests.routing.outreach.replies import Labelled, corpus

CORPUS = corpus()
HELD_OUT = corpus("replies_held_out.txt")
SCALES = ("1-5", "5-1", "1-3", "1-10", "0-10")


def test_the_corpus_is_large_and_names_no_reply_twice() -> None:
    counted = Counter((each.text, each.scale) for each in CORPUS)
    assert len(counted) == len(CORPUS) >= 1500
    assert {each.kind for each in CORPUS} == set(ReplyKind)


@pytest.mark.parametrize("kind", ReplyKind)
def test_replies_are_read_as_they_are_meant(kind: ReplyKind) -> None:
    misread = {
        (each.text, each.scale): reading
        for each in CORPUS
        if each.kind is kind and _said(reading := read(each.text, each.scale)) != (each.kind, each.score)
    }
    assert not misread


def test_held_out_replies_are_never_misread_as_a_score() -> None:
    read_so = [(each, read(each.text, each.scale)) for each in HELD_OUT]
    wrong = [each for each, reading in read_so if reading.kind is ReplyKind.SCORE and reading.score != each.score]
    right = sum(_said(reading) == (each.kind, each.score) for each, reading in read_so)
    print(f"held out: {len(HELD_OUT)} replies, {right} read as labelled, {len(wrong)} misread as a score")
    assert not wrong
    assert right >= 0.95 * len(HELD_OUT)


def test_every_reading_says_what_was_understood() -> None:
    assert all(read(each.text, each.scale).understood for each in CORPUS)


@pytest.mark.parametrize("text", ["没来", "没做", "没人来", "一直没来", "根本没做", "怎么还没来", "冇来", "没送到"])
def test_nobody_came(text: str) -> None:
    assert read(text).done is False


@pytest.mark.parametrize(
    "text", ["好久没来", "没来得及接电话", "没来电话", "没来过这么好的师傅", "如果没来怎么办", "昨天没来今天又来了"]
)
def test_not_everything_that_did_not_come_is_a_service(text: str) -> None:
    assert read(text).done is None


@pytest.mark.parametrize(
    ("text", "more"), [("5分", False), ("5分，谢谢", False), ("5分，就是来晚了", True), ("2分，饭凉了", True)]
)
def test_what_is_said_beside_a_score_is_not_lost(text: str, more: bool) -> None:
    assert (read(text).kind, read(text).more) == (ReplyKind.SCORE, more)


@pytest.mark.parametrize("no_scale", ["", "five", "1-1", "1-5 ", "-1-5", "1-100", "１-５", "1–5", "1-5-9"])
def test_a_scale_is_two_numbers(no_scale: str) -> None:
    with pytest.raises(ValueError, match="scale"):
        read("5", no_scale)


def _said(reading: Reading) -> tuple[ReplyKind, int | None]:
    return reading.kind, reading.score


# Letters of every kind, but none of the signs of which numbers, stars and judgements are made.
_MEANS = frozenset("★⭐🌟✪✭⚝☆✩✰🔟零一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾百兩貳貳參参叄陸满滿" + "".join(JUDGED))
NOISE = st.text(st.characters(exclude_categories=("Cs", "Nd", "Nl", "No")), max_size=60).filter(
    lambda text: not any(letter in _MEANS for letter in text.lower()) and text.isprintable()
)
_CHINESE = st.text(
    st.sampled_from("我你他们家里今天来去吃饭送水电话门窗洗衣灯药路人口手早晚时候问说看听买菜孩子女儿师傅，。！ "),
    max_size=40,
)
_LATIN = st.from_regex(r"[a-z]{1,12}( [a-z]{1,12}){0,6}", fullmatch=True)


@given(NOISE | _CHINESE, st.sampled_from(SCALES))
def test_noise_is_never_a_score(noise: str, scale: str) -> None:
    assert read(noise, scale).kind is not ReplyKind.SCORE


@given(_LATIN)
def test_latin_noise_is_a_score_only_by_a_word_for_one(noise: str) -> None:
    words = set(noise.split())
    assume(not words & {"one", "two", "three", "four", "five", "ii", "iii", "iv"})
    assume(not any(word in words for phrase in JUDGED for word in phrase.split()))
    assert read(noise).kind is not ReplyKind.SCORE


@given(st.text(max_size=300), st.sampled_from(SCALES))
def test_whatever_comes_is_read_and_a_score_is_on_the_scale(text: str, scale: str) -> None:
    reading = read(text, scale)
    low, high = sorted(int(end) for end in scale.split("-"))
    assert (reading.score is not None) == (reading.kind is ReplyKind.SCORE)
    assert reading.score is None or low <= reading.score <= high


@given(st.sampled_from(CORPUS), st.sampled_from(CORPUS), st.integers(0, 30))
def test_pieces_of_replies_put_together_are_read(one: Labelled, other: Labelled, at: int) -> None:
    reading = read(one.text[:at] + other.text[at:])
    assert reading.score is None or 1 <= reading.score <= 5


@given(st.integers(0, 10**12))
def test_a_number_off_the_scale_is_never_a_score(number: int) -> None:
    for form in (str(number), f"{number}分", f"我给{number}分，谢谢"):
        assert (read(form).kind is ReplyKind.SCORE) == (1 <= number <= 5)


@given(st.from_regex(r"(\+86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}", fullmatch=True), st.sampled_from(SCALES))
def test_a_telephone_number_is_never_a_score(number: str, scale: str) -> None:
    for form in (number, f"我的电话{number}", f"{number} 5", f"5 {number}", f"打{number[:3]} {number[3:]}"):
        assert read(form, scale).kind is not ReplyKind.SCORE


@given(st.integers(1, 12), st.integers(1, 31), st.integers(0, 59), st.sampled_from(SCALES))
def test_dates_and_times_are_never_a_score(month: int, day: int, minute: int, scale: str) -> None:
    for form in (
        f"{month}月{day}日", f"{month}/{day}", f"2026-{month:02}-{day:02}", f"{day}号", f"{month}点",
        f"{month}点{minute}分",
        f"{month}:{minute:02}", f"{month}点来的", f"下午{month}点{minute:02}分到", f"等了{minute}分钟",
        f"收了{day}块", f"来了{day}个人",
        f"住{month}楼", f"{day}元", f"晚了{minute}分", f"周{'一二三四五'[day % 5]}", f"{month}.{day}.{minute}",
    ):  # fmt: skip
        assert read(form, scale).kind is not ReplyKind.SCORE, form


_POLITE = (
    "谢谢", "谢谢，", "您好，", "你好 ", "多谢！", "辛苦了，", "感谢你们，", "麻烦了。", "!", "。", "~", " ",
    "…", "🙏", " thanks, ",
)  # fmt: skip
_MEANT = [each for each in CORPUS if each.kind in (ReplyKind.SCORE, ReplyKind.OPT_OUT, ReplyKind.SOS)]


@pytest.mark.parametrize("polite", _POLITE)
def test_politeness_and_punctuation_change_nothing(polite: str) -> None:
    changed = {
        text: reading
        for each in _MEANT
        for text in (each.text + polite, polite + each.text, f"{polite}{polite}{each.text}{polite}{polite}")
        # "十分谢谢" are many thanks, whatever was meant before.
        if "十分" not in each.text and _said(reading := read(text, each.scale)) != (each.kind, each.score)
    }
    assert not changed


@given(st.sampled_from(CORPUS), st.sampled_from(_POLITE))
def test_politeness_makes_nothing_of_what_is_nothing(each: Labelled, polite: str) -> None:
    reading = read(f"{polite}{each.text}{polite}", each.scale)
    assert reading.kind in (each.kind, ReplyKind.UNCLEAR, ReplyKind.REMARK)


@given(st.sampled_from(CORPUS))
def test_any_width_is_read_the_same(each: Labelled) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in each.text)
    assert _said(read(wide, each.scale)) == _said(read(each.text, each.scale))
    assert _said(read(each.text.swapcase(), each.scale)) == _said(read(each.text, each.scale))


@given(
    st.sampled_from(CORPUS),
    st.sampled_from(["\u200b", "\u202e", "\x00", "\ufeff", "\u2066", "\x7f"]),
    st.integers(0, 20),
)
def test_what_cannot_be_seen_does_not_count(each: Labelled, hidden: str, at: int) -> None:
    assert _said(read(each.text[:at] + hidden + each.text[at:], each.scale)) == (each.kind, each.score)


_LONG = [
    "啊",
    "5",
    "5分",
    "不是",
    "没",
    "摔",
    "没摔",
    "谢谢",
    "【",
    "打错了",
    "没来",
    "回",
    "满意",
    "５ ",
    "⭐ ",
    "昨天",
    "把碗",
    "a ",
    "(",
    "十",
    "1-",
    ".5",
]


@pytest.mark.parametrize("piece", _LONG)
def test_long_texts_are_read_in_linear_time_and_are_no_score(piece: str) -> None:
    text = (piece * 5000)[:5000]
    began = time.thread_time()
    reading = read(text)
    assert time.thread_time() - began < 2.0  # It takes some 20 ms; quadratic would be minutes.
    assert reading.kind is not ReplyKind.SCORE
    assert read(text * 20).kind is not ReplyKind.SCORE


def test_of_a_scale_of_any_length_the_ends_are_kept() -> None:
    for form, told in (
        ("1-5", {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}), ("5-1", {1: 5, 2: 4, 3: 3, 4: 2, 5: 1}), ("1-3", {1: 1, 2: 3, 3: 5}),
        ("1-10", {1: 1, 2: 1, 4: 2, 5: 3, 6: 3, 8: 4, 9: 5, 10: 5}), ("0-10", {0: 1, 5: 3, 10: 5}),
    ):  # fmt: skip
        scale = Scale.parse(form)
        assert {score: scale.on_five(score) for score in told} == told
        assert str(scale) == form
        with pytest.raises(ValueError, match="not on the scale"):
            scale.on_five(scale.high + 1)

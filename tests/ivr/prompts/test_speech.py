"""What values sound like, written out as text so that a reader can hear it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts import speech
from ivr.prompts.catalogue import TEXTS_FOLDER
from ivr.prompts.numerals import UnspeakableError
from ivr.prompts.source import read_language
from ivr.prompts.template import VALUE_TYPES
from ivr.prompts.vocabulary import Vocabulary

CHINA = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 16)  # a Monday


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return read_language(TEXTS_FOLDER / "zh-CN.yaml").vocabulary


def say(vocabulary: Vocabulary, kind: str, value: object) -> str:
    return "".join(vocabulary.texts[piece] for piece in speech.spoken(kind, value, vocabulary, TODAY))


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("time", time(9, 30), "上午九点半"),
        ("time", time(14, 5), "下午两点零五分"),
        ("time", time(0, 0), "凌晨零点"),
        ("time", time(12, 15), "中午十二点十五分"),
        ("time", time(19, 0), "晚上七点"),
        ("time", time(5, 59), "凌晨五点五十九分"),
        ("time", datetime(2026, 3, 18, 22, 10, tzinfo=CHINA), "晚上十点十分"),
        ("date", date(2026, 3, 16), "今天"),
        ("date", date(2026, 3, 17), "明天"),
        ("date", date(2026, 3, 18), "后天"),
        ("date", date(2026, 3, 15), "昨天"),
        ("date", date(2026, 3, 20), "三月二十号星期五"),
        ("date", date(2026, 12, 2), "十二月二号"),
        ("date", date(2026, 3, 10), "三月十号"),
        ("date", date(2026, 3, 22), "三月二十二号星期日"),
        ("moment", datetime(2026, 3, 17, 8, 30, tzinfo=CHINA), "明天上午八点半"),
        ("money", 0, "零元"),
        ("money", 1250, "十二元五角"),
        ("money", 1205, "十二元零五分"),
        ("money", 1234, "十二元三角四分"),
        ("money", 200, "两元"),
        ("money", 20, "两角"),
        ("money", 2, "两分"),
        ("money", 22, "两角二分"),
        ("money", 20_000, "两百元"),
        ("digits", "1012", "一零一二"),
        ("digits", 207, "二零七"),
        ("phone", "13900001002", "幺三九零零零零幺零零二"),
        ("phone", "+8612349", "八六幺二三四九"),
        ("tail", "13900001012", "幺零幺二"),
        ("tail", "+8693185675678", "五六七八"),
        ("tail", 110, "幺幺零"),
        ("count", 2, "两"),
        ("count", 12, "十二"),
        ("minutes", 2, "两分钟"),
        ("minutes", 45, "四十五分钟"),
        ("person", "王奶奶", "王奶奶"),
        ("person", "张先生", "张先生"),
        ("person", "奶奶", "奶奶"),
        ("person", "章奶奶", "张奶奶"),
        ("word", "meal", "送餐"),
        ("word", "助餐", "送餐"),
        ("state", "done", "已经做完了"),
    ],
)
def test_values_are_said_as_people_say_them(vocabulary: Vocabulary, kind: str, value: object, text: str) -> None:
    assert say(vocabulary, kind, value) == text


def test_a_surname_with_a_reading_of_its_own_is_written_so_that_the_voice_reads_it_right(
    vocabulary: Vocabulary,
) -> None:
    assert say(vocabulary, "person", "曾爷爷") == "增爷爷"


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("person", "欧阳奶奶", "奶奶"),
        ("person", "Smith", "这位朋友"),
        ("person", None, "这位朋友"),
        ("person", "", "这位朋友"),
        ("word", "滑雪", "您要的服务"),
        ("state", "melted", "正在办理"),
        ("count", -1, "几"),
        ("count", True, "几"),
        ("minutes", 10**9, "几分钟"),
        ("money", 12.5, "按实际价格收费"),
        ("money", 10**12, "按实际价格收费"),
        ("time", "9:30", "约好的时间"),
        ("date", 7, "约好的那一天"),
        ("moment", TODAY, "约好的时候"),
        ("digits", "12a", "我们会发短信告诉您"),
        ("digits", "٣²", "我们会发短信告诉您"),
        ("digits", "1" * 21, "我们会发短信告诉您"),
        ("phone", "anonymous", "登记的号码"),
        ("phone", "", "登记的号码"),
        ("tail", "anonymous", "就是登记的那个"),
        ("tail", None, "就是登记的那个"),
        ("tail", "", "就是登记的那个"),
    ],
)
def test_what_has_no_words_is_replaced_by_something_true(
    vocabulary: Vocabulary, kind: str, value: object, text: str
) -> None:
    with pytest.raises(UnspeakableError) as problem:
        speech.spoken(kind, value, vocabulary, TODAY)
    assert "".join(vocabulary.texts[piece] for piece in problem.value.instead) == text


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


@given(st.integers(0, 10**8))
def test_an_amount_spoken_is_the_amount(fen: int) -> None:
    pieces = speech.money(fen)
    units = {"unit.yuan": 100, "unit.jiao": 10, "unit.fen": 1}
    amounts: dict[str, list[str]] = {}
    number: list[str] = []
    for piece in pieces:
        if piece in units:
            amounts[piece] = number
            number = []
        else:
            number.append(piece)
    assert not number, "every number is followed by its unit"
    jiao_and_fen = [_digit(amounts.get(unit, [])) * units[unit] for unit in ("unit.jiao", "unit.fen")]
    assert sum(jiao_and_fen) == fen % 100
    assert ("unit.yuan" in amounts) == (fen >= 100 or fen == 0)


def _digit(pieces: list[str]) -> int:
    said = [2 if piece == "number.liang" else int(piece.removeprefix("number.")) for piece in pieces]
    return said[-1] if said else 0


def test_a_time_with_a_zone_is_taken_as_it_is_given(vocabulary: Vocabulary) -> None:
    """Speech is pure and knows no zone of its own; the catalogue turns times into those of callers."""
    assert say(vocabulary, "time", datetime(2026, 3, 18, 1, 30, tzinfo=UTC)) == "凌晨一点半"

"""A line is a whole line of ours, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.recovery.lines import LINE_MOST, read_line
from tests.routing.calls.recovery.told import BEGAN, line

REAL = (
    '"HANGUP","","1795329268.312425","a-1795329250.3","a-1795329250.3","PJSIP/carrier-00000003","fallback","s","",'
    '"{""hangupcause"":16,""hangupsource"":""PJSIP/carrier-00000003"",""dialstatus"":""ANSWER""}","09319000101"'
)


def test_a_line_of_a_real_node_is_read() -> None:
    event = read_line(REAL)
    assert event is not None
    assert (event.kind, event.at, event.linkedid, event.context, event.number) == (
        "HANGUP", 1795329268.312425, "a-1795329250.3", "fallback", "09319000101",
    )  # fmt: skip
    assert event.first
    assert (event.told("hangupcause"), event.told("hangupsource"), event.told("other")) == (
        "16", "PJSIP/carrier-00000003", "",
    )  # fmt: skip
    assert "09319000101" not in repr(event)


@pytest.mark.parametrize(
    "garbage",
    [
        "", "\x00\x01\x02", "HANGUP,,1795329268.3,a-1.1,a-1.1,x,y,z,,,", REAL[: len(REAL) // 2], REAL[1:],
        REAL + ',"x"',
        REAL.replace("1795329268.312425", "soon"), REAL.replace("1795329268.312425", "nan"),
        REAL.replace("1795329268.312425", "-5"), REAL.replace("a-1795329250.3", "a b"), "x" * (LINE_MOST + 1),
        REAL.replace("1795329268.312425", "1e999"),
    ],
)  # fmt: skip
def test_what_is_no_line_is_none(garbage: str) -> None:
    assert read_line(garbage) is None


def test_extra_words_that_are_no_json_say_nothing() -> None:
    event = read_line(REAL.replace('""hangupcause"":16', '""hangupcause"":'))
    assert event is not None
    assert event.told("hangupcause") == ""


@given(st.text(max_size=200))
def test_a_number_with_anything_in_it_forges_no_line(number: str) -> None:
    """A line break in it ends the line; what follows tells of nothing, and what went before is whole."""
    first, *others = line("CHAN_START", 0, number=number).split("\n")
    event = read_line(first)
    assert event is not None
    assert (event.kind, event.at) == ("CHAN_START", pytest.approx(BEGAN))
    assert [read_line(each) for each in others] == [None] * len(others)


def test_a_number_without_end_hides_no_call() -> None:
    event = read_line(line("CHAN_START", 0, number="9" * 100_000))
    assert event is not None
    assert event.kind == "CHAN_START"


def test_a_whole_line_within_a_number_is_none() -> None:
    number = "1\n" + line("HANGUP", 5) + "\n" + line("CHAN_START", 5)
    _, *others = line("CHAN_START", 0, number=number).split("\n")
    assert [read_line(each) for each in others] == [None, None]

"""No value from outside becomes an expression, whatever it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.asterisk.values import (
    check_channel,
    check_place,
    check_settable,
    check_value,
    checked_variables,
    safe_value,
)

DANGEROUS = set("${}[]()\"'`,;\\|&<>=!*/:@%\r\n\t\0")
nasty = st.text(st.one_of(st.characters(), st.sampled_from(sorted(DANGEROUS))))


@given(nasty, st.integers(0, 200))
def test_a_safe_value_holds_nothing_dangerous_and_keeps_its_bound(text: str, most: int) -> None:
    safe = safe_value(text, most)
    assert not DANGEROUS & set(safe)
    assert len(safe) <= most
    assert safe.isprintable()
    assert safe_value(safe, most) == safe
    check_value("NAME", safe)


@given(st.text(st.sampled_from("abcXYZ019 -_.+张三丰王奶奶éñЖ")))
def test_a_safe_value_loses_nothing_harmless(text: str) -> None:
    assert safe_value(text, 1000) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("王奶奶", "王奶奶"),
        ("+86 139-0000-1234", "+86 139-0000-1234"),
        ("${SHELL(rm -rf /)}", "SHELLrm -rf "),
        ('"王" <110>', "王 110"),
        ("a,b=c\r\nAction: Originate", "abcAction Originate"),
        ("$[1+1]", "1+1"),
        ("👵救命", "救命"),
        ("", ""),
    ],
)
def test_safe_values_by_example(text: str, safe: str) -> None:
    assert safe_value(text) == safe


@given(nasty)
def test_what_passes_the_check_is_no_expression_and_no_second_variable(text: str) -> None:
    try:
        (line,) = checked_variables({"NAME": text})
    except ValueError:
        return
    assert not re.search(r"""[$\[\]{}"'`,;\\\r\n\0]""", line)


@pytest.mark.parametrize("name", ["", "A B", "A=B", "1A", "___A", "A,B", "SHELL(x)", "${A}"])
def test_what_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="variable's name"):
        checked_variables({name: "x"})


def test_inherited_variables_are_variables() -> None:
    assert checked_variables({"__CALL_ID": "c-1", "_A": "PJSIP/1001&PJSIP/1002"}) == [
        "__CALL_ID=c-1",
        "_A=PJSIP/1001&PJSIP/1002",
    ]


@pytest.mark.parametrize("name", ["ROUTER_BEAT", "__CALL_ID", "CHANNEL(language)", "CALLERID(name)"])
def test_what_describes_the_call_may_be_set(name: str) -> None:
    assert check_settable(name) == name


@pytest.mark.parametrize("name", ["SHELL(id)", "DB(a/b)", "CHANNEL(language", "FILE(/etc/passwd)", "CHANNEL(a,b)"])
def test_no_function_that_acts_may_be_set(name: str) -> None:
    with pytest.raises(ValueError, match="not to be set"):
        check_settable(name)


@pytest.mark.parametrize(
    "channel", ["PJSIP/1001", "PJSIP/13900001234@carrier", "PJSIP/1001-0000001a", "Local/7@hold-00000001;1"]
)
def test_channels_are_channels(channel: str) -> None:
    assert check_channel(channel) == channel


@pytest.mark.parametrize(
    "channel", ["", "/^PJSIP.*$/", "PJSIP/", "PJSIP/1,2", "PJSIP/1 2", "PJSIP/${X}", "1001", "A/王"]
)
def test_what_is_no_channel_is_refused(channel: str) -> None:
    with pytest.raises(ValueError, match="not a channel"):
        check_channel(channel)


@pytest.mark.parametrize(
    ("context", "exten", "priority"),
    [("", "s", 1), ("a b", "s", 1), ("hold", "", 1), ("hold", "1,2", 1), ("hold", "${X}", 1), ("hold", "s", 0)],
)
def test_what_is_no_place_in_a_dialplan_is_refused(context: str, exten: str, priority: int) -> None:
    with pytest.raises(ValueError, match="not a"):
        check_place(context, exten, priority)

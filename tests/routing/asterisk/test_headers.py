"""Headers compare without case, keep the first of a repeated name, and never show their values."""

from hypothesis import given
from hypothesis import strategies as st

from routing.asterisk.headers import Headers


def test_names_compare_without_regard_to_case() -> None:
    headers = Headers.from_lines(["ActionID: 7"])
    assert headers["actionid"] == headers["ACTIONID"] == "7"
    assert "ActionId" in headers
    assert 7 not in headers


def test_the_first_of_a_repeated_header_counts_and_all_are_kept() -> None:
    headers = Headers.from_lines(["Channel: PJSIP/1001-1", "Output: a", "Output: b", "channel: PJSIP/999-9"])
    assert headers["Channel"] == "PJSIP/1001-1"
    assert headers.all("output") == ("a", "b")
    assert headers.all("none") == ()


def test_a_value_keeps_its_colons_and_its_inner_spaces() -> None:
    assert Headers.from_lines(["URI:  sip:1001@127.0.0.1:5060"])["URI"] == " sip:1001@127.0.0.1:5060"


def test_an_empty_value_and_a_missing_one_read_as_empty() -> None:
    headers = Headers.from_lines(["AccountCode: ", "Exten:", "no header at all"])
    assert headers.text("AccountCode") == headers.text("Exten") == headers.text("Nothing") == ""
    assert len(headers) == 2


def test_a_number_that_is_none_reads_as_nought() -> None:
    headers = Headers.from_lines(["Cause: 16", "Position: first", "Empty: "])
    assert [headers.number(name) for name in ("Cause", "Position", "Empty", "Missing")] == [16, 0, 0, 0]


def test_values_are_not_shown_where_a_log_might_catch_them() -> None:
    assert "13900001234" not in repr(Headers.from_lines(["CallerIDNum: 13900001234"]))


@given(st.lists(st.text()))
def test_no_line_breaks_the_reading(lines: list[str]) -> None:
    headers = Headers.from_lines(lines)
    assert dict(headers) == {name: headers[name] for name in headers}

"""Phone numbers: every form in which a carrier or a file gives them, and none that stops a call."""

from __future__ import annotations

import logging
import string

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.demo import DEMO
from db.demo_people import ELDERS, fixed_line, mobile
from db.demo_services import COMPANIES, WORKERS
from routing.numbers import MAX_RAW, NumberKind, PhoneNumber, as_dialled, masked, normalise

FIXED, MOBILE = "+869319000101", "+8613900001111"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("09319000101", FIXED), ("9319000101", FIXED), ("9000101", FIXED), ("+869319000101", FIXED),
        ("00869319000101", FIXED), ("869319000101", FIXED), ("+8609319000101", FIXED), ("0931-900 0101", FIXED),
        ("(0931) 9000101", FIXED), ("０９３１９０００１０１", FIXED),
        (" 09319000101 ", FIXED), ("tel:09319000101", FIXED),
        ("sip:09319000101@192.0.2.7", FIXED), ("0086-931-9000101", FIXED),
        ("13900001111", MOBILE), ("013900001111", MOBILE), ("+8613900001111", MOBILE), ("008613900001111", MOBILE),
        ("8613900001111", MOBILE), ("+86 139-0000-1111", MOBILE), ("+86013900001111", MOBILE),
        ("01065551234", "+861065551234"), ("1065551234", "+861065551234"), ("4008001234", "+864008001234"),
        ("19412345678", "+8619412345678"),  # A range that the library does not know (yet).
    ],
)  # fmt: skip
def test_every_way_to_write_a_chinese_number_is_one_number(raw: str, expected: str) -> None:
    assert normalise(raw) == PhoneNumber(NumberKind.NUMBER, expected)


def test_a_local_number_belongs_to_the_area_that_is_set() -> None:
    assert normalise("65551234", area_code="010") == PhoneNumber(NumberKind.NUMBER, "+861065551234")
    assert normalise("65551234", area_code="0931").kind is NumberKind.MALFORMED  # Lanzhou has seven digits.


@pytest.mark.parametrize("raw", [None, "", "  ", "anonymous", "Anonymous", "unknown", "<unknown>", "RESTRICTED",
                                 "withheld", "Private", "unavailable", "0", "000", "+0", "匿名"])  # fmt: skip
def test_a_caller_may_withhold_the_number(raw: str | None) -> None:
    assert normalise(raw) == PhoneNumber(NumberKind.WITHHELD)


@pytest.mark.parametrize(("raw", "digits"), [("110", "110"), ("10086", "10086"), ("12349", "12349"), ("95588", "95588"),
                                             ("+8610086", "10086"), ("1001", "1001"),
                                             ("95123456", "95123456")])  # fmt: skip
def test_short_service_numbers_stay_as_they_are(raw: str, digits: str) -> None:
    assert normalise(raw) == PhoneNumber(NumberKind.SHORT, digits)
    assert as_dialled(digits) == digits
    assert normalise(digits) == PhoneNumber(NumberKind.SHORT, digits)


@pytest.mark.parametrize(("raw", "number"), [("+14155552671", "+14155552671"), ("0014155552671", "+14155552671"),
                                             ("+85223456789", "+85223456789"), ("85223456789", "+85223456789"),
                                             ("00442079460958", "+442079460958")])  # fmt: skip
def test_foreign_numbers_keep_their_country(raw: str, number: str) -> None:
    assert normalise(raw) == PhoneNumber(NumberKind.FOREIGN, number)
    assert as_dialled(number) == "00" + number[1:]


@pytest.mark.parametrize(
    "raw",
    ["1", "12", "+", "++86", "+86", "+999123456", "0931", "09311", "1390000111", "139000011112", "1" * 200,
     "9" * MAX_RAW, "13900001111; DROP TABLE elders", "13900001111@x",
     "' OR 1=1 --", "1; DROP TABLE elders", "${SHELL(reboot)}", "13900001111,1", "13900001111\r\nAction: Originate",
     "王桂兰", "٠٩٣١٩٠٠٠١٠١x", "13900001111x", "\x00", "😀"],
)  # fmt: skip
def test_what_is_no_number_is_malformed(raw: str) -> None:
    assert normalise(raw) == PhoneNumber(NumberKind.MALFORMED)


@given(st.one_of(st.none(), st.text(), st.text(alphabet=string.digits + "+-. ()@;:*#", max_size=40)))
@example("+86" + "0" * 30)
@example("tel:;@")
def test_it_never_raises_and_gives_only_digits(raw: str | None) -> None:
    found = normalise(raw)
    if found.kind in (NumberKind.WITHHELD, NumberKind.MALFORMED):
        assert found.number is None
    else:
        assert found.number is not None
        digits = found.number.removeprefix("+")
        assert digits.isascii()
        assert digits.isdigit()
        assert 3 <= len(digits) <= 15
        assert found.number.startswith("+") == (found.kind is not NumberKind.SHORT)


@given(st.from_regex(r"\A0?1[3-9][0-9]{9}\Z|\A0(931|10|21|29)[2-8][0-9]{6,7}\Z|\A00[1-9][0-9]{6,12}\Z"))
def test_what_is_dialled_comes_back_as_the_same_number(raw: str) -> None:
    found = normalise(raw)
    if found.number is not None:
        assert normalise(as_dialled(found.number)) == found
        assert normalise(found.number) == found


@given(st.text())
def test_masking_never_raises_and_never_shows_more_than_four_digits(raw: str) -> None:
    shown = masked(raw)
    assert len(shown) <= 8
    if len(raw) > 6:
        assert raw not in shown


def test_logs_see_four_digits_at_most(caplog: pytest.LogCaptureFixture) -> None:
    assert masked(FIXED) == "***0101"
    assert masked(None) == "withheld"
    assert masked("${EXTEN}1234567") == "***"
    assert masked("12349") == "12349"
    with caplog.at_level(logging.INFO):
        logging.getLogger().info("%s", normalise(FIXED))
    assert "0101" not in caplog.text


def test_pages_show_what_locals_dial() -> None:
    assert as_dialled(FIXED) == "09319000101"
    assert as_dialled(MOBILE) == "13900001111"
    assert as_dialled("+861065551234") == "01065551234"
    assert as_dialled("+864008001234") == "4008001234"
    assert as_dialled("+442079460958", country="GB") == "02079460958"


def test_the_numbers_of_the_demo_pass_for_real_ones() -> None:
    given_out = [number for elder in ELDERS for number, _ in elder.phones]
    given_out += [number for elder in ELDERS for _, _, number in elder.contacts]
    given_out += [each.number for each in (*COMPANIES, *WORKERS)] + [DEMO.stranger, fixed_line(0), mobile(999)]
    for number in given_out:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        assert normalise(as_dialled(number)) == PhoneNumber(NumberKind.NUMBER, number)

"""Alphabets and parts, against the numbers of 3GPP TS 23.038 and 23.040."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.sms.encoding import PLACES, Alphabet, alphabet_of, read, write
from routing.outreach.sms.smpp.deliveries import MISSING, joined_text, text_of

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("a" * 459, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("a" * 152 + "€" * 5, 2), ("[" * 76 + "a" + "]" * 77, 3),
        ("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3),
        ("😀" * 35, 1), ("😀" * 36, 2), ("字" * 66 + "😀" * 3, 2), ("😀" * 66, 2), ("😀" * 67, 3),
    ],
)  # fmt: skip
def test_parts_are_those_of_the_standard(text: str, parts: int) -> None:
    """160 and 153 septets, 70 and 67 units; an escaped sign takes two, and neither it nor an emoji is parted: so
    "😀" * 66 fits into two parts of 33, for 67 is odd."""
    assert len(write(text).parts) == parts


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("@£$¥", b"\x00\x01\x02\x03"), ("Hello", b"Hello"), ("_§¡", b"\x11\x5f\x40"), ("ÄÖÑÜ", b"\x5b\x5c\x5d\x5e"),
        ("€", b"\x1be"), ("^{}\\[~]|", b"\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x40"),
    ],
)  # fmt: skip
def test_gsm_7_bit_has_the_codes_of_the_standard(text: str, data: bytes) -> None:
    assert write(text).parts == (data,)
    assert read(data, Alphabet.GSM7) == text


@pytest.mark.parametrize("text", ["`", "ç", "字", "😀", "\t"])
def test_what_gsm_7_bit_has_not_goes_as_ucs_2(text: str) -> None:
    assert alphabet_of(text) is Alphabet.UCS2


@given(TEXTS, st.sampled_from(Alphabet))
def test_what_is_written_is_read_and_no_part_is_too_long(text: str, plain: Alphabet) -> None:
    written = write(text, plain)
    assert read(b"".join(written.parts), written.alphabet) == text
    unit = 2 if written.alphabet is Alphabet.UCS2 else 1
    most = PLACES[written.alphabet][len(written.parts) > 1]
    assert all(len(part) <= most * unit for part in written.parts)
    assert all(read(part, written.alphabet) in text for part in written.parts)  # Each part is whole signs.
    coding = {Alphabet.GSM7: 0, Alphabet.LATIN1: 3, Alphabet.UCS2: 8}[written.alphabet]
    numbered = dict(enumerate(written.parts, 1))
    expected = text.replace("\0", "").removeprefix("\ufeff") if coding else text
    assert joined_text(numbered, len(written.parts), coding).removeprefix("\ufeff") == expected.replace("\0", "")


@given(st.binary(max_size=200), st.integers(0, 255))
def test_whatever_bytes_come_they_are_read(data: bytes, coding: int) -> None:
    assert "\0" not in text_of(data, coding)


@pytest.mark.parametrize(
    ("coding", "data", "text"),
    [
        (0x00, b"\x00\x1be", "@€"), (0x01, b"caf\xe9", "café"), (0x03, b"caf\xe9", "café"),
        (0x08, "五分".encode("utf-16-be"), "五分"), (0x0F, "五分".encode("gbk"), "五分"), (0x18, b"\x00a", "a"),
        (0xF0, b"\x00", "@"), (0xF1, b"\x00", "@"), (0xF5, b"caf\xe9", "café"), (0xE0, b"\x00a", "a"),
        (0xC0, b"\x00", "@"),
        (0x08, b"\xfe\xff\x00a", "a"), (0x08, b"\x00a\x00", "a�"),
    ],
)  # fmt: skip
def test_each_data_coding_is_read_as_it_is_meant(coding: int, data: bytes, text: str) -> None:
    assert text_of(data, coding) == text


def test_the_default_alphabet_is_what_the_carrier_says_it_is() -> None:
    assert text_of(b"caf\xe9", 0, Alphabet.LATIN1) == "café"


def test_missing_parts_are_marked_once_a_gap() -> None:
    assert joined_text({2: b"b", 5: b"e"}, 6, 0) == f"{MISSING}b{MISSING}e{MISSING}"

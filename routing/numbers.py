"""Phone numbers: what a carrier or a file gives, brought to one form (E.164), and back to what people dial and read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

import phonenumbers

MAX_RAW = 64
"""Characters. E.164 has 15 digits; whoever sends more than this with separators sends no number."""

_WITHHELD = frozenset({
    "", "anonymous", "unknown", "restricted", "withheld", "private", "unavailable", "unassigned", "blocked", "hidden",
    "id unavailable", "no number", "none", "null", "n/a", "asterisk", "invalid", "匿名", "未知", "保密", "无",
})  # fmt: skip
_SEPARATORS = re.compile(r"[\s.\-‐‑‒–—―()\[\]]+")
_URI = re.compile(r"(?:sips?|tel):([^@;]*)[@;]?.*")
_DIGITS = re.compile(r"\+?[0-9]+")
_MOBILE_CN = re.compile(r"1[3-9][0-9]{9}")
_DEAR = frozenset({
    phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER, phonenumbers.PhoneNumberType.PAGER,
})  # fmt: skip
_SHORT = range(3, 7)  # 110, 10086, 12349, 955xx and the like: three to six digits.


class NumberKind(StrEnum):
    """What sort of caller ID it is."""

    NUMBER = "number"
    SHORT = "short"
    FOREIGN = "foreign"
    WITHHELD = "withheld"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class PhoneNumber:
    """A normalised number. `number` is E.164; of a short service number its digits; None if withheld or malformed.

    It does not show in logs: the representation leaves it out.
    """

    kind: NumberKind
    number: str | None = field(default=None, repr=False)


def normalise(raw: str | None, country: str = "CN", area_code: str = "0931") -> PhoneNumber:
    """Bring a number to one form. Never raises, whatever it is given.

    A Chinese exchange gives a caller's number in many ways: with the area code (0931...), without its zero (931...),
    bare and local, with 86, +86 or 0086 before it, and mobiles of other provinces with a zero (013900001111).
    Plain numbers belong to `country` (ISO 3166) and, if they have no area code, to `area_code`.
    """
    text = unicodedata.normalize("NFKC", raw or "").strip()[: MAX_RAW + 1]
    if text.strip("<>\"' ").lower() in _WITHHELD:
        return PhoneNumber(NumberKind.WITHHELD)
    if len(text) > MAX_RAW:
        return PhoneNumber(NumberKind.MALFORMED)
    uri = _URI.fullmatch(text)
    digits = _SEPARATORS.sub("", uri[1] if uri else text)
    if not _DIGITS.fullmatch(digits):
        return PhoneNumber(NumberKind.MALFORMED)
    if not digits.strip("+0"):
        return PhoneNumber(NumberKind.WITHHELD)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+"):
        return _international(digits, country)
    return _national(digits, country, area_code)


def as_dialled(number: str, country: str = "CN") -> str:
    """Give the digits that a phone in `country` dials, as pages show them and the carrier takes them."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number[1:]
    if parsed.country_code != phonenumbers.country_code_for_region(country):
        return "00" + number[1:]
    return re.sub("[^0-9]", "", phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


def dialable(raw: str | None, country: str = "CN", area_code: str = "0931") -> str | None:
    """Give the E.164 number that we may call when a caller names it; None for what is none.

    Fixed lines and mobiles of the own country only: callers must not make us dial premium rates or abroad.
    """
    found = normalise(raw, country, area_code)
    if found.kind is not NumberKind.NUMBER or found.number is None:
        return None
    parsed = phonenumbers.parse(found.number)
    usual = phonenumbers.number_type(parsed) not in _DEAR
    return found.number if usual and parsed.country_code == phonenumbers.country_code_for_region(country) else None


def why_not(number: str, country: str = "CN") -> str:
    """Say why we send and dial nothing to a number that stands in a file of ours; nothing if there is no reason.

    `number` is as `normalise` gives it. New ranges of the own country pass, whatever the library thinks of them.
    """
    if not number.startswith("+"):
        return "a short number, which is no telephone"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "no telephone number"
    if parsed.country_code != phonenumbers.country_code_for_region(country):
        return "a foreign number"
    return "a number of premium or shared rates" if phonenumbers.number_type(parsed) in _DEAR else ""


def masked(number: str | None) -> str:
    """Give the form for logs: ***1234. Short service numbers belong to nobody and stay as they are."""
    if not number:
        return "withheld"
    if not _DIGITS.fullmatch(number):
        return "***"
    return number if len(number) in _SHORT else f"***{number[-4:]}"


def _international(digits: str, country: str) -> PhoneNumber:
    home = str(phonenumbers.country_code_for_region(country))
    if digits[1:].startswith(home):
        rest = digits[1 + len(home) :]
        found = _valid(digits, None) or _mobile(rest.removeprefix("0"), country)
        if found:
            return PhoneNumber(NumberKind.NUMBER, found)
        return _short(rest)
    found = _valid(digits, None)
    return PhoneNumber(NumberKind.FOREIGN, found) if found else PhoneNumber(NumberKind.MALFORMED)


def _national(digits: str, country: str, area_code: str) -> PhoneNumber:
    if len(digits) in _SHORT:
        return _short(digits)
    home = str(phonenumbers.country_code_for_region(country))
    local = (
        None if digits.startswith("0") or len(digits) > 8 else _valid(f"+{home}{area_code.lstrip('0')}{digits}", None)
    )
    found = (
        _mobile(digits.removeprefix("0"), country)
        or local
        or _valid(digits, country)
        or (_valid(f"+{digits}", None) if digits.startswith(home) else None)
    )
    if found:
        return PhoneNumber(NumberKind.NUMBER, found)
    if digits.startswith(("95", "96")) and 7 <= len(digits) <= 8:
        return PhoneNumber(NumberKind.SHORT, digits)  # Banks and couriers: 95 or 96 and up to six digits more.
    # Some carriers give foreign numbers without their 00.
    foreign = None if digits.startswith("0") else _valid(f"+{digits}", None)
    return PhoneNumber(NumberKind.FOREIGN, foreign) if foreign else PhoneNumber(NumberKind.MALFORMED)


def _short(digits: str) -> PhoneNumber:
    if len(digits) in _SHORT and not digits.startswith("0"):
        return PhoneNumber(NumberKind.SHORT, digits)
    return PhoneNumber(NumberKind.MALFORMED)


def _valid(text: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _mobile(digits: str, country: str) -> str | None:
    """Accept any Chinese mobile number by its shape: new ranges are given out faster than the library learns them."""
    return f"+86{digits}" if country == "CN" and _MOBILE_CN.fullmatch(digits) else None

"""An elder's record as a person enters it: checked field by field, with the reasons that the import of files gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from db.elders_import import values
from db.elders_import.report import RowFault
from db.elders_import.values import Unfit
from routing.errors import Invalid
from routing.numbers import NumberKind, normalise

TEXTS: Final[Mapping[str, int]] = {
    "name": 60, "form_of_address": 10, "address": 300, "landmarks": 300, "way_in": 300, "district": 60,
    "health_notes": 2000, "dialect": 20,
}  # fmt: skip
"""Fields of plain text, and how many characters they take."""
TICKS: Final = ("lives_alone", "straight_to_person")
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sex": ("unknown", "female", "male"), "hearing": ("normal", "weak", "deaf"), "caller_class": ("elder", "frail"),
    "language": ("zh-CN", "en"),
}  # fmt: skip
FIELDS: Final = (
    "name", "sex", "form_of_address", "birth_date", "identity_number", "address", "landmarks", "way_in", "district",
    "latitude", "longitude", "health_notes", "hearing", "dialect", "payer_class", "caller_class", "lives_alone",
    "straight_to_person", "rest", "language",
)  # fmt: skip
EMPTY_IS_NOTHING: Final = frozenset(
    {"birth_date", "identity_number", "address", "landmarks", "way_in", "latitude", "longitude", "health_notes"}
)
"""Fields that hold null where nothing was entered; the others hold an empty text."""
KINDS: Final = ("home", "mobile", "one_key")
MOST_PHONES: Final = 8
MOST_CONTACTS: Final = 8
_PLACE, _PERSON = 300, 60

Normalise = Callable[[str], str | None]
"""Brings a number to E.164; None: it is none that an elder can have."""


@dataclass(frozen=True)
class Phone:
    """A number of an elder: E.164, what it is, and where, if that is not the address."""

    number: str = field(repr=False)
    kind: str
    place: str = field(default="", repr=False)


@dataclass(frozen=True)
class Person:
    """A contact, in order of priority."""

    name: str = field(repr=False)
    relation: str
    number: str = field(repr=False)
    has_key: bool = False


@dataclass(frozen=True)
class ElderEntry:
    """A whole record, but for what becomes of it: every field of `FIELDS`, the telephones and the contacts."""

    values: Mapping[str, Any] = field(repr=False)
    phones: tuple[Phone, ...] = field(default=(), repr=False)
    contacts: tuple[Person, ...] = field(default=(), repr=False)

    def part(self, name: str) -> Any:
        """Give a field, or ``phones`` or ``contacts``."""
        return getattr(self, name) if name in PARTS else self.values[name]


PARTS: Final = ("phones", "contacts")


class BadEntry(Invalid):
    """Fields that cannot be taken. `faults` has the reason for each, by the name of the field."""

    code = "elder_entry"

    def __init__(self, faults: Mapping[str, RowFault]) -> None:
        super().__init__("; ".join(f"{name}: {fault.reason('en')}" for name, fault in faults.items()))
        self.faults = dict(faults)


def read_entry(form: Mapping[str, Any], *, today: date, classes: Iterable[str], normalise: Normalise) -> ElderEntry:
    """Read a record of texts: fields by name, ``phones`` and ``contacts`` as lists of mappings. `classes` are those
    of payers that an elder may be of.

    Raises BadEntry with all that is wrong at once. Birth date and sex come from the identity number if they are empty.
    """
    reading = _Reading(today, tuple(classes), normalise)
    entry = reading.entry(form)
    if reading.faults:
        raise BadEntry(reading.faults)
    return entry


class _Reading:
    def __init__(self, today: date, classes: tuple[str, ...], normalise: Normalise) -> None:
        self.faults: dict[str, RowFault] = {}
        self._today = today
        self._classes = classes
        self._normalise = normalise

    def entry(self, form: Mapping[str, Any]) -> ElderEntry:
        read: dict[str, Any] = {}
        for name in FIELDS:
            try:
                read[name] = self._field(name, str(form.get(name) or ""))
            except Unfit as unfit:
                self._note(name, unfit)
        number = read.get("identity_number")
        if number:
            read["birth_date"] = read.get("birth_date") or values.born(number)
            if read.get("sex") == "unknown":
                read["sex"] = values.sex_of(number)
        if (read.get("latitude") is None) != (read.get("longitude") is None):
            self._note("latitude", Unfit("coordinate"))
        phones, contacts = self._phones(form.get("phones") or ()), self._contacts(form.get("contacts") or ())
        if not phones and not contacts and not self.faults:
            self._note("phones", Unfit("no_phone"))
        return ElderEntry(read, phones, contacts)

    def _field(self, name: str, text: str) -> Any:
        plain = text.strip()
        if name in TICKS:
            return bool(plain)
        if not plain:
            return self._nothing(name)
        ways: dict[str, Callable[[], Any]] = {
            **{each: partial(values.line, plain, limit) for each, limit in TEXTS.items()},
            **{each: partial(_one_of, plain, words) for each, words in WORDS.items()},
            "payer_class": partial(_one_of, plain, self._classes),
            "latitude": partial(values.degrees, plain, 90),
            "longitude": partial(values.degrees, plain, 180),
            "birth_date": partial(values.day, plain, self._today),
            "identity_number": partial(values.identity, plain, self._today),
            "rest": partial(values.rest, plain),
        }
        return ways[name]()

    @staticmethod
    def _nothing(name: str) -> Any:
        if name in ("name", "payer_class"):
            raise Unfit("empty")
        return WORDS[name][0] if name in WORDS else None if name in EMPTY_IS_NOTHING else ""

    def _phones(self, rows: Iterable[Mapping[str, Any]]) -> tuple[Phone, ...]:
        found: dict[str, Phone] = {}
        for at, row in enumerate(rows):
            raw = str(row.get("number") or "").strip()
            if not raw:
                continue
            try:
                number, place = self._number(raw), values.line(str(row.get("place") or ""), _PLACE)
                found.setdefault(number, Phone(number, _one_of(str(row.get("kind") or KINDS[0]), KINDS), place))
                self._bounded(found, MOST_PHONES)
            except Unfit as unfit:
                self._note(f"phone-{at}", unfit)
        return tuple(sorted(found.values(), key=lambda each: each.number))

    def _contacts(self, rows: Iterable[Mapping[str, Any]]) -> tuple[Person, ...]:
        found: list[Person] = []
        for at, row in enumerate(rows):
            parts = {each: " ".join(str(row.get(each) or "").split()) for each in ("name", "relation", "number")}
            if not any(parts.values()):
                continue
            try:
                name, relation = values.line(parts["name"], _PERSON), values.line(parts["relation"], _PERSON)
                if not name or not parts["number"]:
                    raise Unfit("contact")  # noqa: TRY301  # All reasons go one way.
                found.append(Person(name, relation, self._number(parts["number"]), bool(row.get("has_key"))))
                self._bounded(found, MOST_CONTACTS)
            except Unfit as unfit:
                self._note(f"contact-{at}", unfit)
        return tuple(found)

    def _number(self, raw: str) -> str:
        number = self._normalise(raw)
        if number is None:
            raise Unfit("phone")
        return number

    @staticmethod
    def _bounded(found: Any, most: int) -> None:
        if len(found) > most:
            raise Unfit("many", limit=most)

    def _note(self, name: str, unfit: Unfit) -> None:
        self.faults[name] = RowFault(0, name, "", unfit.why, unfit.values)


def elders_number(country: str, area_code: str) -> Callable[[str], str | None]:
    """Give what brings an elder's number to E.164: short service numbers are nobody's."""

    def number(raw: str) -> str | None:
        found = normalise(raw, country, area_code)
        return found.number if found.kind in (NumberKind.NUMBER, NumberKind.FOREIGN) else None

    return number


def check_code(text: str) -> str:
    """Check a registration number as the import does. Raises BadEntry."""
    try:
        return values.code(text)
    except Unfit as unfit:
        raise BadEntry({"code": RowFault(0, "code", "", unfit.why, unfit.values)}) from None


def _one_of(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise Unfit("choice", choices="、".join(words))
    return word

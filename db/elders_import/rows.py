"""One row of the file to one elder, or to the reasons why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from db.elders_import import values
from db.elders_import.columns import Column, Header
from db.elders_import.files import SPOILT
from db.elders_import.report import RowFault
from db.elders_import.values import Unfit

Normalise = Callable[[str], str | None]
"""Brings a phone number to E.164; None: it is none that an elder can have. (routing.numbers, which db may not know.)"""

_LIMITS = {"name": 60, "form_of_address": 10, "address": 300, "landmarks": 300, "way_in": 300,
           "one_key_place": 300, "district": 60, "health_notes": 2000,
           "dialect": 20}  # fmt: skip
_BETWEEN_PHONES = re.compile(r"[/;；、,，|\n]+")
_MOBILE = re.compile(r"\+861[3-9]\d{9}")


@dataclass
class ElderRow:
    """An elder as the file tells it: only what was in the row is in `told`, under the names of the table's columns."""

    row: int
    code: str
    told: dict[str, Any] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    """Kind by E.164 number."""
    contacts: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, relation and E.164 number, in order of priority."""
    one_key_place: str = ""
    """Where the one-key phones are, if the file tells."""


class RowReader:
    """Reads rows under one header."""

    def __init__(
        self, header: Header, normalise: Normalise, today: date, payer_classes: Mapping[str, str] | None = None
    ) -> None:
        """`payer_classes` are those that elders may be of, code by code or name; None: those of `values` alone."""
        self._columns = header.columns
        self._normalise = normalise
        self._today = today
        self._payer_classes = payer_classes

    def read(self, number: int, cells: Sequence[str]) -> tuple[ElderRow | None, list[RowFault]]:
        """Give the elder, or None and every reason why not; an elder may come with contacts that were left out."""
        code_column = next(column for column in self._columns if column.field == "code")
        try:
            elder = ElderRow(number, self._code(_cell(cells, code_column)))
        except Unfit as unfit:
            return None, [RowFault(number, code_column.header, "", unfit.why, unfit.values)]
        faults = []
        for column in self._columns:
            text = _cell(cells, column)
            if not text.strip():
                if column.field == "name":
                    faults.append(RowFault(number, column.header, elder.code, "empty"))
                continue
            try:
                if text == SPOILT:
                    raise Unfit("spoilt")  # noqa: TRY301  # All reasons go one way.
                self._take(elder, column.field, text)
            except Unfit as unfit:
                faults.append(RowFault(number, column.header, elder.code, unfit.why, unfit.values))
        left_out = self._contacts(elder, cells)
        if not faults and not elder.phones and not elder.contacts:
            faults.append(RowFault(number, "", elder.code, "no_phone"))
        _fill_in(elder)
        return (None, faults) if faults else (elder, left_out)

    def _code(self, text: str) -> str:
        if text == SPOILT:
            raise Unfit("spoilt")
        return values.code(text)

    def _take(self, elder: ElderRow, name: str, text: str) -> None:
        if name in ("phone", "one_key_phone"):
            for number in self._numbers(text):
                elder.phones[number] = _kind(name, number)
        elif name == "birth_date":
            elder.told[name] = values.day(text, self._today)
        elif name == "identity_number":
            elder.told[name] = values.identity(text, self._today)
        elif name == "payer_class" and self._payer_classes is not None:
            elder.told[name] = values.payer_class(text, self._payer_classes)
        elif name in values.CHOICES:
            elder.told[name] = values.choice(name, text)
        elif name in ("lives_alone", "straight_to_person"):
            elder.told[name] = values.yes_or_no(text)
        elif name == "frail":
            elder.told["caller_class"] = "frail" if values.yes_or_no(text) else "elder"
        elif name in ("latitude", "longitude"):
            elder.told[name] = values.degrees(text, 90 if name == "latitude" else 180)
        elif name == "rest":
            elder.told[name] = values.rest(text)
        elif name == "one_key_place":
            elder.one_key_place = values.line(text, _LIMITS[name])
        elif name in _LIMITS:
            elder.told[name] = values.line(text, _LIMITS[name])

    def _numbers(self, text: str) -> list[str]:
        numbers = []
        for part in filter(None, map(str.strip, _BETWEEN_PHONES.split(text))):
            number = self._normalise(part)
            if number is None:
                raise Unfit("phone")
            numbers.append(number)
        return numbers

    def _contacts(self, elder: ElderRow, cells: Sequence[str]) -> list[RowFault]:
        """Add the contacts that are whole; give a fault for each that is not."""
        said: dict[int, dict[str, tuple[Column, str]]] = {}
        for column in self._columns:
            if column.field.startswith("contact_") and (text := " ".join(_cell(cells, column).split())):
                said.setdefault(column.turn, {})[column.field] = (column, text)
        left_out = []
        for parts in said.values():
            name = parts.get("contact_name", (None, ""))[1]
            relation = parts.get("contact_relation", (None, ""))[1]
            column, phone = parts.get("contact_phone", next(iter(parts.values())))
            try:
                numbers = self._numbers(phone) if "contact_phone" in parts else []
            except Unfit:
                numbers = []
            if not numbers or not 0 < len(name) <= 60 or len(relation) > 60:
                left_out.append(RowFault(elder.row, column.header, elder.code, "contact", taken=True))
            elder.contacts += [(name, relation, number) for number in numbers if 0 < len(name) <= 60 >= len(relation)]
        return left_out


def _cell(cells: Sequence[str], column: Column) -> str:
    return cells[column.at] if column.at < len(cells) else ""


def _kind(column: str, number: str) -> str:
    if column == "one_key_phone":
        return "one_key"
    return "mobile" if _MOBILE.fullmatch(number) else "home"


def _fill_in(elder: ElderRow) -> None:
    """Take birth date and sex from the identity number when the row does not tell them."""
    number = elder.told.get("identity_number")
    if number:
        elder.told.setdefault("birth_date", values.born(number))
        elder.told.setdefault("sex", values.sex_of(number))

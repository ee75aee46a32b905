"""The form of an elder's record: what was entered as texts, and a record as the form shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routing.elders.entry import FIELDS, MOST_CONTACTS, MOST_PHONES, TICKS, ElderEntry

Texts = dict[str, Any]
"""Fields by name, ``phones`` and ``contacts`` as lists of mappings: as `read_entry` takes them."""

_SPARE: Final = 2
"""Empty rows below the telephones and the contacts."""
_PHONE, _CONTACT = ("number", "kind", "place"), ("name", "relation", "number", "has_key")


def entered(form: Mapping[str, str]) -> Texts:
    """Give what was entered, as it was."""
    return {
        **{name: form.get(name, "") for name in FIELDS},
        "code": form.get("code", ""),
        "phones": _rows(form, "phone", _PHONE, MOST_PHONES + _SPARE),
        "contacts": _rows(form, "contact", _CONTACT, MOST_CONTACTS + _SPARE),
    }


def written(entry: ElderEntry, code: str = "") -> Texts:
    """Write a record into the form."""
    return {
        **{name: write(name, entry.values[name]) for name in FIELDS},
        "code": code,
        "phones": [{"number": each.number, "kind": each.kind, "place": each.place} for each in entry.phones],
        "contacts": [
            {"name": each.name, "relation": each.relation, "number": each.number,
             "has_key": "1" if each.has_key else ""}
            for each in entry.contacts
        ],
    }  # fmt: skip


def with_room(texts: Texts) -> Texts:
    """Leave out empty rows, and add some to write into; a row that was wrong stays where it was."""
    empty_phone, empty_contact = dict.fromkeys(_PHONE, ""), dict.fromkeys(_CONTACT, "")
    return {
        **texts,
        "phones": [*_filled(texts["phones"], "number"), *[empty_phone] * _SPARE],
        "contacts": [*_filled(texts["contacts"], "name", "number"), *[empty_contact] * _SPARE],
    }


def write(name: str, value: Any) -> str:
    """Write a value as the form has it."""
    if name in TICKS:
        return "1" if value else ""
    return "" if value is None else str(value)


def _rows(form: Mapping[str, str], name: str, parts: tuple[str, ...], most: int) -> list[dict[str, str]]:
    return [{part: form.get(f"{name}-{part}-{at}", "") for part in parts} for at in range(most)]


def _filled(rows: list[dict[str, str]], *parts: str) -> list[dict[str, str]]:
    last = max((at for at, row in enumerate(rows) if any(row[part] for part in parts)), default=-1)
    return rows[: last + 1]

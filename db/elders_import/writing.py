"""A batch of elders into the database: new ones in, changed ones brought up to date, all others left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.elders_import.rows import ElderRow
from db.encryption import FieldCipher
from db.models import Contact, Elder, ElderPhone
from db.search_keys import refresh

_COMPARED = ("name", "sex", "form_of_address", "birth_date", "identity_number", "address", "landmarks", "way_in",
             "district", "latitude", "longitude", "health_notes", "hearing", "dialect", "payer_class", "caller_class",
             "lives_alone", "straight_to_person", "rest", "language", "state")  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "sex": "unknown", "form_of_address": "", "birth_date": None, "identity_number": None, "identity_index": None,
    "address": None, "landmarks": None, "way_in": None, "district": "", "latitude": None, "longitude": None,
    "health_notes": None, "hearing": "normal", "dialect": "", "payer_class": "self_paid", "caller_class": "elder",
    "lives_alone": False, "straight_to_person": False, "rest": "", "language": "zh-CN", "state": "active",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """How many elders of a batch were new, changed and already so."""

    added: int
    changed: int
    unchanged: int


def write_batch(session: Session, cipher: FieldCipher, batch: Sequence[ElderRow]) -> Written:
    """Write a batch in which no code comes twice.

    What a row does not tell stays as it is. The phones of a row take the place of all home and mobile phones before;
    one-key phones only give way to one-key phones; contacts, if the row has any, take the place of those before.
    """
    now = datetime.now(UTC)
    known = _known(session, [each.code for each in batch])
    new, ids = [each for each in batch if each.code not in known], {}
    if new:
        session.execute(insert(Elder), [_values(cipher, each, now) for each in new])
        found = session.execute(select(Elder.code, Elder.id).where(Elder.code.in_([each.code for each in new])))
        ids = {row.code: row.id for row in found}
        _add_phones(
            session, cipher, [(ids[each.code], number, kind) for each in new for number, kind in each.phones.items()]
        )
        _add_contacts(session, cipher, [(ids[each.code], each.contacts) for each in new])
        for each in new:
            _change_place(session, ids[each.code], each.one_key_place)
    both = [(known[each.code], each) for each in batch if each.code in known]
    # Of a record that was merged into another, the other one is the truth: the old code brings nothing back to life.
    old = [(before, each) for before, each in both if before["state"] != "merged"]
    changed = _update(session, cipher, old, now)
    refresh(session, (*(ids[each.code] for each in new), *changed))
    return Written(len(new), len(changed), len(both) - len(changed))


def _known(session: Session, codes: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = [Elder.id, Elder.code, *(getattr(Elder, name) for name in _COMPARED)]
    rows = session.execute(select(*columns).where(Elder.code.in_(codes))).mappings()
    return {row["code"]: dict(row) for row in rows}


def _values(cipher: FieldCipher, each: ElderRow, now: datetime) -> dict[str, Any]:
    told = _DEFAULTS | each.told | _indexes(cipher, each.told)
    return {**told, "code": each.code, "created_at": now, "updated_at": now}


def _indexes(cipher: FieldCipher, told: dict[str, Any]) -> dict[str, bytes]:
    indexes = {}
    if "name" in told:
        indexes["name_index"] = cipher.name_index(told["name"])
    if told.get("identity_number"):
        indexes["identity_index"] = cipher.identity_index(told["identity_number"])
    return indexes


def _update(
    session: Session, cipher: FieldCipher, old: Sequence[tuple[dict[str, Any], ElderRow]], now: datetime
) -> list[int]:
    """Bring known elders up to date; give the ids of those that were not."""
    ids = [before["id"] for before, _ in old]
    phones: dict[int, dict[str, str]] = {its_id: {} for its_id in ids}
    contacts: dict[int, list[tuple[str, str, str]]] = {its_id: [] for its_id in ids}
    if ids:
        for its_id, number, kind in session.execute(
            select(ElderPhone.elder_id, ElderPhone.number, ElderPhone.kind).where(ElderPhone.elder_id.in_(ids))
        ):
            phones[its_id][number] = kind
        for its_id, *contact in session.execute(
            select(Contact.elder_id, Contact.name, Contact.relation, Contact.number)
            .where(Contact.elder_id.in_(ids))
            .order_by(Contact.priority, Contact.id)
        ):
            contacts[its_id].append((contact[0], contact[1], contact[2]))
    changed: list[int] = []
    for before, each in old:
        its_id = before["id"]
        different = {name: value for name, value in each.told.items() if before[name] != value}
        changes = (
            bool(different),
            _change_phones(session, cipher, its_id, phones[its_id], each.phones),
            _change_contacts(session, cipher, its_id, contacts[its_id], each.contacts),
            _change_place(session, its_id, each.one_key_place),
        )
        if any(changes):
            changed.append(its_id)
            values = {**different, **_indexes(cipher, different), "updated_at": now}
            session.execute(update(Elder).where(Elder.id == its_id).values(values))
    return changed


def _change_phones(
    session: Session, cipher: FieldCipher, its_id: int, before: dict[str, str], told: dict[str, str]
) -> bool:
    if not told:
        return False
    one_key = "one_key" in told.values()
    common = any(kind != "one_key" for kind in told.values())
    gone = [
        number for number, kind in before.items()
        if number not in told and (one_key if kind == "one_key" else common)
    ]  # fmt: skip
    new = [(its_id, number, kind) for number, kind in told.items() if number not in before]
    if gone:
        indexes = [cipher.number_index(number) for number in gone]
        session.execute(
            delete(ElderPhone).where(ElderPhone.elder_id == its_id, ElderPhone.number_index.in_(indexes))
        )  # fmt: skip
    _add_phones(session, cipher, new)
    return bool(gone or new)


def _change_contacts(
    session: Session,
    cipher: FieldCipher,
    its_id: int,
    before: list[tuple[str, str, str]],
    told: list[tuple[str, str, str]],
) -> bool:
    if not told or told == before:
        return False
    with_key = select(Contact.number_index).where(Contact.elder_id == its_id, Contact.has_key)
    keys = list(session.scalars(with_key))  # The file does not tell who has a key: whoever had one keeps it.
    session.execute(delete(Contact).where(Contact.elder_id == its_id))
    _add_contacts(session, cipher, [(its_id, told)])
    if keys:
        still = update(Contact).where(Contact.elder_id == its_id, Contact.number_index.in_(keys))
        session.execute(still.values(has_key=True))
    return True


def _change_place(session: Session, its_id: int, told: str) -> bool:
    """Put down where the one-key phones of an elder are; nothing told, and it stays as it is."""
    if not told:
        return False
    phones = session.scalars(select(ElderPhone).where(ElderPhone.elder_id == its_id, ElderPhone.kind == "one_key"))
    changed = [phone for phone in phones if phone.place != told]
    for phone in changed:
        phone.place = told
    return bool(changed)


def _add_phones(session: Session, cipher: FieldCipher, phones: Sequence[tuple[int, str, str]]) -> None:
    if phones:
        session.execute(
            insert(ElderPhone),
            [
                {"elder_id": its_id, "number": number, "number_index": cipher.number_index(number), "kind": kind}
                for its_id, number, kind in phones
            ],
        )


def _add_contacts(
    session: Session, cipher: FieldCipher, contacts: Sequence[tuple[int, list[tuple[str, str, str]]]]
) -> None:
    values = [
        {"elder_id": its_id, "name": name, "relation": relation, "number": number, "priority": priority,
         "number_index": cipher.number_index(number)}
        for its_id, each in contacts
        for priority, (name, relation, number) in enumerate(each, 1)
    ]  # fmt: skip
    if values:
        session.execute(insert(Contact), values)

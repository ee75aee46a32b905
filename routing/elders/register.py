"""Elders' records as people keep them: a new one, a change that overwrites nobody else's, and what is there now.

Whoever changes a record says what they saw of it, field by field, as keyed hashes. What somebody else changed
meanwhile is told to them, and nothing is written until they have seen it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, selectinload

from db.encryption import FieldCipher
from db.models import AuditEntry, Contact, Elder, ElderPhone, MedicineReminder, PayerClass, PayerRule
from db.models import WellBeingEnrolment as Daily
from db.session import UnitOfWork
from routing.elders.entry import (
    FIELDS,
    PARTS,
    ElderEntry,
    Normalise,
    Person,
    Phone,
    check_code,
    read_entry,
)
from routing.errors import Conflict, NotFound
from routing.outreach.wellbeing.enrolments import check_rest

MERGED: Final = "merged"
_NEW_CODE: Final = "N{:06}"
_WHOLE = (selectinload(Elder.phones), selectinload(Elder.contacts))

Seen = Mapping[str, str]
"""What somebody saw: a keyed hash of each field, by its name."""


class CodeTaken(Conflict):
    """Another record, `other`, has this registration number or identity number; `field` is which."""

    code = "elder_taken"

    def __init__(self, field: str, other: str) -> None:
        super().__init__(f"the {field} belongs to the record {other}")
        self.field = field
        self.other = other


class NotKept(Conflict):
    """The record was merged into another: that one is changed."""

    code = "elder_merged"


class ChangedMeanwhile(Conflict):
    """Somebody else changed fields since the record was looked at: `fields` names them, `now` is what stands."""

    code = "elder_changed"

    def __init__(self, fields: tuple[str, ...], now: ElderEntry, seen: Seen) -> None:
        super().__init__(f"the record was changed meanwhile: {', '.join(fields)}")
        self.fields = fields
        self.now = now
        self.seen = seen


class ElderRegister:
    """Keeps the records. `by` is who asks, as user:2. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], cipher: FieldCipher, *,
        normalise: Normalise, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._cipher = cipher
        self._normalise = normalise
        self._zone = zone

    def classes(self) -> dict[str, str]:
        """Give the name of each class of payers that an elder may be of now, by its code."""
        with self._reading() as work:
            return _classes(work, self._today())

    def read(self, form: Mapping[str, Any], keeping: str = "") -> ElderEntry:
        """Read what was entered. `keeping` is a class that may stay although it ended. Raises BadEntry."""
        classes = [*self.classes(), *([keeping] if keeping else [])]
        return read_entry(form, today=self._today(), classes=classes, normalise=self._normalise)

    def find(self, elder_id: int) -> tuple[Elder, ElderEntry, Seen]:
        """Give a record, as it stands and as it is to be told back. Raises NotFound."""
        with self._reading() as work:
            elder = work.scalar(select(Elder).where(Elder.id == elder_id).options(*_WHOLE))
            if elder is None:
                raise NotFound(f"there is no elder {elder_id}")
            entry = entry_of(elder)
        return elder, entry, self.seen(entry)

    def household(self, elder_id: int) -> tuple[tuple[int, str, str], ...]:
        """Give those who are known by one of the same telephones: number of the record, code and name."""
        mine = select(ElderPhone.number_index).where(ElderPhone.elder_id == elder_id)
        with self._reading() as work:
            query = (
                select(Elder.id, Elder.code, Elder.name)
                .where(Elder.id != elder_id, Elder.state == "active")
                .where(exists().where(ElderPhone.elder_id == Elder.id, ElderPhone.number_index.in_(mine)))
                .order_by(Elder.id).limit(20)
            )  # fmt: skip
            return tuple((row.id, row.code, row.name) for row in work.execute(query))

    def create(self, code: str, entry: ElderEntry, by: str) -> int:
        """Register an elder, and give the number of the record. Without a code they get one of our own.

        Raises BadEntry for a code that is none, and CodeTaken.
        """
        now, wanted = self._clock(), check_code(code) if code.strip() else ""
        with self._unit_of_work() as work:
            if wanted and work.scalar(select(Elder.id).where(Elder.code == wanted)) is not None:
                raise CodeTaken("code", wanted)
            self._check_identity(work, entry, None)
            elder = Elder(
                code=wanted or f"new-{now.timestamp():.6f}", state="active", created_at=now, updated_at=now,
                name_index=b"", identity_index=None, **entry.values,
            )  # fmt: skip
            self._index(elder)
            work.add(elder)
            work.flush()
            if not wanted:
                elder.code = _free_code(work, elder.id)
            self._take_phones(elder, entry.phones)
            self._take_contacts(elder, entry.contacts)
            work.add(AuditEntry(at=now, actor=by, action="elder.added", subject=f"elder:{elder.id}", detail=""))
            return elder.id

    def change(self, elder_id: int, entry: ElderEntry, seen: Seen, by: str) -> tuple[str, ...]:
        """Take a whole record, and give the names of the fields that changed. The audit has the names, not the values.

        Raises NotFound, NotKept, CodeTaken, RestsThen, and ChangedMeanwhile if anything that would be written over
        is not what was `seen`.
        """
        now = self._clock()
        with self._unit_of_work() as work:
            if work.scalar(select(Elder.id).where(Elder.id == elder_id).with_for_update(key_share=True)) is None:
                raise NotFound(f"there is no elder {elder_id}")
            elder = work.scalars(select(Elder).where(Elder.id == elder_id).options(*_WHOLE)).one()
            if elder.state == MERGED:
                raise NotKept("this record was merged into another: change that one")
            before = entry_of(elder)
            stands = self.seen(before)
            meanwhile = tuple(
                name for name in (*FIELDS, *PARTS)
                if stands[name] != seen.get(name) and before.part(name) != entry.part(name)
            )  # fmt: skip
            if meanwhile:
                raise ChangedMeanwhile(meanwhile, before, stands)
            changed = tuple(name for name in (*FIELDS, *PARTS) if before.part(name) != entry.part(name))
            if not changed:
                return ()
            self._check_identity(work, entry, elder_id)
            for name in FIELDS:
                setattr(elder, name, entry.values[name])
            if "rest" in changed:
                _check_calls(work, elder)
            self._index(elder)
            self._take_phones(elder, entry.phones)
            self._take_contacts(elder, entry.contacts)
            elder.updated_at = now
            detail = " ".join(changed)
            work.add(AuditEntry(at=now, actor=by, action="elder.changed", subject=f"elder:{elder_id}", detail=detail))
            return changed

    def seen(self, entry: ElderEntry) -> Seen:
        """Give what somebody saw who saw this."""
        return {name: self._hash(name, entry.part(name)) for name in (*FIELDS, *PARTS)}

    def untouched(self, name: str, entry: ElderEntry, seen: Seen) -> bool:
        """Tell whether somebody left a field as they had seen it."""
        return self._hash(name, entry.part(name)) == seen.get(name)

    def _hash(self, name: str, value: Any) -> str:
        plain = [asdict(each) for each in value] if name in PARTS else value
        return self._cipher.index(f"seen.{name}", json.dumps(plain, default=str, sort_keys=True)).hex()

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()

    def _index(self, elder: Elder) -> None:
        number = elder.identity_number
        elder.name_index = self._cipher.name_index(elder.name)
        elder.identity_index = self._cipher.identity_index(number) if number else None

    def _check_identity(self, work: Session, entry: ElderEntry, elder_id: int | None) -> None:
        number = entry.values["identity_number"]
        if not number:
            return
        same = select(Elder.code).where(
            Elder.identity_index == self._cipher.identity_index(number), Elder.state != MERGED, Elder.id != elder_id
        )
        code = work.scalar(same.limit(1))
        if code is not None:
            raise CodeTaken("identity_number", code)

    def _take_phones(self, elder: Elder, told: tuple[Phone, ...]) -> None:
        before = {each.number: each for each in elder.phones}
        for phone in elder.phones[:]:
            if phone.number not in {each.number for each in told}:
                elder.phones.remove(phone)
        for each in told:
            row = before.get(each.number)
            if row is None:
                row = ElderPhone(number=each.number, number_index=self._cipher.number_index(each.number))
                elder.phones.append(row)
            row.kind, row.place = each.kind, each.place or None

    def _take_contacts(self, elder: Elder, told: tuple[Person, ...]) -> None:
        """Whoever stays keeps their row: calls that were made to them name it."""
        left = sorted(elder.contacts, key=lambda each: each.priority)
        for priority, each in enumerate(told, 1):
            row = next((one for one in left if (one.number, one.name) == (each.number, each.name)), None)
            row = row or next((one for one in left if one.number == each.number), None)
            if row is None:
                row = Contact()
                elder.contacts.append(row)
            else:
                left.remove(row)
            row.name, row.relation, row.number = each.name, each.relation, each.number
            row.number_index, row.priority, row.has_key = self._cipher.number_index(each.number), priority, each.has_key
        for gone in left:
            elder.contacts.remove(gone)


def entry_of(elder: Elder) -> ElderEntry:
    """Give a record as it would be entered."""
    return ElderEntry(
        {name: getattr(elder, name) for name in FIELDS},
        tuple(
            Phone(each.number, each.kind, each.place or "")
            for each in sorted(elder.phones, key=lambda each: each.number)
        ),
        tuple(
            Person(each.name, each.relation, each.number, each.has_key)
            for each in sorted(elder.contacts, key=lambda each: (each.priority, each.id))
        ),
    )


def _classes(work: Session, today: date) -> dict[str, str]:
    still = (PayerRule.withdrawn_at.is_(None), or_(PayerRule.valid_to.is_(None), PayerRule.valid_to >= today))
    query = select(PayerClass).where(exists().where(PayerRule.payer_class == PayerClass.code, *still))
    return {row.code: row.name for row in work.scalars(query.order_by(PayerClass.code))}


def _free_code(work: Session, number: int) -> str:
    """Make a registration number; one that somebody chose themselves is passed over."""
    code = _NEW_CODE.format(number)
    while work.scalar(select(Elder.id).where(Elder.code == code)) is not None:
        code += "a"
    return code


def _check_calls(work: Session, elder: Elder) -> None:
    """Raise RestsThen if a daily call or a reminder falls into the new rest: it would be taken for no answer."""
    daily = work.scalars(select(Daily.at).where(Daily.active_elder_id == elder.id))
    mine = MedicineReminder.elder_id == elder.id
    doses = work.scalars(select(MedicineReminder.at).where(mine, MedicineReminder.ended_at.is_(None)))
    for at in (*daily, *doses):
        check_rest(at, elder)

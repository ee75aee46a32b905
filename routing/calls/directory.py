"""Who is calling: one number in, one frozen answer out, in well under the time of a breath."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Engine, LargeBinary, Row, bindparam, literal, select, type_coerce, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.encryption import FieldCipher, FieldKeyError
from db.models import Company, CompanyPhone, Contact, Elder, ElderManner, ElderPhone, Worker
from db.session import reading_engine
from routing.calls.address import form_of_address, surname
from routing.calls.caller import Caller, CallerKind, KnownElder
from routing.calls.messages import CallerClass
from routing.errors import DomainError
from routing.manners.keeping import manner_in
from routing.numbers import NumberKind, PhoneNumber, normalise

MAX_ON_ONE_NUMBER = 20
"""Rows read at most: a care home may share one number among hundreds, and nobody is greeted by name there anyway."""

__all__ = ["Caller", "CallerDirectory", "CallerKind", "DirectoryUnavailable", "KnownElder"]

log = logging.getLogger(__name__)


_BY_NUMBER = {
    NumberKind.WITHHELD: CallerKind.WITHHELD,
    NumberKind.MALFORMED: CallerKind.MALFORMED,
    NumberKind.FOREIGN: CallerKind.FOREIGN,
}


class DirectoryUnavailable(DomainError):
    """The database did not answer in time. Degrade: treat the caller as unknown, and go to a person."""

    code = "directory_unavailable"


_KNOWN = (
    Elder.id, type_coerce(Elder.name, LargeBinary).label("sealed_name"), Elder.sex, Elder.form_of_address,
    Elder.birth_date, Elder.caller_class, Elder.straight_to_person, Elder.language, Elder.dialect, Elder.hearing,
    Elder.payer_class, Elder.district, Elder.lives_alone, Elder.state,
    ElderManner.slow, ElderManner.loud, ElderManner.key_seconds, ElderManner.hints, ElderManner.favourite_offered,
    ElderManner.straight_set, ElderManner.set_by, ElderManner.learnt,
)  # fmt: skip
_BY_ID = (
    select(*_KNOWN, literal("").label("phone_kind"))
    .outerjoin(ElderManner, ElderManner.elder_id == Elder.id)
    .where(Elder.id == bindparam("elder_id"))
)
_ACTIVE = (
    select(*_KNOWN, literal("").label("phone_kind"))
    .outerjoin(ElderManner, ElderManner.elder_id == Elder.id)
    .where(Elder.id.in_(bindparam("elder_ids", expanding=True)), Elder.state == "active")
    .order_by(Elder.id)
)
_ELDERS = (
    select(*_KNOWN, ElderPhone.kind.label("phone_kind"))
    .join(ElderPhone, ElderPhone.elder_id == Elder.id)
    .outerjoin(ElderManner, ElderManner.elder_id == Elder.id)
    .where(ElderPhone.number_index == bindparam("number"))
    .order_by(ElderPhone.elder_id)
    .limit(MAX_ON_ONE_NUMBER)
)
_OTHERS = union_all(
    select(literal("worker").label("what"), Worker.id.label("id"))
    .where(Worker.phone_index == bindparam("number"), Worker.active),
    select(literal("company"), Company.id).where(Company.phone_index == bindparam("number"), Company.active),
    select(literal("company"), CompanyPhone.company_id)
    .join(Company, Company.id == CompanyPhone.company_id)
    .where(CompanyPhone.number_index == bindparam("number"), Company.active),
    select(literal("contact"), Contact.elder_id)
    .join(Elder, Elder.id == Contact.elder_id)
    .where(Contact.number_index == bindparam("number"), Elder.state == "active"),
).limit(MAX_ON_ONE_NUMBER)  # fmt: skip


class CallerDirectory:
    """Looks callers up. Threads may share one: each look-up takes a connection of its own and gives it back.

    An elder costs one query, anybody else two; both are found by index. Measured by scripts/benchmarks/lookup.py.
    """

    def __init__(
        self,
        engine: Engine,
        cipher: FieldCipher,
        country: str = "CN",
        area_code: str = "0931",
        today: Callable[[], date] = date.today,
    ) -> None:
        """Plain numbers belong to `country` and `area_code`; `today` is the local day, for ages."""
        self._engine = reading_engine(engine, statement_by_statement=True)
        self._cipher = cipher
        self._country = country
        self._area_code = area_code
        self._today = today

    def look_up(self, raw_number: str | None) -> Caller:
        """Tell who calls from `raw_number`, as the carrier gave it. Raises DirectoryUnavailable."""
        return self.look_up_number(normalise(raw_number, self._country, self._area_code))

    def look_up_number(self, number: PhoneNumber) -> Caller:
        """Tell who calls from a number that is normalised already. Raises DirectoryUnavailable."""
        if number.number is None:
            return Caller(_BY_NUMBER[number.kind])
        index = self._cipher.number_index(number.number)
        try:
            with self._engine.connect() as connection:
                elders = connection.execute(_ELDERS, {"number": index}).all()
                active = [row for row in elders if row.state == "active"]
                others = [] if active else connection.execute(_OTHERS, {"number": index}).all()
        except (DBAPIError, PoolTimeout) as error:
            raise DirectoryUnavailable("The register of elders does not answer.") from error
        if active:
            kind = CallerKind.ELDER if len(active) == 1 else CallerKind.HOUSEHOLD
            return Caller(kind, number.number, index, tuple(self._elder(row) for row in active))
        return _other(number, index, others, bool(elders))

    def elder(self, elder_id: int) -> KnownElder | None:
        """Tell what is known of an elder whom we call; None for one who is not there. Raises DirectoryUnavailable."""
        try:
            with self._engine.connect() as connection:
                row = connection.execute(_BY_ID, {"elder_id": elder_id}).one_or_none()
        except (DBAPIError, PoolTimeout) as error:
            raise DirectoryUnavailable("The register of elders does not answer.") from error
        return None if row is None else self._elder(row)

    def active_elders(self, elder_ids: Sequence[int]) -> tuple[KnownElder, ...]:
        """Tell what is known of those of these elders who are active, by id. Raises DirectoryUnavailable."""
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(_ACTIVE, {"elder_ids": list(elder_ids)}).all()
        except (DBAPIError, PoolTimeout) as error:
            raise DirectoryUnavailable("The register of elders does not answer.") from error
        return tuple(map(self._elder, rows))

    def _elder(self, row: Row[*tuple[Any, ...]]) -> KnownElder:
        try:
            name = self._cipher.open(bytes(row.sealed_name), "elder.name")
        except FieldKeyError as error:
            log.error("elder %s is greeted without a name: %s", row.id, error)  # noqa: TRY400  # No traceback: it names no line of use.
            name = ""
        today = self._today()
        age, manner = _age(row.birth_date, today), manner_in(row, today)
        return KnownElder(
            row.id, name, surname(name), row.form_of_address or form_of_address(row.sex, age), row.sex, age,
            CallerClass(row.caller_class), manner.straight_to_person, row.language, row.dialect, row.hearing,
            row.payer_class, row.district, row.lives_alone, row.phone_kind, manner,
        )  # fmt: skip


def _other(number: PhoneNumber, index: bytes, rows: Sequence[Row[*tuple[Any, ...]]], had_elders: bool) -> Caller:
    ids: dict[str, list[int]] = {"worker": [], "company": [], "contact": []}
    for what, its_id in rows:
        ids[what].append(its_id)
    worker = ids["worker"][0] if len(ids["worker"]) == 1 else None
    companies = tuple(sorted(set(ids["company"])))
    company = companies[0] if companies else None
    if ids["worker"]:
        kind = CallerKind.WORKER
    elif company is not None:
        kind = CallerKind.COMPANY
    elif ids["contact"]:
        kind = CallerKind.CONTACT
    elif had_elders:
        kind = CallerKind.FORMER
    else:
        kind = _BY_NUMBER.get(number.kind, CallerKind.UNKNOWN)
    contacts = tuple(sorted(set(ids["contact"])))
    return Caller(kind, number.number, index, (), worker, company, contacts, companies)


def _age(born: date | None, today: date) -> int | None:
    if born is None or born > today:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

"""The register of companies: new ones, their telephones, and the PIN for calls from other telephones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import Company, CompanyItem, CompanyPhone, CompanyPin, ServiceItem
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.numbers import NumberKind, PhoneNumber
from routing.orders.providers.availability import MOST_CAPACITY
from routing.orders.providers.line import pin_of
from routing.writing import insert_once

MOST_PHONES = 10
_PIN = re.compile(r"[0-9]{4,8}")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")


class Unreachable(Invalid):
    """A company without a telephone that can be called: it could never be offered anything."""

    code = "company_unreachable"


class CodeTaken(Conflict):
    """Another company, of this `name`, has the code."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(f"the code {code} is taken by {name}: give the new company another")
        self.name = name


@dataclass(frozen=True)
class PhoneView:
    """A further telephone of a company. The number is E.164."""

    id: int
    number: str = field(repr=False)
    label: str


@dataclass(frozen=True)
class NewCompany:
    """A company as somebody enters or imports it. `items` are codes; no `districts` means all."""

    code: str
    name: str
    phone: str = field(repr=False)
    items: tuple[str, ...]
    districts: tuple[str, ...] = ()
    daily_capacity: int = 100
    latitude: float | None = None
    longitude: float | None = None


class CompanyRegister:
    """Changes what is known of companies. `normalise` brings a number to E.164."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        normalise: Callable[[str], PhoneNumber],
        number_index: Callable[[str], bytes],
        pin_index: Callable[[str], bytes],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._normalise = normalise
        self._number_index = number_index
        self._pin_index = pin_index

    def add(self, new: NewCompany) -> int:
        """Add a company and give its id. Raises Unreachable without a telephone, Invalid for what else cannot be right,
        each with what to do, and Conflict for a code that is taken."""
        number = self._number(new.phone)
        self._check(new)
        with self._unit_of_work() as session:
            items = _items(session, new.items)
            row = Company(
                code=new.code, name=new.name.strip(), phone=number, phone_index=self._number_index(number),
                districts=",".join(each.strip() for each in new.districts if each.strip()),
                daily_capacity=new.daily_capacity, latitude=new.latitude, longitude=new.longitude,
            )  # fmt: skip
            kept, fresh = insert_once(session, row, Company.code == new.code)
            if not fresh:
                raise CodeTaken(new.code, kept.name)
            session.add_all([CompanyItem(company_id=kept.id, item_id=each.id) for each in items])
            return kept.id

    def phones(self, company_id: int) -> tuple[PhoneView, ...]:
        """Give a company's further telephones."""
        query = select(CompanyPhone).where(CompanyPhone.company_id == company_id).order_by(CompanyPhone.id)
        with self._reading() as session:
            return tuple(PhoneView(each.id, each.number, each.label) for each in session.scalars(query))

    def add_phone(self, company_id: int, raw: str, label: str = "") -> int:
        """Know a company by one more telephone, and give its id. Raises NotFound, Unreachable and Conflict."""
        number = self._number(raw)
        index = self._number_index(number)
        with self._unit_of_work() as session:
            company = _taken(session, company_id)
            if company.phone_index == index:
                raise Conflict("this is the company's own number already")
            mine = select(CompanyPhone).where(CompanyPhone.company_id == company_id)
            if len(session.scalars(mine).all()) >= MOST_PHONES:
                raise Conflict(f"a company has {MOST_PHONES} further telephones at most: drop one first")
            row = CompanyPhone(company_id=company_id, number=number, number_index=index, label=label.strip()[:60])
            same = (CompanyPhone.company_id == company_id) & (CompanyPhone.number_index == index)
            kept, _new = insert_once(session, row, same)
            return kept.id

    def drop_phone(self, company_id: int, phone_id: int) -> None:
        """Forget a further telephone. Raises NotFound."""
        with self._unit_of_work() as session:
            row = session.get(CompanyPhone, phone_id)
            if row is None or row.company_id != company_id:
                raise NotFound(f"company {company_id} has no telephone {phone_id}")
            session.delete(row)

    def has_pin(self, company_id: int) -> bool:
        """Tell whether the company can call from any telephone."""
        with self._reading() as session:
            return session.get(CompanyPin, company_id) is not None

    def set_pin(self, company_id: int, pin: str, *, actor: str) -> None:
        """Let the company call from any telephone, with this PIN; without one it cannot any more.

        Raises NotFound, and Invalid for a PIN that is none or that anybody would try.
        """
        if pin and not _PIN.fullmatch(pin):
            raise Invalid("a PIN has four to eight digits")
        if pin and is_easy(pin):
            raise Invalid("this PIN is what anybody would try first: take another")
        with self._unit_of_work() as session:
            _taken(session, company_id)
            session.execute(delete(CompanyPin).where(CompanyPin.company_id == company_id))
            if pin:
                index = pin_of(self._pin_index, company_id, pin)
                session.add(CompanyPin(company_id=company_id, pin_index=index, set_at=self._clock(), set_by=actor))

    def _number(self, raw: str) -> str:
        found = self._normalise(raw)
        if found.kind is not NumberKind.NUMBER or found.number is None:
            raise Unreachable("a company needs a telephone that the hotline can call: give its number as one dials it")
        return found.number

    def _check(self, new: NewCompany) -> None:
        if not _CODE.fullmatch(new.code):
            raise Invalid("a code has 1 to 40 letters, digits, dots or hyphens")
        if not 1 <= len(new.name.strip()) <= 200:
            raise Invalid("a company has a name of 1 to 200 characters")
        if not 0 <= new.daily_capacity <= MOST_CAPACITY:
            raise Invalid(f"the orders of a day are a number from 0 to {MOST_CAPACITY}")
        if not new.items:
            raise Invalid("a company offers something: name the codes of its items")
        if (new.latitude is None) != (new.longitude is None):
            raise Invalid("a place has latitude and longitude, or neither")
        if not -90 <= (new.latitude or 0) <= 90 or not -180 <= (new.longitude or 0) <= 180:
            raise Invalid("latitude is -90 to 90 and longitude -180 to 180, in degrees")


def is_easy(pin: str) -> bool:
    """Whether it is one digit again and again, or digits in a row, up or down."""
    steps = {(int(after) - int(digit)) % 10 for digit, after in pairwise(pin)}
    return steps in ({0}, {1}, {9})


def _items(session: Session, codes: tuple[str, ...]) -> list[ServiceItem]:
    known = {each.code: each for each in session.scalars(select(ServiceItem).where(ServiceItem.code.in_(codes)))}
    missing = [code for code in codes if code not in known]
    if missing:
        raise Invalid(f"there is no item {', '.join(missing)}: see the list of services for the codes")
    return list(known.values())


def _taken(session: Session, company_id: int) -> Company:
    company = session.get(Company, company_id, with_for_update=True)
    if company is None:
        raise NotFound(f"there is no company {company_id}")
    return company

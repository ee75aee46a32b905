"""What the companies' telephone line needs: who calls, and what they have to do today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from db.models import Company, CompanyPin, Order
from db.session import UnitOfWork
from routing.orders.errors import PinLocked, WrongPin
from routing.orders.notices import elder_address
from routing.orders.pins import TRIES, TRIES_WITHHELD, PinTries
from routing.orders.policy import OrderState
from routing.orders.providers.availability import Availability, midnight_after

CODE_BASE = 1000
"""A company's number on the telephone is its id and so much: four digits, which anybody can be told."""
TRIES_COMPANY = 10
"""Wrong PINs for one company, from whatever telephones, before it is known by its own telephones only, for a while."""
MORNING_HOURS = 12
"""The list goes on to noon of the next day."""
LISTED = 20
"""Orders of one list; whoever has more looks at the page, or asks a person."""
_AHEAD = (OrderState.ACCEPTED.value, OrderState.VISITING.value)


@dataclass(frozen=True)
class WorkItem:
    """An order that a company has to do; `address` is how the elder is addressed, as 王奶奶."""

    order_id: int
    number: str
    item_code: str
    item_name: str
    due_at: datetime
    address: str = field(repr=False)


def line_code(company_id: int) -> str:
    """Give the number by which a company is known on the telephone."""
    return str(CODE_BASE + company_id)


class CompanyLine:
    """Identifies companies by number and PIN, and tells them their day. Numbers are E.164, None if withheld."""

    def __init__(
        self,
        *,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        number_index: Callable[[str], bytes],
        pin_index: Callable[[str], bytes],
        tries: PinTries,
        availability: Availability,
    ) -> None:
        self.availability = availability
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._number_index = number_index
        self._pin_index = pin_index
        self._tries = tries

    def identify(self, number: str | None, code: str, pin: str) -> int:
        """Give the active company with this number and PIN. What was wrong of the two is not said.

        Raises WrongPin, and PinLocked: three wrong ones lock the telephone, ten the company, a quarter of an hour.
        """
        phone = f"company-line:{self._number_index(number).hex() if number else 'withheld'}"
        allowed = TRIES if number else TRIES_WITHHELD
        company_id = int(code) - CODE_BASE if code.isascii() and code.isdecimal() else 0
        company = f"company-line:company:{company_id}"
        if self._tries.failures(phone) >= allowed or self._tries.failures(company) >= TRIES_COMPANY:
            raise PinLocked("too many wrong PINs; try again in a quarter of an hour, or from the company's own phone")
        if self._matches(company_id, pin):
            self._tries.forget(phone)
            return company_id
        self._tries.failed(company)
        left = allowed - self._tries.failed(phone)
        if left <= 0:
            raise PinLocked("too many wrong PINs from this telephone; try again in a quarter of an hour")
        raise WrongPin(left)

    def _matches(self, company_id: int, pin: str) -> bool:
        query = (
            select(CompanyPin.pin_index)
            .join(Company, Company.id == CompanyPin.company_id)
            .where(CompanyPin.company_id == company_id, Company.active)
        )
        with self._reading() as session:
            known = session.scalar(query)
        return known is not None and known == pin_of(self._pin_index, company_id, pin)

    def work_list(self, company_id: int) -> tuple[WorkItem, ...]:
        """Give what a company has accepted for today and tomorrow morning, the next first; what is late comes too."""
        now = self._clock().astimezone(self._zone)
        end = midnight_after(now) + timedelta(hours=MORNING_HOURS)
        begin = midnight_after(now, days=-1)
        query = (
            select(Order)
            .where(Order.company_id == company_id, Order.state.in_(_AHEAD))
            .where(Order.due_at >= begin, Order.due_at < end)
            .order_by(Order.due_at, Order.id)
            .limit(LISTED)
        )
        with self._reading() as session:
            return tuple(self._item(each, now) for each in session.scalars(query))

    def _item(self, order: Order, local_now: datetime) -> WorkItem:
        return WorkItem(
            order.id,
            order.number,
            order.item.code,
            order.item.name,
            order.due_at,
            elder_address(order.elder, local_now),
        )


def pin_of(pin_index: Callable[[str], bytes], company_id: int, pin: str) -> bytes:
    """Give the keyed hash of a company's PIN: with its id, so that equal PINs of two companies do not look equal."""
    return pin_index(f"company:{company_id}:{pin}")

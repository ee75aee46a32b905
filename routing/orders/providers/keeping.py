"""Companies and their workers as administrators keep them: changed, ended, let back. Every change is in the audit.

The audit is the history: it says who changed what from what to what, but for names, telephones and PINs, of which it
says only that they changed. Nothing is deleted: orders and visits of years name these rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import Company, CompanyItem, Order, ServiceItem
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.providers.availability import MOST_CAPACITY
from routing.orders.providers.workers import WorkerKeeping, check_free, company_of, read_reason

_SEALED: Final = frozenset({"phone", "name"})
_FARTHEST_KM: Final = 500.0


class ChangedByOther(Conflict):
    """Somebody else changed the record since it was looked at."""

    code = "provider_changed"


@dataclass(frozen=True)
class CompanyDetails:
    """All that an administrator changes of a company. `items` are codes; no `districts` means all."""

    name: str
    phone: str = field(repr=False)
    items: tuple[str, ...]
    districts: tuple[str, ...] = ()
    daily_capacity: int = 100
    open_from: int = 0
    """Minute of the local day from which offers are taken, and until which."""
    open_until: int = 1440
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None


class ProviderKeeping(WorkerKeeping):
    """Changes companies and workers. `by` is who asks, as user:2. Threads share one."""

    def company(self, company_id: int) -> tuple[Company, CompanyDetails]:
        """Give a company with all that can be changed of it. Raises NotFound."""
        with self._reading() as work:
            row = work.get(Company, company_id, options=[selectinload(Company.items).joinedload(CompanyItem.item)])
            if row is None:
                raise NotFound(f"there is no company {company_id}")
            return row, details_of(row)

    def change(self, company_id: int, now: CompanyDetails, seen: CompanyDetails, by: str) -> tuple[str, ...]:
        """Change a company, and give the names of what changed. Raises NotFound, Invalid, and ChangedByOther if it is
        not as it was `seen`."""
        number = self.number(now.phone)
        _check(now)
        with self._unit_of_work() as work:
            row = company_of(work, company_id)
            stands = details_of(row)
            if stands != seen:
                raise ChangedByOther("somebody else changed this company meanwhile: look again")
            wanted = {**vars(now), "phone": number, "name": " ".join(now.name.split())}
            changed = tuple(name for name, value in vars(stands).items() if value != wanted[name])
            if "items" in changed:
                self._take_items(work, row, now.items)
            for name in set(changed) - {"items"}:
                value = wanted[name]
                setattr(row, name, ",".join(value) if name == "districts" else value)
            row.phone_index = self._number_index(number)
            if changed:
                self.note(work, by, "provider.changed", f"company:{company_id}", _told(stands, wanted, changed))
            return changed

    def end_company(self, company_id: int, reason: str, by: str) -> int:
        """Ask the company nothing any more, and end its workers; give how many. Raises NotFound, Invalid, HasOrders."""
        reason = read_reason(reason)
        with self._unit_of_work() as work:
            row = company_of(work, company_id)
            if not row.active:
                raise Conflict("this company was ended already")
            check_free(work, Order.company_id == company_id)
            workers = [each for each in row.workers if each.active]
            row.active = False
            for each in workers:
                each.active = False
                self.note(work, by, "worker.ended", f"worker:{each.id}", "with the company")
            self.note(work, by, "provider.ended", f"company:{company_id}", reason)
            return len(workers)

    def resume_company(self, company_id: int, by: str) -> None:
        """Ask the company again; its workers are let back one by one. Raises NotFound and Conflict."""
        with self._unit_of_work() as work:
            row = company_of(work, company_id)
            if row.active:
                raise Conflict("this company was not ended")
            row.active = True
            self.note(work, by, "provider.resumed", f"company:{company_id}", "")

    @staticmethod
    def _take_items(work: Session, row: Company, codes: tuple[str, ...]) -> None:
        known = {each.code: each for each in work.scalars(select(ServiceItem).where(ServiceItem.code.in_(codes)))}
        missing = [code for code in codes if code not in known]
        if missing:
            raise Invalid(f"there is no item {', '.join(missing)}: see the list of services for the codes")
        for each in row.items[:]:
            if each.item.code not in known:
                row.items.remove(each)
        there = {each.item.code for each in row.items}
        row.items.extend(CompanyItem(item_id=known[code].id) for code in dict.fromkeys(codes) if code not in there)


def details_of(row: Company) -> CompanyDetails:
    """Give what can be changed of a company."""
    return CompanyDetails(
        row.name, row.phone, tuple(sorted(each.item.code for each in row.items)),
        tuple(each for each in row.districts.split(",") if each), row.daily_capacity, row.open_from, row.open_until,
        row.latitude, row.longitude, row.radius_km,
    )  # fmt: skip


def _told(before: CompanyDetails, after: Mapping[str, Any], changed: Sequence[str]) -> str:
    return "; ".join(
        name if name in _SEALED else f"{name}: {_plain(getattr(before, name))} -> {_plain(after[name])}"
        for name in changed
    )


def _plain(value: Any) -> str:
    return ",".join(value) or "-" if isinstance(value, tuple) else "-" if value is None else str(value)


def _check(now: CompanyDetails) -> None:
    if not 1 <= len(now.name.strip()) <= 200:
        raise Invalid("a company has a name of 1 to 200 characters")
    if not now.items:
        raise Invalid("a company offers something: name the codes of its items")
    if not 0 <= now.daily_capacity <= MOST_CAPACITY:
        raise Invalid(f"the orders of a day are a number from 0 to {MOST_CAPACITY}")
    if not 0 <= now.open_from < now.open_until <= 1440:
        raise Invalid("hours are within one day, and begin before they end")
    if (now.latitude is None) != (now.longitude is None):
        raise Invalid("a place has latitude and longitude, or neither")
    if not -90 <= (now.latitude or 0) <= 90 or not -180 <= (now.longitude or 0) <= 180:
        raise Invalid("latitude is -90 to 90 and longitude -180 to 180, in degrees")
    if now.radius_km is not None and not 0 < now.radius_km <= _FARTHEST_KM:
        raise Invalid("a company goes farther than 0 km and no farther than 500 km")
    if len(",".join(now.districts)) > 400:
        raise Invalid("the districts are longer than 400 characters: leave them out for all")

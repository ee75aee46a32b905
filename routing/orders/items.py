"""The list of services as supervisors keep it: a new item, another name, and one that is not offered any more.

Nothing is deleted: orders of years name these rows. A new item is offered when somebody says so, once it has a price
(routing/orders/pricing). What plans make of an item that ended: docs/plans.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import AuditEntry, ServiceItem, ServiceKind, Tariff
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.menu_times import read_menu_times
from routing.writing import insert_once

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
LONGEST_NAME: Final = 10
"""Characters: names are spoken, and stand in SMS (docs/services.md)."""
LONGEST_ENGLISH: Final = 40


class ItemTaken(Conflict):
    """Another item has this code or name."""

    code = "item_taken"


class NoPrice(Conflict):
    """Nobody said what it costs: it would be ordered for nothing."""

    code = "item_no_price"


class ItemRegister:
    """Changes the list. `by` is who asks, as user:2. Threads share one."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock

    def all(self) -> tuple[ServiceItem, ...]:
        """Give all items, those that are offered first."""
        query = select(ServiceItem).order_by(ServiceItem.active.desc(), ServiceItem.kind, ServiceItem.code)
        with self._reading() as work:
            return tuple(work.scalars(query))

    def kinds(self) -> tuple[ServiceKind, ...]:
        """Give the kinds that an item can be of."""
        query = select(ServiceKind).where(ServiceKind.active).order_by(ServiceKind.code)
        with self._reading() as work:
            return tuple(work.scalars(query))

    def add(self, code: str, kind: str, name: str, name_en: str, by: str) -> int:
        """Add an item without a price, which is not offered yet; give its id. Raises Invalid, NotFound, ItemTaken."""
        code, name, name_en = code.strip(), *_names(name, name_en)
        if not _CODE.fullmatch(code):
            raise Invalid("the code of an item is 2 to 40 small letters, digits and underscores, a letter first")
        with self._unit_of_work() as work:
            if work.get(ServiceKind, kind) is None:
                raise NotFound(f"there is no kind {kind}")
            _check_name(work, name, None)
            row = ServiceItem(
                code=code, kind=kind, name=name, name_en=name_en, menu_key=None, price_fen=0, active=False
            )
            kept, new = insert_once(work, row, ServiceItem.code == code)
            if not new:
                raise ItemTaken(f"the code {code} belongs to {kept.name}")
            self._note(work, by, "item.added", kept.id, f"{code} {name}")
            return kept.id

    def rename(self, item_id: int, name: str, name_en: str, by: str) -> None:
        """Call it something else, in orders that were placed, too. Raises NotFound, Invalid and ItemTaken."""
        name, name_en = _names(name, name_en)
        with self._unit_of_work() as work:
            row = _taken(work, item_id)
            if (row.name, row.name_en) == (name, name_en):
                return
            _check_name(work, name, item_id)
            detail = f"{row.name} / {row.name_en} -> {name} / {name_en}"
            row.name, row.name_en = name, name_en
            self._note(work, by, "item.renamed", item_id, detail)

    def offer(self, item_id: int, by: str, *, offered: bool) -> None:
        """Offer it no more, or again. Raises NotFound, NoPrice, and Conflict if it is so already."""
        with self._unit_of_work() as work:
            row = _taken(work, item_id)
            if row.active == offered:
                raise Conflict("the item is so already: look again")
            if offered and not _has_price(work, item_id, self._clock().date()):
                raise NoPrice("an item is offered once it has a price for everybody: set one first")
            row.active = offered
            self._note(work, by, "item.offered" if offered else "item.ended", item_id, row.code)

    def set_menu_times(self, kind: str, text: str, by: str) -> str:
        """Say when the voice menus offer a kind, and give it as it is kept. Raises Invalid and NotFound."""
        kept = read_menu_times(text)
        with self._unit_of_work() as work:
            row = work.get(ServiceKind, kind, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no kind {kind}")
            if row.menu_times != kept:
                detail = f"{row.menu_times or 'always'} -> {kept or 'always'}"
                work.add(
                    AuditEntry(at=self._clock(), actor=by, action="menu.times", subject=f"kind:{kind}", detail=detail)
                )
                row.menu_times = kept
        return kept

    def _note(self, work: Session, by: str, action: str, item_id: int, detail: str) -> None:
        work.add(AuditEntry(at=self._clock(), actor=by, action=action, subject=f"item:{item_id}", detail=detail))


def _names(name: str, name_en: str) -> tuple[str, str]:
    name, name_en = " ".join(name.split()), " ".join(name_en.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"the name of an item has 1 to {LONGEST_NAME} characters: it is spoken, and stands in SMS")
    if not 1 <= len(name_en) <= LONGEST_ENGLISH:
        raise Invalid(f"the English name of an item has 1 to {LONGEST_ENGLISH} characters")
    return name, name_en


def _check_name(work: Session, name: str, item_id: int | None) -> None:
    same = select(ServiceItem.code).where(ServiceItem.name == name, ServiceItem.id != (item_id or 0))
    if (other := work.scalar(same.limit(1))) is not None:
        raise ItemTaken(f"the item {other} has this name")


def _has_price(work: Session, item_id: int, today: date) -> bool:
    """Whether elders can be told a price, now or from a later day on."""
    lasting = or_(Tariff.valid_to.is_(None), Tariff.valid_to >= today)
    mine = (Tariff.item_id == item_id, Tariff.company_id.is_(None), Tariff.withdrawn_at.is_(None), lasting)
    return work.scalar(select(Tariff.id).where(*mine).limit(1)) is not None


def _taken(work: Session, item_id: int) -> ServiceItem:
    row = work.get(ServiceItem, item_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"there is no item {item_id}")
    return row

"""The import itself: each row is looked at with what the database knows, and placed once, by its reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.elders_import.files import SPOILT, open_table
from db.elders_import.values import Unfit, yes_or_no
from db.models import Company, CompanyItem, Elder, Order, ServiceItem
from db.session import UnitOfWork
from routing.errors import DomainError
from routing.orders.checks import FARTHEST, LATE, served
from routing.orders.orders_import.columns import find_columns
from routing.orders.orders_import.report import MOST_KEPT, BadRow, OrdersReport
from routing.orders.policy import OPEN, is_repeat
from routing.orders.service import Orders

BATCH = 250
"""Rows that are looked up together."""
_DUE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T]+(\d{1,2})[:：](\d{2})(?::00)?")
_LONGEST_REFERENCE, _LONGEST_NOTE = 80, 2_000


@dataclass(frozen=True)
class _Row:
    number: int
    reference: str
    elder: str
    item: str
    due_at: datetime | None
    note: str
    repeat: bool
    anyway: bool

    @property
    def key(self) -> str:
        return f"import-{self.reference}"


@dataclass(frozen=True)
class _Known:
    """What the database knows of the rows of a batch."""

    elders: Mapping[str, tuple[int, str, str]]
    """Id, state and district by code."""
    items: Mapping[str, tuple[int, bool]]
    """Id, and whether it is offered, by code and by name."""
    districts: Mapping[int, Sequence[str]]
    """Districts of the companies that offer an item."""
    keys: Mapping[str, tuple[int, int]]
    """Elder and item of orders by their keys."""
    waiting: Sequence[tuple[int, int, datetime, datetime]]
    """Elder, item, due and placed at, of open orders."""


class OrdersImport:
    """Brings files of orders in."""

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], orders: Orders, zone: ZoneInfo) -> None:
        self._reading = reading
        self._clock = clock
        self._orders = orders
        self._zone = zone

    def run(self, path: Path, progress: Callable[[int], object] = lambda _rows: None) -> OrdersReport:
        """Place what a file asks for. The same file again places nothing twice.

        Raises UnreadableFile, MissingColumns and OSError before anything is placed.
        """
        rows = enumerate(open_table(path, times=True).rows, 1)
        columns = find_columns(next((cells or [] for _, cells in rows), []))
        report, seen = OrdersReport(), _Seen(set(), set())
        read = self._rows(rows, columns, report)
        while batch := list(islice(read, BATCH)):
            with self._reading() as session:
                known = _look_up(session, batch)
            for row in batch:
                before = len(report.bad)
                why = seen.of_file(row) or self._place(row, known, seen, report)
                if why and len(report.bad) == before:
                    report.bad.append(BadRow(row.number, row.reference, why))
            progress(len(batch))
        report.bad.sort(key=lambda each: each.row)
        return report

    def _rows(
        self, rows: Iterator[tuple[int, list[str] | None]], columns: Mapping[str, int], report: OrdersReport
    ) -> Iterator[_Row]:
        for number, cells in islice(rows, MOST_KEPT):
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            report.rows += 1
            reference = ""
            try:
                if cells is None:
                    raise Unfit("unreadable")  # noqa: TRY301  # All reasons go one way.
                given = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
                reference = "" if given["reference"] == SPOILT else given["reference"][:_LONGEST_REFERENCE]
                yield self._read(number, given)
            except Unfit as unfit:
                report.bad.append(BadRow(number, reference, unfit.why))

    def _read(self, number: int, given: Mapping[str, str]) -> _Row:
        """Read a row by itself. Raises Unfit."""
        reference, note = given["reference"], given.get("note", "")
        if SPOILT in (reference, given["elder"]):
            raise Unfit("spoilt")
        if not reference:
            raise Unfit("no_reference")
        if len(reference) > _LONGEST_REFERENCE:
            raise Unfit("long_reference")
        if len(note) > _LONGEST_NOTE:
            raise Unfit("long_note")
        flags = [bool(text) and yes_or_no(text) for text in (given.get("repeat", ""), given.get("anyway", ""))]
        return _Row(number, reference, given["elder"], given["item"], self._due(given.get("due", "")), note, *flags)

    def _due(self, text: str) -> datetime | None:
        if not text:
            return None
        found = _DUE.fullmatch(text)
        try:
            parts = [int(part) for part in found.groups()] if found else []
            # By way of UTC, so that a time which clocks leave out is the same moment by the old clock.
            return datetime(parts[0], parts[1], parts[2], parts[3], parts[4], tzinfo=self._zone).astimezone(UTC)
        except (ValueError, IndexError, OverflowError):
            raise Unfit("bad_due") from None

    def _place(self, row: _Row, known: _Known, seen: _Seen, report: OrdersReport) -> str:  # noqa: PLR0911  # One for each reason.
        """Place one row; give why not, if so."""
        now = self._clock()
        elder, item = known.elders.get(row.elder), known.items.get(row.item)
        if elder is None:
            return "no_elder"
        if item is None:
            return "no_item"
        before = known.keys.get(row.key)
        if before is not None:
            if before != (elder[0], item[0]):
                return "other_order"
            report.known += 1
            return ""
        why = _why_not(row, elder, item, known, now) or seen.doubled(row, elder[0], item[0])
        if why:
            return why
        try:
            self._orders.place(
                elder[0], item[0], key=row.key, source="import", due_at=row.due_at, note=row.note, actor="system",
                channel="job", place_anyway=row.anyway,
            )  # fmt: skip
        except DomainError as refused:
            report.bad.append(BadRow(row.number, row.reference, "refused", str(refused)))
            return "refused"
        report.placed += 1
        return ""


@dataclass
class _Seen:
    """What the rows above held."""

    references: set[str]
    orders: set[tuple[int, int, datetime | None]]

    def of_file(self, row: _Row) -> str:
        if row.reference in self.references:
            return "same_reference"
        self.references.add(row.reference)
        return ""

    def doubled(self, row: _Row, elder_id: int, item_id: int) -> str:
        order = (elder_id, item_id, row.due_at)
        if order in self.orders and not row.repeat:
            return "doubled"
        self.orders.add(order)
        return ""


def _why_not(  # noqa: PLR0911  # One return for each reason.
    row: _Row, elder: tuple[int, str, str], item: tuple[int, bool], known: _Known, now: datetime
) -> str:
    if elder[1] != "active":
        return "gone"
    if not item[1]:
        return "item_over"
    if row.due_at is not None and row.due_at < now - LATE:
        return "past"
    if row.due_at is not None and row.due_at > now + FARTHEST:
        return "far"
    if not row.anyway and not served(elder[2], known.districts.get(item[0], ())).served:
        return "not_served"
    if not row.repeat and any(
        (of, what) == (elder[0], item[0]) and (due == row.due_at if row.due_at else is_repeat(placed, now))
        for of, what, due, placed in known.waiting
    ):
        return "doubled"
    return ""


def _look_up(session: Session, batch: Sequence[_Row]) -> _Known:
    elders = {
        code: (elder_id, state, district)
        for elder_id, code, state, district in session.execute(
            select(Elder.id, Elder.code, Elder.state, Elder.district).where(
                Elder.code.in_({row.elder for row in batch})
            )
        )
    }
    items: dict[str, tuple[int, bool]] = {}
    for item_id, code, name, active in session.execute(
        select(ServiceItem.id, ServiceItem.code, ServiceItem.name, ServiceItem.active)
    ):
        items[code] = (item_id, active)
        items.setdefault(name, (item_id, active))
    districts: dict[int, list[str]] = {}
    query = select(CompanyItem.item_id, Company.districts).join(Company, Company.id == CompanyItem.company_id)
    for item_id, given in session.execute(query.where(Company.active)):
        districts.setdefault(item_id, []).append(given)
    keys = select(Order.key, Order.elder_id, Order.item_id).where(Order.key.in_([row.key for row in batch]))
    waiting = select(Order.elder_id, Order.item_id, Order.due_at, Order.created_at).where(
        Order.elder_id.in_([each[0] for each in elders.values()]), Order.state.in_([state.value for state in OPEN])
    )
    return _Known(
        elders, items, districts,
        {key: (elder_id, item_id) for key, elder_id, item_id in session.execute(keys)},
        [(of, what, due, placed) for of, what, due, placed in session.execute(waiting)],
    )  # fmt: skip

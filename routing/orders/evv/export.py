"""The six facts as CSV, for whoever checks visits: with a BOM, so that spreadsheets read it, and without formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from routing.orders.evv.facts import VisitFacts

BOM = "\ufeff"
COLUMNS = (
    "visit", "order", "service_type", "service_code", "recipient", "date", "place", "provider", "provider_code",
    "company", "begin", "end", "minutes", "counted_minutes", "begin_verified", "begin_from", "end_verified",
    "end_from", "substitute", "corrected", "exceptions", "tasks",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is run as a formula by spreadsheets (OWASP, CSV injection); some read the wide forms alike."""


class Mask(Protocol):
    """What a viewer may see of personal data."""

    def name(self, name: str, /) -> str:
        """A person's name."""

    def text(self, text: str | None, /) -> str | None:
        """Free text about a person."""


def csv_of(visits: Iterable[VisitFacts], mask: Mask, zone: ZoneInfo) -> Iterator[str]:
    """Write the visits line by line, the BOM and the names of the columns first."""
    yield BOM + _line(COLUMNS)
    for each in visits:
        yield _line(_row(each, mask, zone))


def safe(value: object) -> str:
    """Write a cell so that no spreadsheet runs it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(each: VisitFacts, mask: Mask, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        each.visit_id, each.order_number, each.service, each.service_code, mask.name(each.elder), each.day,
        mask.text(each.place), mask.name(each.worker), each.worker_code, each.company, _local(each.begin, zone),
        _local(each.end, zone), each.minutes, each.worked_minutes, _yes(each.in_verified), each.in_from,
        _yes(each.out_verified), each.out_from, _yes(each.instead), _yes(each.corrected), " ".join(each.exceptions),
        " ".join(each.tasks),
    )  # fmt: skip


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return line.getvalue()


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"

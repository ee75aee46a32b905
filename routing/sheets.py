"""Tables as sheets: XLSX, and CSV that Excel opens as it is (UTF-8 with a byte order mark).

No cell is ever a formula: what was typed as a name must not reckon or fetch anything on the machine of whoever opens
the file (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TITLE_MOST = 31
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True)
class Yuan:
    """An amount, in fen, that a sheet shows as yuan and can add up."""

    fen: int


@dataclass(frozen=True)
class Percent:
    """A share from 0 to 1 that a sheet shows in per cent, with one place."""

    share: float


Cell = str | int | float | date | Yuan | Percent | None
Rows = Sequence[Sequence[Cell]]


def csv_of(rows: Rows) -> bytes:
    """Write a CSV file."""
    out = StringIO(newline="")
    csv.writer(out).writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(sheets: Sequence[tuple[str, Rows]]) -> bytes:
    """Write a workbook with a sheet for each title and its rows."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for title, rows in sheets:
        _fill(book.create_sheet(title.translate(_NOT_IN_TITLES)[:_TITLE_MOST]), rows)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, rows: Rows) -> None:
    widths: dict[int, int] = {}
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column)
            if isinstance(cell, SheetCell):  # Cells that are merged into others are of another class.
                _put(cell, value)
            widths[column] = min(max(widths.get(column, 8), len(str(value)) * 2), 40)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.cell(1, 1).font = Font(bold=True)


def _put(cell: SheetCell, value: Cell) -> None:
    if isinstance(value, Yuan):
        cell.value, cell.number_format = value.fen / 100, "#,##0.00"
    elif isinstance(value, Percent):
        cell.value, cell.number_format = value.share, "0.0%"
    elif isinstance(value, str):
        cell.value = str(ILLEGAL_CHARACTERS_RE.sub("", value))  # What no workbook may hold.
        cell.data_type = "s"  # A text that begins with = would be a formula.
    else:
        cell.value = value


def _plain(cell: Cell) -> str:
    """Write a cell of a CSV; a text that a spreadsheet would reckon is marked as a text."""
    if cell is None:
        return ""
    if isinstance(cell, Yuan):
        sign = "-" if cell.fen < 0 else ""
        return f"{sign}{abs(cell.fen) // 100}.{abs(cell.fen) % 100:02d}"
    if isinstance(cell, Percent):
        return f"{100 * cell.share:.1f}%"
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)

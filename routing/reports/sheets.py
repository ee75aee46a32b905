"""A report as a workbook with a sheet for each table, or as one CSV file with its tables below each other."""

from __future__ import annotations

from collections.abc import Callable

from routing.reports.tables import Column, Kind, Report, Table, Value
from routing.sheets import Cell, Percent, Yuan, csv_of, xlsx_of

Say = Callable[[str, str], str]
"""Gives the word of a group for a code, in the language of whoever reads."""
FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def file_of(report: Report, form: str, say: Say) -> bytes:
    """Write a report as a file of this form, xlsx or csv."""
    if form == "csv":
        rows: list[list[Cell]] = []
        for table in report.tables:
            rows += [*([[]] if rows else []), [say("report_table", table.name)], *rows_of(table, say)]
        return csv_of(rows)
    return xlsx_of([(say("report_table", table.name), rows_of(table, say)) for table in report.tables])


def name_of(report: Report, form: str) -> str:
    """Give the file's name, which is the same in all languages."""
    return f"elderline-{report.name}-{report.first}-{report.last}.{form}"


def rows_of(table: Table, say: Say) -> list[list[Cell]]:
    """Give the rows of a sheet: the head, what happened, and the total."""
    rows: list[list[Cell]] = [[say("report_column", column.code) for column in table.columns]]
    rows += [_cells(row, table, say) for row in table.rows]
    if table.total is not None:
        rows.append([say("report", "total"), *_cells(table.total, table, say)[1:]])
    return rows


def shown(value: Value, column: Column, say: Say) -> str:
    """Write a value as a page, a picture or a mail does."""
    if value is None or value == "":
        return "–"
    if column.kind in (Kind.WORD, Kind.NAME):
        return _said(str(value), column, say)
    return str(value) if isinstance(value, str) else _number(value, column.kind)


def _said(value: str, column: Column, say: Say) -> str:
    if column.kind is Kind.WORD:
        return say(column.words, value)
    return column.english.get(value, value) if say("report", "tongue") == "English" else value


def _number(value: float, kind: Kind) -> str:
    match kind:
        case Kind.SHARE:
            return f"{100 * value:.1f}%"
        case Kind.FEN:
            return f"{'-' if value < 0 else ''}{abs(int(value)) // 100}.{abs(int(value)) % 100:02d}"
        case Kind.SECONDS:
            return f"{value:.1f}" if value < 60 else _long(round(value))
        case Kind.SCORE | Kind.RATE:
            return f"{value:.2f}" if kind is Kind.SCORE else f"{value:.1f}"
        case _:
            return str(value)


def _long(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _cells(row: tuple[Value, ...], table: Table, say: Say) -> list[Cell]:
    return [_cell(value, column, say) for value, column in zip(row, table.columns, strict=True)]


def _cell(value: Value, column: Column, say: Say) -> Cell:
    if value is None or isinstance(value, str):
        return _said(value, column, say) if value else value
    if column.kind is Kind.SHARE:
        return Percent(value)
    if column.kind is Kind.FEN:
        return Yuan(int(value))
    return round(value, 3) if isinstance(value, float) else value

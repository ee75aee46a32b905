"""The import itself: file to rows, rows to elders, elders in batches to the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import exists, or_, select

from db.elders_import.columns import Header, find_header
from db.elders_import.files import Table, UnreadableFile, open_table
from db.elders_import.report import FaultSheet, ImportReport, RowFault, fault_sheet
from db.elders_import.rows import ElderRow, Normalise, RowReader
from db.elders_import.writing import write_batch
from db.encryption import FieldCipher
from db.models import PayerClass, PayerRule
from db.session import UnitOfWork

BATCH = 50
"""Elders in one transaction: on SQLite calls wait for it, some 20 ms, and on a busy machine several times that."""
_HEADER_ROWS = 10

Progress = Callable[[int, int | None], object]
"""Is told how many rows were read since the last time, and about how many there are (None: not known)."""


def import_elders(
    path: Path,
    unit_of_work: UnitOfWork,
    cipher: FieldCipher,
    normalise: Normalise,
    *,
    progress: Progress = lambda _read, _about: None,
    report_path: Path | None = None,
    today: date | None = None,
    most_rows: int | None = None,
) -> ImportReport:
    """Bring the elders of a CSV or XLSX file in, matched by their registration number (code).

    Good rows go in, a batch at a time; each bad row is in the report, with all of its reasons. Importing a file again
    changes nothing. What is held in memory does not grow with the file: rows are read as they are written, codes seen
    and an XLSX file's shared texts are kept in temporary files, and `report_path` takes all faults as CSV where the
    report keeps the first thousand.

    `most_rows` bounds a file that a page takes: UnreadableFile when there are more.

    Raises UnreadableFile, MissingColumns and OSError before anything is written; UnreadableFile for an XLSX file that
    turns out to be damaged further down, and SQLAlchemyError if the database fails: the batches before that are in,
    and the import may be run again.
    """
    table = open_table(path)
    header, rows = _header(table)
    report = ImportReport(encoding=table.encoding, ignored_columns=header.ignored)
    today = today or date.today()  # noqa: DTZ011  # The day where the file was made.
    reader = RowReader(header, normalise, today, _payer_classes(unit_of_work, today))
    with fault_sheet(report_path) as sheet, _codes_seen() as seen:
        elders = _good_rows(rows, reader, _Notes(report, sheet), seen)
        before = 0
        while batch := list(islice(elders, BATCH)):
            with unit_of_work() as session:
                written = write_batch(session, cipher, batch)
            report.added += written.added
            report.changed += written.changed
            report.unchanged += written.unchanged
            progress(report.rows - before, table.about)
            before = report.rows
            if most_rows is not None and report.rows > most_rows:
                raise UnreadableFile(
                    f"超过 {most_rows} 行，请分成几个文件 / more than {most_rows} rows: split the file"
                )
        progress(report.rows - before, table.about)
    return report


def _payer_classes(unit_of_work: UnitOfWork, today: date) -> dict[str, str]:
    """Give the classes of payers that have a rule now or later, code by code and name."""
    still = (PayerRule.withdrawn_at.is_(None), or_(PayerRule.valid_to.is_(None), PayerRule.valid_to >= today))
    query = select(PayerClass).where(exists().where(PayerRule.payer_class == PayerClass.code, *still))
    with unit_of_work() as session:
        rows = session.scalars(query.order_by(PayerClass.code)).all()
        return {word.lower(): row.code for row in rows for word in (row.code, row.name)}


class _Notes:
    """Where faults go: to the report, and to the sheet as they are found."""

    def __init__(self, report: ImportReport, sheet: FaultSheet | None) -> None:
        self.report = report
        self._sheet = sheet

    def add(self, faults: list[RowFault]) -> None:
        for fault in faults:
            self.report.note(fault)
            if self._sheet is not None:
                self._sheet.write(fault)
        if any(not fault.taken for fault in faults):
            self.report.refused += 1


def _header(table: Table) -> tuple[Header, Iterator[tuple[int, list[str] | None]]]:
    """Give the header, and the rows below it with their numbers."""
    first = list(islice(table.rows, _HEADER_ROWS))
    header = find_header([row or [] for row in first])
    return header, ((at, row) for at, row in enumerate(chain(first, table.rows), 1) if at > header.row)


def _good_rows(
    rows: Iterator[tuple[int, list[str] | None]], reader: RowReader, notes: _Notes, seen: _Seen
) -> Iterator[ElderRow]:
    for number, cells in rows:
        if cells is None:
            notes.report.rows += 1
            notes.add([RowFault(number, "", "", "unreadable")])
            continue
        if not any(cell.strip() for cell in cells):
            continue  # Spreadsheets are full of empty rows.
        notes.report.rows += 1
        elder, faults = reader.read(number, cells)
        first = seen(elder.code, number) if elder is not None else None
        if elder is not None and first is not None:
            faults = [RowFault(number, "", elder.code, "duplicate", {"first": first})]
            elder = None
        notes.add(faults)
        if elder is not None:
            yield elder


_Seen = Callable[[str, int], int | None]
"""Remembers a code with its row; gives the row that had the code before, if one did."""


@contextmanager
def _codes_seen() -> Iterator[_Seen]:
    """Keep the codes of the file in a private temporary database, which SQLite puts on disk when it grows."""
    with closing(sqlite3.connect("", isolation_level=None)) as kept:
        kept.execute("CREATE TABLE seen (code TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        kept.execute("BEGIN")

        def seen(code: str, row: int) -> int | None:
            if kept.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (code, row)).rowcount:
                return None
            return int(kept.execute("SELECT row FROM seen WHERE code = ?", (code,)).fetchone()[0])

        yield seen

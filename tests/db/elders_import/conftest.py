"""Files of elders to import."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from db.elders_import import ImportReport, import_elders
from db.encryption import FieldCipher
from db.session import UnitOfWork
from routing.elders.entry import elders_number

Rows = Sequence[Sequence[object]]
HEADER = ("编号", "姓名", "性别", "出生日期", "电话")
WANG = ("L001", "王桂兰", "女", "1944-01-05", "09319000101")
LI = ("L002", "李守义", "男", "1948/3/2", "9319000102；14599990102")
Import = Callable[..., ImportReport]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows to a CSV file."""

    def to_csv(rows: Rows, encoding: str = "utf-8", delimiter: str = ",", name: str = "elders.csv") -> Path:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return to_csv


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[[Rows], Path]:
    """Writes rows to an XLSX file, cells with the types that they have."""

    def to_xlsx(rows: Rows) -> Path:
        book = Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(list(row))
        book.save(tmp_path / "elders.xlsx")
        return tmp_path / "elders.xlsx"

    return to_xlsx


@pytest.fixture
def bring_in(unit_of_work: UnitOfWork, cipher: FieldCipher) -> Import:
    """Imports a file, as `elderline import elders` does, on 2026-03-18 in Lanzhou."""

    def run(path: Path, report_path: Path | None = None) -> ImportReport:
        return import_elders(
            path, unit_of_work, cipher, elders_number("CN", "0931"), report_path=report_path, today=date(2026, 3, 18)
        )

    return run

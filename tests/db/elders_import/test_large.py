"""A large file does not fill memory."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from db.encryption import new_key

KEYS = new_key(), new_key()

_PEAK = """
def peak():
    with open("/proc/self/status") as status:  # Unlike rusage, it knows nothing of the process that started this one.
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
"""
_RUN = f"""{_PEAK}
import sys
from datetime import date
from pathlib import Path
from db.elders_import import import_elders
from db.encryption import FieldCipher
from db.session import make_engine, make_unit_of_work
cipher = FieldCipher(sys.argv[3], sys.argv[4])
work = make_unit_of_work(make_engine(sys.argv[2], cipher))
report = import_elders(Path(sys.argv[1]), work, cipher, lambda raw: "+86931" + raw[4:])
print(report.added, report.refused, peak())
"""


def _write(path: Path, rows: int, door: int = 301) -> None:
    with path.open("w", encoding="gbk") as file:
        file.write("编号,姓名,性别,出生日期,电话,地址,健康状况\n")
        for at in range(rows):
            born = "1944-01-05" if at % 10 else "某年"  # One row in ten is bad.
            file.write(f"L{at:07d},王桂兰,女,{born},0931{2_000_000 + at},清水湾街道{at}号院二单元{door}室,高血压\n")


def _import(path: Path, url: str) -> tuple[int, int, int]:
    out = subprocess.run(
        [sys.executable, "-c", _RUN, path, url, *KEYS], check=True, capture_output=True, text=True
    ).stdout
    added, refused, kilobytes = map(int, out.split())
    return added, refused, kilobytes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, sqlite_url: str) -> None:
    """100,000 rows with 10,000 bad ones take hardly more memory than 2,000 rows. (Held: 1,000 faults, one batch.)"""
    _write(tmp_path / "small.csv", 2_000)
    _write(tmp_path / "large.csv", 100_000)
    assert _import(tmp_path / "small.csv", sqlite_url)[:2] == (1_800, 200)
    _write(tmp_path / "again.csv", 2_000, door=302)
    small = _import(tmp_path / "again.csv", sqlite_url)[2]  # Again, so that both find elders to compare and to change.
    added, refused, large = _import(tmp_path / "large.csv", sqlite_url)
    assert (added, refused) == (100_000 - 10_000 - 1_800, 10_000)
    assert large - small < 30_000  # Kilobytes; the rows alone, held as objects, would be some 100,000.


_READ = f"""{_PEAK}
import sys
from pathlib import Path
from db.elders_import.files import open_table
rows = sum(len(row[0]) == 500 for row in open_table(Path(sys.argv[1])).rows)
print(rows, peak())
"""
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def _write_xlsx(path: Path, rows: int) -> None:
    """A workbook with a different text of 500 characters in each row, all in its table of shared texts."""
    book = Workbook()
    assert book.active is not None
    book.active.append(["text"])
    book.save(path.with_suffix(".small"))
    cells = "".join(f'<row r="{at + 1}"><c r="A{at + 1}" t="s"><v>{at}</v></c></row>' for at in range(rows))
    texts = "".join(f"<si><t>{at:06d}{'街' * 494}</t></si>" for at in range(rows))
    with zipfile.ZipFile(path.with_suffix(".small")) as small:
        types = small.read("[Content_Types].xml").decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    parts = {
        "[Content_Types].xml": types.replace("</Types>", part),
        "xl/worksheets/sheet1.xml": f"<worksheet {_MAIN}><sheetData>{cells}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {_MAIN}>{texts}</sst>",
    }
    with zipfile.ZipFile(path.with_suffix(".small")) as small, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in {*small.namelist(), *parts}:
            file.writestr(name, parts.get(name) or small.read(name), compresslevel=1)


def _read(path: Path) -> tuple[int, int]:
    out = subprocess.run([sys.executable, "-c", _READ, path], check=True, stdout=subprocess.PIPE, text=True).stdout
    rows, kilobytes = map(int, out.split())
    return rows, kilobytes


@pytest.mark.slow
def test_memory_does_not_grow_with_the_texts_of_a_workbook(tmp_path: Path) -> None:
    """A register of a million elders has three million different texts: half a gigabyte, were they all held."""
    _write_xlsx(tmp_path / "small.xlsx", 1_000)
    _write_xlsx(tmp_path / "large.xlsx", 80_000)
    rows, small = _read(tmp_path / "small.xlsx")
    assert rows == 1_000
    rows, large = _read(tmp_path / "large.xlsx")
    assert rows == 80_000
    assert large - small < 40_000  # Kilobytes; the texts alone, held as Python's, would be 85,000.

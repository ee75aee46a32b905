"""Reading a CSV or XLSX file row by row, whatever its encoding, without holding it in memory."""

from __future__ import annotations

import codecs
import csv
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl.utils.exceptions import InvalidFileException

from db.elders_import.workbook import open_workbook

SPOILT = "\ufffdNUMBER"
"""Stands for a number that a spreadsheet stored with fewer digits than it had: an identity number typed as a number."""
_EXACT = 2**53  # Whole numbers up to here survive in the floating point of a spreadsheet.
_XLS = bytes.fromhex("d0cf11e0a1b11ae1")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 20


class UnreadableFile(ValueError):
    """The file is no table that we can read; the text says why and what to do."""


@dataclass(frozen=True)
class Table:
    """An open table. `rows` gives each row as texts, and None for a row that cannot be read."""

    rows: Iterator[list[str] | None]
    about: int | None
    """About how many rows; None: not known."""
    encoding: str


def open_table(path: Path, *, times: bool = False) -> Table:
    """Open a file by what it is, not by how it is called; `times`: instants in a workbook keep their time of day.

    Raises UnreadableFile and OSError.
    """
    with path.open("rb") as file:
        first = file.read(8)
    if first.startswith(b"PK"):
        return _xlsx(path, times)
    if first == _XLS:
        raise UnreadableFile(
            "这是旧版 Excel 文件 (.xls)，请另存为 .xlsx 或 CSV / an old Excel file; save it as .xlsx or CSV"
        )
    if not first:
        raise UnreadableFile("文件是空的 / the file is empty")
    encoding, lines = _encoding(path)
    return Table(_csv(path, encoding), lines, encoding)


def _encoding(path: Path) -> tuple[str, int]:
    """Find the encoding by strict trial, and count the lines.

    In this order: a byte order mark tells; else UTF-8 if the whole file is valid; else GB18030, which holds GBK and
    GB2312, if the whole file is valid. Chinese text in GBK is hardly ever valid UTF-8, so the order decides surely,
    where guessing by frequency mistakes short columns of names for Big5 or Japanese.
    """
    with path.open("rb") as file:
        start = file.read(4)
    marked = next((name for mark, name in _BOMS if start.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        lines = 0
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    lines += decoder.decode(chunk).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, lines
    raise UnreadableFile("文件编码既不是 UTF-8 也不是 GBK/GB18030 / the file is neither UTF-8 nor GBK/GB18030")


def _csv(path: Path, encoding: str) -> Iterator[list[str] | None]:
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(1 << 16)
        delimiter = max(",\t;", key=line.count)
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield None


def _xlsx(path: Path, times: bool) -> Table:
    file = path.open("rb")
    try:
        book = open_workbook(file)
        sheet = book.worksheets[0]
    except (InvalidFileException, zipfile.BadZipFile, SyntaxError, LookupError, ValueError, OSError) as error:
        file.close()
        raise UnreadableFile(
            "无法打开这个 Excel 文件，可能已损坏或加密 / the workbook is damaged or encrypted"
        ) from error
    about = sheet.max_row
    sheet.reset_dimensions()  # Some programs write wrong ones, and rows beyond them would be lost.

    def rows() -> Iterator[list[str] | None]:
        at = 0
        try:
            for row in sheet.iter_rows(values_only=True):
                yield [_text(value, times) for value in row]
                at += 1
        except (zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, ValueError, KeyError, IndexError) as error:
            raise UnreadableFile(
                f"这个 Excel 文件在第 {at} 行之后损坏，请重新保存后再导入 / the workbook is damaged after row {at}; "
                "save it anew and import it again"
            ) from error
        finally:
            book.close()
            file.close()

    return Table(rows(), about, "xlsx")


def _text(value: Any, times: bool) -> str:
    """Write a cell as whoever typed it would: whole numbers without a point, days as 1944-01-05."""
    match value:
        case None:
            text = ""
        case bool():
            text = "1" if value else "0"
        case int() | float() if abs(value) >= _EXACT:
            text = SPOILT
        case float() if value.is_integer():
            text = str(int(value))
        case datetime() if times:
            text = value.isoformat(" ", "minutes")
        case datetime():
            text = value.date().isoformat()
        case date():
            text = value.isoformat()
        case _:
            text = str(value)
    return text

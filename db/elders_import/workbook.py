"""XLSX workbooks of any length: their table of shared texts is kept on disk, where openpyxl would hold all of it."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any
from xml.etree.ElementTree import Element

from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

_ITEM, _TEXT, _RUN = f"{{{SHEET_MAIN_NS}}}si", f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r"
_PLACE = struct.Struct("<QQ")
_OFTEN = 4096
"""Texts that are kept at hand: a register says 女 and 高血压 in every other row."""


def open_workbook(file: IO[bytes]) -> Workbook:
    """Open a workbook for reading from the top. Raises what openpyxl raises for a file that is none.

    An open file and no path: of a path openpyxl looks at the name, and refuses a workbook that is called otherwise.
    """
    reader = _Reader(file, read_only=True, data_only=True)
    reader.read()
    return reader.wb


class _Reader(ExcelReader):
    """openpyxl's reader, with a table of shared texts of ours."""

    def read_strings(self) -> None:
        """Take the shared texts, if there are any (a workbook may have each text in its own cell instead)."""
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]  # The stubs leave it out.
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = SharedTexts(source)  # type: ignore[assignment]  # Read by number only.


class SharedTexts:
    """The texts of ``sharedStrings.xml`` by number, in temporary files that are gone with the process.

    A million elders have some three million different texts, which take 0.5 GB as Python's strings. Here only the few
    thousand read last are held.
    """

    def __init__(self, source: IO[bytes]) -> None:
        """Read them all from the part's XML. Raises xml.etree.ElementTree.ParseError."""
        self._texts = tempfile.TemporaryFile()  # noqa: SIM115  # Both close with this object.
        self._places = tempfile.TemporaryFile()  # noqa: SIM115
        self._count = at = 0
        for text in _texts(source):
            raw = text.encode()
            self._texts.write(raw)
            self._places.write(_PLACE.pack(at, len(raw)))
            at += len(raw)
            self._count += 1
        self._texts.flush()
        self._places.flush()
        self._get = lru_cache(_OFTEN)(self._read)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> str:
        """Give one text. Raises IndexError."""
        if not 0 <= number < self._count:
            raise IndexError(f"there is no shared text {number}")
        return self._get(number)

    def _read(self, number: int) -> str:
        place = os.pread(self._places.fileno(), _PLACE.size, number * _PLACE.size)
        at, length = _PLACE.unpack(place)
        return os.pread(self._texts.fileno(), length, at).decode()


def _texts(source: IO[bytes]) -> Iterator[str]:
    events: Iterator[tuple[str, Any]] = iterparse(source, events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.tag == _ITEM:
            yield _content(element).replace("x005F_", "")  # As openpyxl undoes the escape of an underscore.
            root.clear()  # Else the tree of all texts would stand in memory in the end.


def _content(item: Element) -> str:
    """Give the text of an item: plain, or in runs of different looks; what tells how to say it aloud is left out."""
    parts = [item.find(_TEXT), *(run.find(_TEXT) for run in item.findall(_RUN))]
    return "".join(part.text or "" for part in parts if part is not None)

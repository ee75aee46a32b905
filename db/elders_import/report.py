"""What an import did, and each row that it did not take, in Chinese and English. No personal data in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

MAX_KEPT = 1_000
"""Faults kept in memory; all of them are in the report's file, if there is one."""

_REASONS = {
    "empty": ("必填，但是空的", "must be given, but is empty"),
    "too_long": ("太长，最多 {limit} 个字", "too long, at most {limit} characters"),
    "unreadable": ("这一行无法读取", "the row cannot be read"),
    "code_personal": ("编号不能是身份证号或手机号，因为编号不加密",
                      "a code is stored unencrypted: no identity or phone number"),
    "duplicate": ("编号与第 {first} 行相同；采用第 {first} 行", "the same code as row {first}; row {first} was taken"),
    "date": ("日期应写成 1944-01-05，并且不晚于今天", "must be a date like 1944-01-05, not after today"),
    "identity": ("身份证号不正确（位数、日期或校验码）", "no valid identity number (length, date or check digit)"),
    "spoilt": ("表格软件改动了这个长数字，请把该列设为文本后重填",
                "the spreadsheet spoilt this number; make the column text"),
    "phone": ("不是电话号码", "is not a phone number"),
    "no_phone": ("没有电话，也没有联系人电话", "neither a phone nor a contact with one"),
    "yes_no": ("应填“是”或“否”", "must be yes or no"),
    "choice": ("应为其中之一：{choices}", "must be one of: {choices}"),
    "rest": ("休息时间应写成 12:30-14:00，最多 8 小时", "hours of rest are written as 12:30-14:00, 8 hours at most"),
    "coordinate": ("不是经纬度", "is not a coordinate in degrees"),
    "many": ("太多，最多 {limit} 个", "too many, at most {limit}"),
    "contact": ("联系人要有姓名和正确的电话；老人已导入，此联系人没有",
                "a contact needs a name and a valid phone; left out"),
}  # fmt: skip


@dataclass(frozen=True)
class RowFault:
    """Why a row, or a contact in it, was not taken."""

    row: int
    """As the spreadsheet counts: the first is 1."""
    column: str
    """The header in the file; empty: the whole row."""
    code: str
    """Registration number, empty if that is what is wrong."""
    why: str
    """Key of the reason."""
    values: dict[str, Any] = field(default_factory=dict)
    """For the sentence: limits, row numbers and choices, never what the cell held."""
    taken: bool = False
    """The elder went in all the same."""

    def reason(self, language: str = "zh-CN") -> str:
        """Say why, in ``zh-CN`` or ``en``."""
        return _REASONS[self.why][0 if language.startswith("zh") else 1].format(**self.values)


@dataclass
class ImportReport:
    """The outcome of an import. Counts are of rows; `faults` holds the first thousand."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    encoding: str = ""
    ignored_columns: tuple[str, ...] = ()
    fault_count: int = 0
    faults: list[RowFault] = field(default_factory=list)

    def note(self, fault: RowFault) -> None:
        self.fault_count += 1
        if len(self.faults) < MAX_KEPT:
            self.faults.append(fault)

    def summary(self, language: str = "zh-CN") -> str:
        """Say in one sentence what was done."""
        if language.startswith("zh"):
            done = f"新增 {self.added}，更新 {self.changed}，无变化 {self.unchanged}，未导入 {self.refused}"
            return f"共 {self.rows} 行：{done}"
        return (
            f"{self.rows} rows: {self.added} added, {self.changed} changed, {self.unchanged} unchanged, "
            f"{self.refused} not taken"
        )


class FaultSheet:
    """The report as a CSV file that spreadsheets open rightly: one line for each fault, written as it is found."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(("行 row", "列 column", "编号 code", "原因", "reason", "已导入 taken"))

    def write(self, fault: RowFault) -> None:
        self._writer.writerow(
            (fault.row, _harmless(fault.column), _harmless(fault.code), fault.reason("zh-CN"), fault.reason("en"),
             "是 yes" if fault.taken else "否 no")
        )  # fmt: skip


@contextmanager
def fault_sheet(path: Path | None) -> Iterator[FaultSheet | None]:
    """Open the sheet at `path`, if any; with a byte order mark, without which Excel takes UTF-8 for GBK."""
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        yield FaultSheet(file)


def _harmless(text: str) -> str:
    """Keep a spreadsheet from computing what a file brought along."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

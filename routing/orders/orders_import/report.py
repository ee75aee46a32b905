"""What an import of orders did, and each row that it did not take: what is wrong, and what to do. No personal data."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MOST_KEPT = 100_000
"""Rows that are told; a file of more is no file of orders, and ends there."""

REASONS = {
    "unreadable": (
        "这一行无法读取，请重新填写",
        "the row cannot be read; write it anew",
    ),
    "no_reference": (
        "没有外部单号，请填一个不重复的",
        "there is no reference; give one that nothing else has",
    ),
    "long_reference": (
        "外部单号超过 80 个字，请改短",
        "the reference has more than 80 characters; shorten it",
    ),
    "spoilt": (
        "表格软件改动了长数字，请把该列设为文本后重填",
        "the spreadsheet spoilt this number; make the column text",
    ),
    "same_reference": (
        "外部单号与前面的行相同，请改用新的或删去",
        "an earlier row has this reference; give another or drop the row",
    ),
    "other_order": (
        "这个外部单号以前下过别的单，请改用新的",
        "this reference was another order before; give a new one",
    ),
    "no_elder": (
        "没有这个编号的老人，请先登记或改正编号",
        "there is no elder with this code; register them or correct the code",
    ),
    "gone": (
        "老人不在册（去世、注销或迁出），有误请先改档案",
        "the elder has died or is not registered any more; correct the record first if that is wrong",
    ),
    "no_item": (
        "没有这个服务项目，请填项目代码或名称",
        "there is no such item; give its code or name",
    ),
    "item_over": (
        "这个项目已经不提供，请换一个",
        "this item is not offered any more; choose another",
    ),
    "bad_due": (
        "上门时间应写成 2026-03-04 11:30，或不填",
        "write the time as 2026-03-04 11:30, or leave it empty",
    ),
    "past": (
        "上门时间已过，请改成以后的时间",
        "the time is past; give one to come",
    ),
    "far": (
        "上门时间在一年以后，请看看年份",
        "the time is more than a year away; look at the year",
    ),
    "not_served": (
        "没有服务商服务这位老人的街道，请在“仍然下单”列填“是”由班长处理",
        "no company serves this place; say yes under 'place anyway' and a supervisor finds one",
    ),
    "doubled": (
        "同一位老人同一项目同一时间已有单，真要两份请在“再要一份”列填“是”",
        "the same elder has the same at the same time; say yes under 'repeat' if two are wanted",
    ),
    "long_note": (
        "备注超过 2000 个字，请改短",
        "the note has more than 2000 characters; shorten it",
    ),
    "yes_no": (
        "应填“是”或“否”",
        "must be yes or no",
    ),
    "refused": (
        "系统没有接受，请看说明",
        "it was refused; see the reason",
    ),
}
"""Key of a reason, and its sentence in Chinese and English."""


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken. `row` is as spreadsheets count; `reference` is empty if that is what is wrong."""

    row: int
    reference: str
    why: str
    detail: str = ""

    def reason(self, language: str = "zh-CN") -> str:
        said = REASONS[self.why][0 if language.startswith("zh") else 1]
        return f"{said} {self.detail}".strip()


@dataclass
class OrdersReport:
    """The outcome: orders placed, rows that were placed before, and the rows that were not taken."""

    rows: int = 0
    placed: int = 0
    known: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Count the bad rows by reason."""
        return Counter(each.why for each in self.bad)

    def summary(self) -> str:
        """Say what was done, in both languages."""
        return (
            f"共 {self.rows} 行：下单 {self.placed}，以前已下单 {self.known}，未下单 {len(self.bad)}\n"
            f"{self.rows} rows: {self.placed} placed, {self.known} placed before, {len(self.bad)} not taken"
        )


def write_report(path: Path, bad: Iterable[BadRow]) -> None:
    """Write the bad rows as CSV, with the byte order mark without which Excel takes UTF-8 for GBK."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("行 row", "外部单号 reference", "原因和做法", "what is wrong and what to do"))
        for each in bad:
            harmless = f"'{each.reference}" if each.reference.startswith(("=", "+", "-", "@", "\t")) else each.reference
            writer.writerow((each.row, harmless, each.reason("zh-CN"), each.reason("en")))

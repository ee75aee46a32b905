"""A statement as a sheet: XLSX, and CSV that Excel opens as it is (UTF-8 with a byte order mark).

No cell is ever a formula: what was typed as a name must not reckon or fetch anything on the machine of whoever opens
the file (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from routing.orders.pricing.policy import Unit
from routing.orders.pricing.statements import Statement, StatementLine, Totals, totals_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_STATES = {"done": "已完成", "rated": "已评价", "closed": "已结束", "disputed": "有争议"}
_CAUSES = {"placed": "下单占用", "settled": "按实际时长退回", "released": "取消退回"}


@dataclass(frozen=True)
class Yuan:
    """An amount, in fen, that a sheet shows as yuan and can add up."""

    fen: int


Cell = str | int | date | Yuan
Name = Callable[[str], str]
"""Shows a person's name to whoever reads: whole or masked."""


def as_csv(statement: Statement, name: Name) -> bytes:
    """Write a statement as CSV."""
    out = StringIO(newline="")
    csv.writer(out).writerows([_plain(cell) for cell in row] for row in rows_of(statement, name))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(statement: Statement, name: Name) -> bytes:
    """Write a statement as a workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    if sheet is None:  # openpyxl makes one; its types do not know.
        sheet = book.create_sheet()
    sheet.title = statement.month
    widths: dict[int, int] = {}
    for at, row in enumerate(rows_of(statement, name), start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(at, column)
            if isinstance(value, Yuan):
                cell.value, cell.number_format = value.fen / 100, "#,##0.00"
            elif isinstance(value, str):
                cell.value = _printable(value)
                cell.data_type = "s"  # A text that begins with = would be a formula.
            else:
                cell.value = value
            widths[column] = min(max(widths.get(column, 8), len(str(value)) * 2), 40)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.cell(1, 1).font = Font(bold=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(statement: Statement, name: Name) -> list[list[Cell]]:
    """Give the rows of the sheet: the head, what counts with its sums, what is disputed, and an elder's quotas."""
    of_company = statement.whose == "company"
    title = statement.name if of_company else name(statement.name)
    rows: list[list[Cell]] = [["服务商月结单" if of_company else "老人月结单", title, statement.code, statement.month]]
    rows += [[], *_table(statement.lines, statement.totals, of_company, name)]
    if statement.disputed:
        rows += [[], ["有争议（不计入合计）"]]
        rows += _table(statement.disputed, totals_of(statement.disputed), of_company, name)
    for quota in statement.quotas:
        rows += [[], ["本月额度", quota.payer_class, "已用（元）", Yuan(quota.taken_fen)]]
        rows += [
            [line.order_number, _CAUSES.get(line.cause, line.cause), Yuan(line.amount_fen)] for line in quota.lines
        ]
    return rows


def _table(lines: Sequence[StatementLine], sums: Totals, of_company: bool, name: Name) -> list[list[Cell]]:
    who: list[Cell] = ["老人编号", "老人"] if of_company else ["服务商"]
    money: list[Cell] = ["价格（元）", "补贴（元）", "老人自付（元）"]
    money += ["应得合计（元）", "其中财政支付（元）"] if of_company else []
    head: list[Cell] = ["单号", "日期", "服务", "数量", *who, "状态", *money]
    body: list[list[Cell]] = []
    for line in lines:
        person: list[Cell] = [line.elder_code, name(line.elder_name)] if of_company else [line.company]
        body.append(
            [line.number, line.day, line.item, _quantity(line), *person, _STATES.get(line.state, line.state),
             *_money(line, of_company)]
        )  # fmt: skip
    blank: list[Cell] = [""] * (len(who) + 2)
    return [head, *body, ["合计", f"{sums.orders} 单", *blank, "", *_money(sums, of_company)]]


def _money(of: StatementLine | Totals, of_company: bool) -> list[Cell]:
    cells: list[Cell] = [Yuan(of.price_fen), Yuan(of.subsidy_fen), Yuan(of.pays_fen)]
    return [*cells, Yuan(of.owed_fen), Yuan(of.fund_fen)] if of_company else cells


def _quantity(line: StatementLine) -> str:
    return f"{line.quantity / 60:g} 小时" if line.unit == Unit.HOUR.value else f"{line.quantity} 次"


def _plain(cell: Cell) -> str:
    """Write a cell of a CSV; a text that a spreadsheet would reckon is marked as a text."""
    if isinstance(cell, Yuan):
        sign = "-" if cell.fen < 0 else ""
        return f"{sign}{abs(cell.fen) // 100}.{abs(cell.fen) % 100:02d}"
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _printable(text: str) -> str:
    """Leave out what no workbook may hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))

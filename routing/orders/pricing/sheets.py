"""A statement as a sheet: XLSX, and CSV that Excel opens as it is. No cell is ever a formula (routing/sheets.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from routing.orders.pricing.policy import Unit
from routing.orders.pricing.statements import Statement, StatementLine, Totals, totals_of
from routing.sheets import Cell, Yuan, csv_of, xlsx_of

__all__ = ["Yuan", "as_csv", "as_xlsx", "rows_of"]

_STATES = {"done": "已完成", "rated": "已评价", "closed": "已结束", "disputed": "有争议"}
_CAUSES = {"placed": "下单占用", "settled": "按实际时长退回", "released": "取消退回"}


Name = Callable[[str], str]
"""Shows a person's name to whoever reads: whole or masked."""


def as_csv(statement: Statement, name: Name) -> bytes:
    """Write a statement as CSV."""
    return csv_of(rows_of(statement, name))


def as_xlsx(statement: Statement, name: Name) -> bytes:
    """Write a statement as a workbook of one sheet."""
    return xlsx_of([(statement.month, rows_of(statement, name))])


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

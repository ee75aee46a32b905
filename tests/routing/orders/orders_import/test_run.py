"""Ten thousand orders from a file, with every kind of error: good rows once, each bad one told."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from db.demo import DEMO
from db.demo_people import ELDERS
from db.elders_import import MissingColumns
from db.elders_import.files import SPOILT
from db.models import Company, CompanyItem, Elder, Order, ServiceItem
from routing.orders.orders_import.report import REASONS, write_report
from routing.orders.orders_import.run import OrdersImport
from routing.orders.service import Orders
from tests.routing.town import MORNING, ZONE, Town

HEADER = ["外部单号", "老人编号", "服务项目", "上门时间", "备注", "再要一份", "仍然下单"]
WANG = DEMO.wang.code
ROWS = 10_000
EVERY = 20
"""One row of so many is good: the others have what can be wrong."""


def importer(town: Town) -> OrdersImport:
    orders = Orders(
        town.unit_of_work, town.reading, town.clock, lambda _: None, lambda _: None, notices=town.notices
    )  # fmt: skip
    return OrdersImport(town.reading, town.clock, orders, ZONE)


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def prepared(town: Town) -> None:
    """Somebody has died, something is over, and nobody bathes."""
    with town.unit_of_work() as session:
        session.scalars(select(Elder).where(Elder.code == DEMO.quiet.code)).one().state = "deceased"
        session.scalars(select(ServiceItem).where(ServiceItem.code == "repair")).one().active = False
        bathing = session.scalars(select(ServiceItem.id).where(ServiceItem.code == "bathing")).one()
        for company in session.scalars(select(Company).join(CompanyItem).where(CompanyItem.item_id == bathing)):
            company.districts = "天涯"


def bad_rows(at: int) -> dict[str, list[str]]:
    """A row of each kind of error, by the reason that it shall get; `at` makes their references differ."""

    def row(
        reference: str, elder: str = WANG, item: str = "meal", due: str = "2026-06-01 08:00", *rest: str
    ) -> list[str]:
        return [f"{reference}-{at}" if reference else "", elder, item, due, *rest]

    return {
        "no_reference": row(""), "long_reference": row("x" * 90), "spoilt": [SPOILT, WANG, "meal", ""],
        "no_elder": row("n1", "NOBODY"), "gone": row("n2", DEMO.quiet.code), "no_item": row("n3", item="飞行"),
        "item_over": row("n4", item="repair"), "bad_due": row("n5", due="2026-02-30 11:30"),
        "past": row("n6", due="2026-03-03 11:30"), "far": row("n7", due="2999-01-01 11:30"),
        "not_served": row("n8", item="助浴"), "long_note": row("n9", WANG, "meal", "", "长" * 2_001),
        "yes_no": row("n10", WANG, "meal", "", "", "大概"), "doubled": row("n11", due="2026-03-05 10:00"),
        "same_reference": ["good-0", WANG, "meal", "2026-03-20 10:00"],
    }  # fmt: skip


def test_ten_thousand_rows_with_every_kind_of_error(town: Town, tmp_path: Path) -> None:
    prepared(town)
    due = datetime(2026, 3, 5, 10, tzinfo=ZONE)
    alive = [each.code for each in ELDERS if each.code != DEMO.quiet.code]
    rows: list[list[str]] = []
    expected: Counter[str] = Counter()
    good = 0
    while len(rows) < ROWS:
        at = len(rows)
        if at % EVERY == 0:
            when = due + timedelta(hours=good // len(alive))
            elder = WANG if good == 0 else alive[good % len(alive)]
            rows.append([f"good-{good}", elder, "送餐", f"{when:%Y/%m/%d %H:%M}", "少盐"])
            good += 1
            continue
        kinds = list(bad_rows(at).items())
        why, row = kinds[at % len(kinds)]
        expected[why] += 1
        rows.append(row)
    path = written(tmp_path / "orders.csv", rows)
    done = importer(town).run(path)
    repeated = done.counts()["doubled"] - expected["doubled"]
    assert repeated in (0, 1), "the first row may meet its own elder once more"
    assert done.rows == ROWS
    assert done.placed == good - repeated
    assert {why: count for why, count in done.counts().items() if why != "doubled"} == {
        why: count for why, count in expected.items() if why != "doubled"
    }
    assert len(town.rows(Order)) == done.placed
    again = importer(town).run(path)
    assert (again.placed, again.known) == (0, done.placed), "the same file again places nothing"
    assert len(town.rows(Order)) == done.placed
    report = tmp_path / "report.csv"
    write_report(report, done.bad)
    lines = list(csv.reader(report.open(encoding="utf-8-sig")))
    assert len(lines) == 1 + len(done.bad) == 1 + ROWS - done.placed
    assert all(line[2] and line[3] for line in lines), "each says what is wrong and what to do"


def test_a_reference_of_another_order_and_an_order_that_waits_already(town: Town, tmp_path: Path) -> None:
    placed = importer(town).run(written(tmp_path / "a.csv", [["r1", WANG, "meal", "2026-03-05 10:00"]]))
    assert placed.placed == 1
    rows = [
        ["r1", WANG, "cleaning", "2026-03-05 10:00"], ["r2", WANG, "meal", "2026-03-05 10:00"],
        ["r3", WANG, "meal", "2026-03-05 10:00", "", "是"], ["r4", WANG, "meal", "", "", "", "是"],
    ]  # fmt: skip
    done = importer(town).run(written(tmp_path / "b.csv", rows))
    assert [each.why for each in done.bad] == ["other_order", "doubled", "doubled"]
    assert done.placed == 1
    orders = town.rows(Order)
    assert {order.source for order in orders} == {"import"}
    assert {order.due_at for order in orders} == {datetime(2026, 3, 5, 10, tzinfo=ZONE)}
    assert town.dispatch.sweep() == 2, "the sweep offers them"


def test_a_workbook_keeps_its_times_and_a_file_without_columns_says_which(town: Town, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Reference", "Elder code", "Item", "Due"])
    sheet.append(["x1", WANG, "meal", (MORNING + timedelta(days=1)).replace(tzinfo=None)])
    book.save(tmp_path / "orders.xlsx")
    assert importer(town).run(tmp_path / "orders.xlsx").placed == 1
    assert town.rows(Order)[0].due_at == MORNING + timedelta(days=1)
    (tmp_path / "no.csv").write_text("姓名,电话\n", encoding="utf-8")
    with pytest.raises(MissingColumns, match="外部单号"):
        importer(town).run(tmp_path / "no.csv")


def test_every_reason_says_what_to_do() -> None:
    assert all(len(pair) == 2 and all(pair) for pair in REASONS.values())

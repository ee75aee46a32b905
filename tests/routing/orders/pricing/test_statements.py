"""Monthly statements: what counts in which month, what is disputed, and sheets that reckon nothing."""

from __future__ import annotations

import csv
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from db.demo import DEMO
from db.models import Elder
from routing.errors import Invalid, NotFound
from routing.orders.commands import Dispute
from routing.orders.pricing.sheets import as_csv, as_xlsx
from routing.orders.pricing.statements import Statement, first_of
from routing.orders.views import OrderView
from tests.routing.town import ZONE, Town


def company_of(town: Town, order: OrderView) -> Statement:
    assert order.company_id is not None
    return town.statements.of_company(order.company_id, "2026-03")


def test_a_company_is_owed_what_was_done_and_what_is_disputed_stands_apart(any_town: Town) -> None:
    free, paid = any_town.served(), any_town.served(DEMO.couple[0])
    assert free.company_id == paid.company_id
    disputed = any_town.served(DEMO.quiet)
    assert disputed.company_id == free.company_id
    any_town.orders.carry_out(disputed.id, Dispute(), actor="user:1", channel="desk", reason="not well")
    any_town.place(key="not done yet")
    drawn = company_of(any_town, free)
    assert [line.order_id for line in drawn.lines] == [free.id, paid.id]
    assert [line.order_id for line in drawn.disputed] == [disputed.id]
    sums = drawn.totals
    assert (sums.orders, sums.price_fen, sums.subsidy_fen, sums.pays_fen) == (2, 3000, 1500, 1500)
    assert (sums.owed_fen, sums.fund_fen) == (3000, 1500)


def test_an_elder_sees_the_month_and_its_quota(any_town: Town) -> None:
    order = any_town.served()
    cancelled = any_town.place(key="cancelled")
    any_town.orders.cancel(cancelled.id, actor="user:1", channel="desk", reason="")
    drawn = any_town.statements.of_elder(order.elder_id, "2026-03")
    assert [line.number for line in drawn.lines] == [order.number]
    (quota,) = drawn.quotas
    assert (quota.payer_class, quota.taken_fen) == ("assisted", 1500)
    assert [(line.cause, line.amount_fen) for line in quota.lines] == [
        ("placed", 1500), ("placed", 1500), ("released", -1500),
    ]  # fmt: skip


def test_the_month_is_the_local_one_in_which_the_visit_ended(town: Town) -> None:
    town.clock.now = datetime(2026, 3, 31, 23, 10, tzinfo=ZONE)  # 40 minutes later it is 23:50, in UTC 15:50.
    march = town.served()
    town.clock.now = datetime(2026, 3, 31, 23, 30, tzinfo=ZONE)
    april = town.served(DEMO.couple[0])
    assert [line.order_id for line in company_of(town, march).lines] == [march.id]
    assert april.company_id is not None
    after = town.statements.of_company(april.company_id, "2026-04")
    assert [line.order_id for line in after.lines] == [april.id]


def test_a_dispute_about_a_visit_that_never_was_stands_in_its_month(town: Town) -> None:
    order = town.accept(town.place())
    town.orders.carry_out(order.id, Dispute(), actor="user:1", channel="desk", reason="not well")
    drawn = company_of(town, order)
    assert (drawn.lines, [line.order_id for line in drawn.disputed]) == ((), [order.id])


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "", "2026-03-01", "march", "202-003", "２０２６-03", "1999-01"])
def test_no_such_month(month: str) -> None:
    with pytest.raises(Invalid, match="give it as 2026-03"):
        first_of(month)


def test_nobody_has_no_statement(town: Town) -> None:
    with pytest.raises(NotFound):
        town.statements.of_company(999_999, "2026-03")
    with pytest.raises(NotFound):
        town.statements.by_code("elder", "E9999", "2026-03")
    empty = town.statements.by_code("company", "C03", "2026-03")
    assert (empty.totals.orders, empty.lines) == (0, ())


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "  =1", "＝1", "王=1"])
def test_no_name_is_a_formula(town: Town, name: str) -> None:
    order = town.served()
    with town.unit_of_work() as session:
        session.get_one(Elder, order.elder_id).name = name
    drawn = company_of(town, order)
    cells = [cell for row in csv.reader(StringIO(as_csv(drawn, str).decode("utf-8-sig"))) for cell in row]
    assert (name if name.startswith("王") else f"'{name}") in cells
    sheet = load_workbook(BytesIO(as_xlsx(drawn, str))).active
    assert sheet is not None
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == name]
    assert [cell.data_type for cell in found] == ["s"]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_both_sheets_say_the_same_and_excel_knows_the_encoding(town: Town) -> None:
    order = town.served(DEMO.quiet)
    drawn = company_of(town, order)
    written = as_csv(drawn, str)
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(written.decode("utf-8-sig"))))
    line = next(row for row in rows if row and row[0] == order.number)
    assert line[1:] == [
        "2026-03-04", "送餐", "1 次", DEMO.quiet.code, "李守义", "已完成", "15.00", "7.50", "7.50", "15.00", "7.50",
    ]  # fmt: skip
    sheet = load_workbook(BytesIO(as_xlsx(drawn, str))).active
    assert sheet is not None
    same = next(row for row in sheet.iter_rows(values_only=True) if row[0] == order.number)
    assert same[7:] == (15, 7.5, 7.5, 15, 7.5)


def test_names_are_shown_as_they_may_be_seen(town: Town) -> None:
    drawn = company_of(town, town.served())
    seen = as_csv(drawn, lambda name: f"{name[:1]}**").decode("utf-8-sig")
    assert "王**" in seen and "王桂兰" not in seen
    assert "王桂兰" not in repr(drawn)

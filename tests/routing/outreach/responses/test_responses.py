"""Who answered, counted by the database and by hand."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from db.demo import DEMO
from db.models import Order, SmsMessage
from routing.errors import Invalid
from routing.orders.views import OrderView
from routing.outreach.responses.pictures import draw_weeks
from routing.outreach.responses.policy import SHARES, Counts, share
from routing.outreach.responses.service import ResponseRates
from routing.outreach.responses.sheets import NAMES, as_csv, as_xlsx
from routing.outreach.sms.reports import DeliveryReport
from tests.routing.outreach.sms.test_inbound import asked, write
from tests.routing.town import ZONE, Town

WORDS = {name: name for name in (*NAMES, "group", "key", "name", "total", "week", "kind", "company")}


def rates(town: Town) -> ResponseRates:
    return ResponseRates(town.reading, town.clock, ZONE)


def called(town: Town, order: OrderView, score: int | None) -> None:
    """Have her called; she picks up, and gives a score or only says that it was done."""
    cause = f"after-service-order-{order.id}"
    town.clock.now = max(town.clock.now, town.callbacks.get(cause).due_at)
    assert town.callbacks.dial_due() >= 1
    town.callbacks.begin(cause)
    town.ratings.score(order.id, "call", done=True, score=score)
    town.callbacks.finish(cause, reached=True)


def delivered(town: Town, order: OrderView) -> None:
    (question,) = [each for each in town.rows(SmsMessage) if each.question and each.order_id == order.id]
    town.sms.report(question.id, DeliveryReport.DELIVERED)


def two_weeks(town: Town) -> None:
    """Six orders. First week: a call with a score, a call without, an SMS that brings a score, one that is not
    understood, one that nobody answers. Second week: an order of which nothing is said yet."""
    called(town, town.served(), 5)
    called(town, town.served(item="cleaning"), None)
    for at, reply in enumerate(("5分", "什么时候再来？", None)):
        order = town.served(item="meal" if at else "cleaning")
        asked(town, order)
        if at != 2:
            delivered(town, order)
        if reply is not None:
            write(town, reply)
            with town.unit_of_work() as session:  # It is not open any more for the next reply.
                session.execute(update(Order).where(Order.id == order.id).values(elder_id=town.elder_id(DEMO.quiet)))
                session.execute(
                    update(SmsMessage).where(SmsMessage.order_id == order.id, SmsMessage.direction == "out")
                    .values(number_index=town.cipher.number_index(DEMO.quiet.number))
                )  # fmt: skip
    town.clock.now += timedelta(days=7)
    town.served()


def test_the_counts_are_those_of_the_hand(any_town: Town) -> None:
    town = any_town
    two_weeks(town)
    found = rates(town).between()
    weeks = {line.key: line.counts for line in found.weeks if line.counts != Counts()}
    assert list(weeks) == ["2026-03-02", "2026-03-09"]
    first = Counts(
        call_asked=5, call_answered=2, call_scored=1, sms_asked=3, sms_sent=3, sms_delivered=2, sms_answered=2,
        sms_scored=1, sms_unclear=1, done=5, confirmed=3,
    )  # fmt: skip
    assert weeks["2026-03-02"] == first
    assert weeks["2026-03-09"] == Counts(done=1)
    assert found.total == first + Counts(done=1)
    kinds = {line.key: line.counts for line in found.kinds}
    assert sum(kinds.values(), Counts()) == found.total
    cleaning, meal = kinds["cleaning"], kinds["meals"]
    assert (cleaning.call_asked, cleaning.call_answered, cleaning.call_scored) == (2, 1, 0)
    assert (cleaning.sms_asked, cleaning.sms_answered, cleaning.sms_scored, cleaning.confirmed) == (1, 1, 1, 2)
    assert (meal.call_asked, meal.call_scored, meal.sms_unclear, meal.done, meal.confirmed) == (3, 1, 1, 4, 1)
    companies = {line.name: line.counts for line in found.companies}
    assert (companies.pop(DEMO.company.name), sum(companies.values(), Counts())) == (meal, cleaning)


def test_only_the_days_asked_for_count(town: Town) -> None:
    called(town, town.served(), 4)
    today = town.clock.now.date()
    one_day = rates(town).between(today, today)
    assert (len(one_day.weeks), one_day.total.done, one_day.total.call_scored) == (1, 1, 1)
    assert rates(town).between(today - timedelta(days=9), today - timedelta(days=1)).total == Counts()
    assert rates(town).between(today + timedelta(days=1), today + timedelta(days=30)).total == Counts()
    for first, last in ((today, today - timedelta(days=1)), (today - timedelta(weeks=54), today)):
        with pytest.raises(Invalid, match="in this order"):
            rates(town).between(first, last)
    assert rates(town).usual() == (date(2026, 1, 12), today)


def test_who_opted_out_was_not_asked(town: Town) -> None:
    write(town, "TD")
    order = town.served()
    town.sms.queue("q", DEMO.wang.number, "q", order_id=order.id, question="rating-1-5")
    assert rates(town).between().total == Counts(done=1)


def test_shares_are_of_what_they_say() -> None:
    counts = Counts(call_asked=4, call_answered=2, sms_sent=5, sms_answered=1, done=3, confirmed=3)
    assert [share(counts, part) for part in ("call_answered", "sms_answered", "confirmed")] == [0.5, 0.2, 1.0]
    assert all(share(Counts(), part) is None for part in SHARES)


def test_sheets_hold_the_same_and_no_formula(town: Town) -> None:
    called(town, town.served(), 5)
    found = rates(town).between()
    rows = list(csv.reader(io.StringIO(as_csv(found, WORDS).decode("utf-8-sig"))))
    assert rows[0][:4] == ["group", "key", "name", "call_asked"]
    assert rows[1][3:] == [str(getattr(found.total, name)) for name in NAMES]
    sheet = load_workbook(io.BytesIO(as_xlsx(found, WORDS))).active
    assert sheet is not None
    assert [["" if cell is None else str(cell) for cell in row] for row in sheet.values] == rows
    assert b"<svg" in draw_weeks(found, WORDS)

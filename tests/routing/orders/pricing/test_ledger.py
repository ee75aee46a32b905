"""Quotas: taken by orders, given back once, never below zero, whoever orders at once, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Order, PayerRule, QuotaEntry, QuotaMonth
from routing.orders.commands import Dispute, Resolve
from routing.orders.policy import OrderState
from routing.orders.pricing.book import Written
from routing.orders.pricing.errors import PriceChanged
from routing.orders.pricing.ledger import give_back, release
from routing.orders.pricing.reasons import Code, read
from routing.orders.views import OrderView
from tests.routing.orders.test_service import at_once
from tests.routing.town import ZONE, Town

QUOTA, MEAL = 30_000, 1500


def allow(town: Town, fen: int | None, payer_class: str = "assisted") -> None:
    """Let the class have so much a month, from before the demo's day on."""
    with town.unit_of_work() as session:
        for rule in session.query(PayerRule).filter_by(payer_class=payer_class):
            rule.monthly_fen = fen


def of_month(town: Town, month: str = "2026-03") -> int:
    """What is taken of the month, which is what its lines add up to."""
    (row,) = [each for each in town.rows(QuotaMonth) if each.month == month]
    assert row.taken_fen == sum(each.amount_fen for each in town.rows(QuotaEntry) if each.month == month)
    return row.taken_fen


def order(town: Town, at: datetime, who: DemoElder = DEMO.wang, **more: object) -> OrderView:
    key = f"k-{len(town.rows(Order))}"
    return town.orders.place(
        town.elder_id(who), town.item_id("meal"), key=key, source="voice", due_at=at, **more  # type: ignore[arg-type]
    )  # fmt: skip


def cancel(town: Town, placed: OrderView) -> None:
    town.orders.cancel(placed.id, actor="user:1", channel="desk", reason="changed her mind")


def test_a_month_is_used_up_and_the_last_order_is_partly_free(town: Town) -> None:
    allow(town, 4000)
    assert [town.place().elder_pays_fen for _ in range(4)] == [0, 0, 500, 1500]
    assert of_month(town) == 4000
    reasons = [read(each.price_reasons)[-1].code for each in sorted(town.rows(Order), key=lambda row: row.id)]
    assert reasons == [Code.WITHIN, Code.WITHIN, Code.PARTLY, Code.USED_UP]


def test_who_pays_all_or_is_bounded_by_nothing_has_no_ledger(town: Town) -> None:
    allow(town, None)
    town.place()
    town.place(DEMO.couple[0])
    assert town.rows(QuotaEntry) == []
    assert town.rows(QuotaMonth) == []


@pytest.mark.parametrize(("quota", "free"), [(4 * MEAL, 4), (4 * MEAL + 700, 4), (MEAL - 1, 0)])
def test_of_many_orders_at_once_only_as_many_are_free_as_the_month_holds(
    any_town: Town, quota: int, free: int
) -> None:  # fmt: skip
    allow(any_town, quota)
    placed = at_once(8, lambda at: any_town.place(key=f"at-once-{at}"))
    assert [each for each in placed if isinstance(each, Exception)] == []
    assert of_month(any_town) == quota
    rows = any_town.rows(Order)
    assert sum(row.price_fen - row.elder_pays_fen for row in rows) == quota
    assert len([row for row in rows if row.elder_pays_fen == 0]) == free


def test_orders_and_cancellations_at_once_leave_what_the_orders_hold(any_town: Town) -> None:
    allow(any_town, 5 * MEAL)
    first = [any_town.place(key=f"first-{at}") for at in range(4)]

    def act(at: int) -> object:
        if at < 4:
            return cancel(any_town, first[at])
        return any_town.place(key=f"second-{at}")

    at_once(8, act)
    kept = [row for row in any_town.rows(Order) if row.state != OrderState.CANCELLED.value]
    assert len(kept) == 4
    assert 0 <= of_month(any_town) == sum(row.price_fen - row.elder_pays_fen for row in kept) <= 5 * MEAL


def test_cancelling_gives_back_exactly_once(any_town: Town) -> None:
    placed = any_town.place()
    assert of_month(any_town) == MEAL
    ends = at_once(4, lambda _at: cancel(any_town, placed))
    assert len([end for end in ends if end is None]) == 1
    assert of_month(any_town) == 0
    with any_town.unit_of_work() as session:
        row = session.get_one(Order, placed.id)
        assert not release(session, row, any_town.clock())
        assert not give_back(session, row, "released", 100, any_town.clock())
    assert of_month(any_town) == 0
    assert [(each.cause, each.amount_fen) for each in any_town.rows(QuotaEntry)] == [
        (f"placed:{placed.id}", MEAL), (f"released:{placed.id}", -MEAL),
    ]  # fmt: skip


def test_an_order_that_is_asked_for_again_takes_once(any_town: Town) -> None:
    at_once(6, lambda _at: any_town.place(key="the-same"))
    assert of_month(any_town) == MEAL
    allow(any_town, MEAL)
    again = any_town.orders.place(
        any_town.elder_id(DEMO.wang), any_town.item_id("meal"), key="the-same", source="voice", told_fen=0
    )
    assert again.elder_pays_fen == 0, "what is asked again costs what it cost"
    assert of_month(any_town) == MEAL


def test_the_month_is_the_local_one_of_the_day_it_is_due(town: Town) -> None:
    allow(town, MEAL)
    order(town, datetime(2026, 3, 31, 23, 30, tzinfo=ZONE))
    april = order(town, datetime(2026, 4, 1, 7, 30, tzinfo=ZONE))  # 2026-03-31 in UTC.
    assert april.elder_pays_fen == 0
    assert (of_month(town), of_month(town, "2026-04")) == (MEAL, MEAL)


def test_nobody_pays_more_than_they_were_told(town: Town) -> None:
    allow(town, MEAL)
    told = town.orders.quote(town.elder_id(DEMO.wang), town.item_id("meal"))
    assert told.elder_pays_fen == 0
    town.place()  # A relative was faster.
    with pytest.raises(PriceChanged, match=r"would pay 15\.00 yuan and was told 0\.00") as changed:
        order(town, town.clock(), told_fen=told.elder_pays_fen)
    assert len(town.rows(Order)) == 1
    assert order(town, town.clock(), told_fen=changed.value.price.elder_pays_fen).elder_pays_fen == MEAL


def test_a_rule_of_tomorrow_does_not_touch_what_is_ordered(town: Town) -> None:
    placed = town.place()
    today = town.prices.today()
    town.prices.set_rule("assisted", 20, 10_000, Written("user:1", today))
    assert town.orders.get(placed.id).elder_pays_fen == 0
    assert town.place().elder_pays_fen == 300
    assert of_month(town) == MEAL + 1200


def test_a_dispute_keeps_what_was_taken_until_it_ends_in_nothing(town: Town) -> None:
    done = town.served()
    town.orders.carry_out(done.id, Dispute(), actor="user:1", channel="desk", reason="not well")
    assert of_month(town) == MEAL
    ended = Resolve(OrderState.CANCELLED)
    town.orders.carry_out(done.id, ended, actor="user:1", channel="desk", reason="nobody came")
    assert of_month(town) == 0

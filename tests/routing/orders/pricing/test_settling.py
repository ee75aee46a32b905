"""What an order comes to when the visit is over: the time that was worked, never more than was agreed."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Order, QuotaEntry
from routing.orders.pricing.book import Written
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.policy import Rate, Unit
from routing.orders.views import OrderView
from tests.routing.town import Town


def hours(
    town: Town, who: DemoElder, ordered: int, worked: int, item: str = "companionship"
) -> tuple[OrderView, Order]:
    """Order so many minutes of an item by the hour, and have so many worked."""
    order = town.orders.place(
        town.elder_id(who),
        town.item_id("companionship"),
        key=f"{who.code}-{ordered}-{worked}",
        source="desk",
        quantity=ordered,
    )
    order = town.accept(order)
    assert order.worker_id is not None
    town.visits.check_in(order.worker_id, who.number, "in")
    town.clock.forward(minutes=worked)
    town.visits.check_out(order.worker_id, who.number, "out")
    return order, next(row for row in town.rows(Order) if row.id == order.id)


def test_a_piece_is_settled_as_ordered_and_owed_to_its_company(town: Town) -> None:
    order = town.served()
    (row,) = town.rows(Order)
    assert (row.settled_price_fen, row.settled_pays_fen, row.settled_quantity, row.owed_fen) == (1500, 0, 1, 1500)
    assert row.settled_at == town.clock()
    assert order.quantity == 1


def test_settling_is_part_of_the_move_and_no_move_of_its_own(town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id is not None
    town.visits.check_in(order.worker_id, DEMO.wang.number, "in")
    before = town.orders.get(order.id).version
    town.visits.check_out(order.worker_id, DEMO.wang.number, "out")
    assert town.orders.get(order.id).version == before + 1


@pytest.mark.parametrize(("worked", "paid"), [(30, 60), (95, 90), (121, 120), (200, 120)])
def test_hours_are_settled_by_what_was_worked(town: Town, worked: int, paid: int) -> None:
    order, row = hours(town, DEMO.quiet, 120, worked)
    assert (order.price_fen, order.elder_pays_fen) == (6000, 3000)
    assert (row.settled_quantity, row.settled_price_fen, row.settled_pays_fen) == (paid, 50 * paid, 25 * paid)
    assert row.price_fen == 6000, "what was agreed stays as it was"
    held = sum(each.amount_fen for each in town.rows(QuotaEntry))
    assert held == 25 * paid


def test_what_was_not_worked_is_given_back_once(town: Town) -> None:
    _order, row = hours(town, DEMO.wang, 120, 60)
    assert [(each.cause, each.amount_fen) for each in town.rows(QuotaEntry)] == [
        (f"placed:{row.id}", 6000), (f"settled:{row.id}", -3000),
    ]  # fmt: skip


@pytest.mark.parametrize("quantity", [0, -60, 61, 45, 495, 10**9])
def test_hours_that_cannot_be_ordered_are_refused(town: Town, quantity: int) -> None:
    with pytest.raises(PriceRefused, match=r"cannot be ordered: give 60 to 480 minutes"):
        town.orders.place(town.elder_id(DEMO.wang), town.item_id("cleaning"), key="k", source="desk", quantity=quantity)
    assert town.rows(Order) == []


def test_a_company_with_a_tariff_of_its_own_is_owed_by_that(town: Town) -> None:
    company = town.accept(town.place()).company_id
    assert company is not None
    town.prices.set_tariff(
        town.item_id("meal"), Rate(Unit.PIECE, 1300), Written("user:1", town.prices.today()), company
    )
    assert town.place(key="told").price_fen == 1500, "elders are told the general price"
    town.clock.forward(minutes=1)
    town.served(DEMO.couple[0])
    row = max((row for row in town.rows(Order) if row.settled_at), key=lambda each: each.id)
    assert (row.settled_price_fen, row.owed_fen) == (1500, 1300 if row.company_id == company else 1500)
    assert row.company_id == company

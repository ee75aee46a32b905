"""Tariffs and rules in the database: changed from a day on, never overlapping, nothing ordered changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from db.demo import DEMO
from db.models import Company, CompanyItem, Order, PayerRule, ServiceItem, Tariff
from routing.errors import NotFound
from routing.orders.pricing.book import Written
from routing.orders.pricing.errors import NotPriced, PriceRefused
from routing.orders.pricing.policy import Rate, Unit
from tests.routing.orders.test_service import at_once
from tests.routing.town import ZONE, Town

TODAY = date(2026, 3, 4)


def day(later: int) -> date:
    return TODAY + timedelta(days=later)


def set_meal(town: Town, fen: int, first: int, last: int | None = None, *, sure: bool = False) -> None:
    until = None if last is None else day(last)
    town.prices.set_tariff(town.item_id("meal"), Rate(Unit.PIECE, fen), Written("user:1", day(first), until, sure))


def costs(town: Town, later: int) -> int:
    """What a meal costs so many days later."""
    due = datetime.combine(day(later), datetime.min.time(), ZONE) + timedelta(hours=12)
    return town.orders.quote(town.elder_id(DEMO.couple[0]), town.item_id("meal"), due_at=due).price_fen


def overlaps(rows: list[Tariff] | list[PayerRule]) -> list[tuple[int, int]]:
    standing = sorted((row for row in rows if row.withdrawn_at is None), key=lambda row: row.valid_from)
    return [(a.id, b.id) for a, b in pairwise(standing) if a.valid_to is None or a.valid_to >= b.valid_from]


def of_meal(town: Town) -> list[Tariff]:
    meal = town.item_id("meal")
    return [row for row in town.rows(Tariff) if row.item_id == meal and row.company_id is None]


def test_a_new_price_counts_from_its_day_and_nothing_ordered_changes(any_town: Town) -> None:
    placed = any_town.place(DEMO.couple[0])
    set_meal(any_town, 1800, 0)
    set_meal(any_town, 2000, 10)
    assert [costs(any_town, later) for later in (0, 9, 10, 300)] == [1800, 1800, 2000, 2000]
    assert any_town.orders.get(placed.id).price_fen == 1500
    assert overlaps(of_meal(any_town)) == []


def test_a_price_for_a_festival_ends_by_itself(any_town: Town) -> None:
    set_meal(any_town, 3000, 5, 7)
    assert [costs(any_town, later) for later in (4, 5, 7, 8)] == [1500, 3000, 3000, 1500]
    set_meal(any_town, 2500, 6)
    assert [costs(any_town, later) for later in (5, 6, 7, 8)] == [3000, 2500, 2500, 1500]
    assert overlaps(of_meal(any_town)) == []


def test_changes_at_once_never_overlap(any_town: Town) -> None:
    done = at_once(8, lambda at: set_meal(any_town, 1500 + 100 * at, at % 3, None if at % 2 else at % 3 + 5))
    assert [each for each in done if isinstance(each, Exception)] == []
    assert overlaps(of_meal(any_town)) == []
    assert len([row for row in of_meal(any_town) if row.valid_to is None and row.withdrawn_at is None]) == 1
    assert all(costs(any_town, later) > 0 for later in range(12))


def test_what_another_took_the_place_of_is_kept_as_history(town: Town) -> None:
    set_meal(town, 1700, 0)
    set_meal(town, 1800, 0)
    (meal,) = [each for each in town.prices.catalogue() if each.code == "meal"]
    assert [(each.price_fen, each.validity.when(TODAY)) for each in meal.tariffs] == [
        (1800, "now"), (1700, "withdrawn"), (1500, "past"),
    ]  # fmt: skip
    assert meal.tariffs[0].validity.made_by == "user:1"


@pytest.mark.parametrize(
    ("fen", "first", "sure", "words"),
    [
        (-1, 0, True, "is negative"), (1_000_001, 0, True, "above the bound"), (0, 0, False, "say sure"),
        (150_000, 0, False, "from 15.00 to 1500.00"), (1600, -1, True, "is past"), (1600, 3000, True, "check the year"),
    ],
)  # fmt: skip
def test_absurd_prices_are_refused_and_nothing_changes(
    town: Town, fen: int, first: int, sure: bool, words: str
) -> None:
    with pytest.raises(PriceRefused, match=words):
        set_meal(town, fen, first, sure=sure)
    assert len(of_meal(town)) == 1


def test_what_is_meant_can_be_said_twice(town: Town) -> None:
    set_meal(town, 0, 0, sure=True)
    assert costs(town, 0) == 0
    assert town.place(DEMO.couple[0]).elder_pays_fen == 0


def test_rules_of_payers_change_from_a_day_on(any_town: Town) -> None:
    prices = any_town.prices
    at_once(6, lambda at: prices.set_rule("subsidised", 10 * at, 10_000 + at, Written(f"user:{at}", day(at % 2))))
    rows = [row for row in any_town.rows(PayerRule) if row.payer_class == "subsidised"]
    assert overlaps(rows) == []
    prices.set_rule("subsidised", 30, None, Written("user:9", day(0), day(0)))
    assert any_town.place(DEMO.quiet).elder_pays_fen == 450


def test_what_is_not_there_has_no_price_of_its_own(town: Town) -> None:
    written = Written("user:1", TODAY)
    with pytest.raises(NotFound, match="no item"):
        town.prices.set_tariff(999_999, Rate(Unit.PIECE, 100), written)
    with pytest.raises(NotFound, match="no company"):
        town.prices.set_tariff(town.item_id("meal"), Rate(Unit.PIECE, 1400), written, 999_999)
    with pytest.raises(NotFound, match="nobility"):
        town.prices.set_rule("nobility", 0, None, written)


def test_a_tariff_of_a_company_ends(town: Town) -> None:
    meal, company = town.item_id("meal"), town.rows(Company)[0].id
    town.prices.set_tariff(meal, Rate(Unit.PIECE, 1400), Written("user:1", TODAY), company)
    town.prices.end_tariff(meal, company, day(3), "user:2")
    (own,) = [row for row in town.rows(Tariff) if row.company_id == company]
    assert own.valid_to == day(3)
    with pytest.raises(NotFound, match="no tariff of its own"):
        town.prices.end_tariff(meal, company, day(3), "user:2")
    with pytest.raises(PriceRefused, match="is past"):
        town.prices.end_tariff(meal, company, day(-3), "user:2")


def test_an_item_without_a_tariff_has_the_price_of_its_record_unless_that_is_absurd(town: Town) -> None:
    with town.unit_of_work() as session:
        item = ServiceItem(code="haircut", kind="personal_care", name="理发", name_en="haircut", price_fen=2500)
        session.add(item)
        session.add(CompanyItem(company_id=town.company_id(), item=item))
    who = town.elder_id(DEMO.couple[0])
    assert town.orders.quote(who, item.id).elder_pays_fen == 2500
    with town.unit_of_work() as session:
        session.get_one(ServiceItem, item.id).price_fen = -1
    with pytest.raises(NotPriced, match="理发 has no price"):
        town.orders.place(who, item.id, key="k", source="desk")
    assert town.rows(Order) == []

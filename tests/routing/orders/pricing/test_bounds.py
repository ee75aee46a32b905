"""Absurd prices, shares, quotas and days are refused in the words of whoever gave them."""

from __future__ import annotations

from datetime import date

import pytest

from routing.orders.pricing.bounds import check_days, check_price, check_quantities, check_rule
from routing.orders.pricing.policy import Unit
from routing.orders.pricing.refusals import _CHINESE, _ENGLISH, Absurd, absurd, yuan

TODAY = date(2026, 3, 4)


def code(found: Absurd | None) -> str:
    return found.code if found else ""


@pytest.mark.parametrize(
    ("fen", "before", "sure", "refused"),
    [
        (1500, None, False, ""), (1500, 1500, False, ""), (7500, 1500, False, ""), (300, 1500, False, ""),
        (-1, None, False, "price.negative"), (-1, None, True, "price.negative"),
        (1_000_000, None, False, ""), (1_000_001, None, True, "price.too_high"), (10**30, None, True, "price.too_high"),
        (0, None, False, "price.zero"), (0, None, True, ""), (0, 1500, True, ""),
        (7501, 1500, False, "price.jump"), (299, 1500, False, "price.jump"), (150_000, 1500, False, "price.jump"),
        (150_000, 1500, True, ""), (1500, 0, False, ""),
    ],
)  # fmt: skip
def test_prices(fen: int, before: int | None, sure: bool, refused: str) -> None:
    assert code(check_price(fen, before, sure=sure)) == refused


@pytest.mark.parametrize(
    ("unit", "three", "refused"),
    [
        (Unit.PIECE, (1, 1, 20), ""), (Unit.HOUR, (60, 60, 480), ""), (Unit.HOUR, (15, 45, 1440), ""),
        (Unit.PIECE, (0, 1, 20), "quantity.order"), (Unit.PIECE, (2, 1, 20), "quantity.order"),
        (Unit.PIECE, (1, 5, 4), "quantity.order"), (Unit.PIECE, (1, 1, 101), "quantity.too_large"),
        (Unit.HOUR, (60, 60, 1455), "quantity.too_large"), (Unit.HOUR, (1, 60, 480), "quantity.quarters"),
        (Unit.HOUR, (60, 70, 480), "quantity.quarters"),
    ],
)  # fmt: skip
def test_quantities(unit: Unit, three: tuple[int, int, int], refused: str) -> None:
    assert code(check_quantities(unit, *three)) == refused


@pytest.mark.parametrize(
    ("percent", "monthly", "refused"),
    [
        (0, 30_000, ""), (50, None, ""), (100, None, ""), (101, None, "share.out_of_range"),
        (-1, None, "share.out_of_range"), (100, 100, "quota.of_nothing"), (0, 0, "quota.none"),
        (50, -100, "quota.none"), (0, 10_000_000, ""), (0, 10_000_001, "quota.too_high"),
    ],
)  # fmt: skip
def test_rules(percent: int, monthly: int | None, refused: str) -> None:
    assert code(check_rule(percent, monthly)) == refused


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [
        (TODAY, None, ""), (date(2026, 3, 3), None, "days.past"), (date(2062, 3, 4), None, "days.far"),
        (TODAY, date(9999, 12, 31), "days.far"), (date(2026, 4, 1), date(2026, 3, 31), "days.order"),
        (date(2028, 2, 29), date(2028, 2, 29), ""),
    ],
)  # fmt: skip
def test_days(first: date, last: date | None, refused: str) -> None:
    assert code(check_days(TODAY, first, last)) == refused


def test_both_languages_have_the_same_words() -> None:
    assert set(_ENGLISH) == set(_CHINESE)
    with pytest.raises(KeyError):
        absurd("price.purple")


def test_the_words_say_what_was_given_and_what_to_do() -> None:
    refused = check_price(-1250)
    assert refused is not None
    assert refused.words() == "a price of -12.50 yuan is negative: give what one unit costs"
    assert refused.words("zh-CN") == "价格 -12.50 元是负数：请填写每单位的收费。"
    assert (yuan(5), yuan(-5), yuan(0)) == ("0.05", "-0.05", "0.00")

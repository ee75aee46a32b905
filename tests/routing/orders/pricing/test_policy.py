"""The price of an order: whole fen, shared without a rest, and never surprising."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from routing.orders.pricing.policy import (
    QUARTER,
    Payer,
    Price,
    Rate,
    Unit,
    price,
    settle,
    settled_quantity,
)
from routing.orders.pricing.reasons import Code, find, read, write
from routing.orders.pricing.words import in_words, sentence, spoken

FEN = st.integers(0, 1_000_000)
PERCENT = st.integers(0, 100)
TAKEN = st.integers(0, 20_000_000)
PAYERS = st.builds(Payer, st.sampled_from(["assisted", "subsidised"]), PERCENT, st.none() | st.integers(0, 10_000_000))


@st.composite
def rates(draw: st.DrawFn) -> tuple[Rate, int]:
    """A tariff, and a quantity that fits it."""
    unit = draw(st.sampled_from(list(Unit)))
    step = QUARTER if unit is Unit.HOUR else 1
    smallest, usual, largest, quantity = sorted(draw(st.tuples(*[st.integers(1, 96)] * 4)))
    rate = Rate(unit, draw(FEN), smallest * step, usual * step, quantity * step)
    return rate, draw(st.sampled_from([smallest, usual, largest, quantity])) * step


@given(rates(), PAYERS, TAKEN)
def test_what_the_elder_pays_and_what_is_covered_make_the_price(
    rated: tuple[Rate, int], payer: Payer, taken: int
) -> None:
    got = price(*rated, payer, taken)
    assert got.elder_pays_fen + got.covered_fen == got.price_fen
    assert 0 <= got.elder_pays_fen <= got.price_fen
    assert isinstance(got.price_fen, int) and isinstance(got.elder_pays_fen, int)
    if payer.monthly_fen is not None and payer.elder_percent < 100:
        assert got.covered_fen <= max(payer.monthly_fen - taken, 0)


@given(rates(), PAYERS, TAKEN, st.integers(0, 10_000_000))
def test_less_of_the_month_left_is_never_cheaper(
    rated: tuple[Rate, int], payer: Payer, taken: int, more: int
) -> None:  # fmt: skip
    assert price(*rated, payer, taken).elder_pays_fen <= price(*rated, payer, taken + more).elder_pays_fen


@given(rates(), PAYERS, TAKEN, st.integers(0, 10_000), st.integers(0, 100))
def test_a_dearer_tariff_or_a_greater_share_is_never_cheaper(
    rated: tuple[Rate, int], payer: Payer, taken: int, dearer: int, percent: int
) -> None:  # fmt: skip
    rate, quantity = rated
    now = price(rate, quantity, payer, taken).elder_pays_fen
    costly = Rate(rate.unit, rate.price_fen + dearer, rate.smallest, rate.usual, rate.largest)
    assert now <= price(costly, quantity, payer, taken).elder_pays_fen
    assume(percent >= payer.elder_percent)
    assert now <= price(rate, quantity, Payer(payer.payer_class, percent, payer.monthly_fen), taken).elder_pays_fen


@given(rates(), PAYERS, TAKEN)
def test_every_price_has_reasons_that_are_kept_and_said(rated: tuple[Rate, int], payer: Payer, taken: int) -> None:
    got = price(*rated, payer, taken)
    assert read(write(got.reasons)) == got.reasons
    assert got.reasons[0].fen("total") == got.price_fen
    for language in ("zh-CN", "en"):
        assert all(in_words(each, language) for each in got.reasons)
    assert payer.payer_class in sentence(got.reasons)
    assert (spoken(got) in {"free", "free_left", "free_last"}) == (got.elder_pays_fen == 0)


@pytest.mark.parametrize(
    ("payer", "taken", "pays", "said", "last"),
    [
        (Payer("assisted", 0), 0, 0, "free", Code.FREE),
        (Payer("assisted", 0, 30_000), 0, 0, "free_left", Code.WITHIN),
        (Payer("assisted", 0, 30_000), 28_500, 0, "free_last", Code.WITHIN),
        (Payer("assisted", 0, 30_000), 29_000, 500, "partly", Code.PARTLY),
        (Payer("assisted", 0, 30_000), 30_000, 1500, "used_up", Code.USED_UP),
        (Payer("assisted", 0, 30_000), 40_000, 1500, "used_up", Code.USED_UP),
        (Payer("subsidised", 50, 20_000), 0, 750, "half", Code.WITHIN),
        (Payer("subsidised", 33, 20_000), 0, 495, "share", Code.WITHIN),
        (Payer("subsidised", 50, 20_000), 19_700, 1200, "partly", Code.PARTLY),
        (Payer("self_paid", 100), 0, 1500, "full", Code.FULL),
        ("nobody knows", 0, 1500, "full", Code.UNRULED),
    ],
)
def test_a_meal_for_each_kind_of_payer(payer: Payer | str, taken: int, pays: int, said: str, last: Code) -> None:
    got = price(Rate(Unit.PIECE, 1500), 1, payer, taken)
    assert (got.price_fen, got.elder_pays_fen, spoken(got), got.reasons[-1].code) == (1500, pays, said, last)


def test_what_is_no_whole_fen_is_dropped_for_the_elder() -> None:
    assert price(Rate(Unit.PIECE, 1501), 1, Payer("subsidised", 50)).elder_pays_fen == 750
    assert price(Rate(Unit.HOUR, 4001, 15, 60, 480), 15, Payer("self_paid", 100)).price_fen == 1000


def test_an_hour_and_a_half() -> None:
    got = price(Rate(Unit.HOUR, 4000, 60, 60, 480), 90, Payer("subsidised", 50, 20_000))
    assert (got.price_fen, got.elder_pays_fen) == (6000, 3000)
    assert in_words(got.reasons[0], "zh-CN") == "每小时 40.00 元 × 90 分钟，共 60.00 元"


@pytest.mark.parametrize("quantity", [0, -60, 50, 45, 540])
def test_no_such_hours_are_priced(quantity: int) -> None:
    with pytest.raises(ValueError, match="between 60 and 480"):
        price(Rate(Unit.HOUR, 4000, 60, 60, 480), quantity, "self_paid")


def test_a_negative_tariff_is_not_priced() -> None:
    with pytest.raises(ValueError, match="not negative"):
        price(Rate(Unit.PIECE, -1), 1, Payer("self_paid", 100))


@given(rates(), PAYERS, TAKEN, st.none() | st.integers(-10, 3000))
def test_a_settled_order_never_costs_more_than_was_agreed(
    rated: tuple[Rate, int], payer: Payer, taken: int, minutes: int | None
) -> None:  # fmt: skip
    ordered = price(*rated, payer, taken)
    final = settle(ordered, minutes)
    assert 0 <= final.elder_pays_fen <= ordered.elder_pays_fen
    assert 0 <= final.covered_fen <= ordered.covered_fen
    assert final.quantity <= ordered.quantity
    if rated[0].unit is Unit.PIECE or minutes is None:
        assert final == ordered


@pytest.mark.parametrize(
    ("minutes", "paid"), [(0, 60), (52, 60), (67, 60), (68, 75), (82, 75), (83, 90), (97, 90), (120, 120), (300, 120)]
)
def test_hours_are_paid_to_the_nearest_quarter(minutes: int, paid: int) -> None:
    assert settled_quantity(120, 60, minutes) == paid


def test_a_shorter_visit_costs_less_by_the_same_rule() -> None:
    ordered = price(Rate(Unit.HOUR, 4000, 60, 60, 480), 120, Payer("assisted", 0, 30_000), 25_000)
    assert (ordered.price_fen, ordered.elder_pays_fen) == (8000, 3000)
    final = settle(ordered, 60)
    assert (final.price_fen, final.elder_pays_fen, final.covered_fen) == (4000, 0, 4000)


def test_reasons_of_a_later_version_are_left_out() -> None:
    stored = '[{"code": "payer.full", "class": "self_paid"}, {"code": "moon.phase", "full": 1}]'
    assert [each.code for each in read(stored)] == [Code.FULL]
    assert find(read(stored), Code.FREE) is None
    assert spoken(Price(1500, 1500, read(stored))) == "full"

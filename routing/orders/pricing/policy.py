"""What an order costs, what of it the elder pays, and what it comes to when the visit was over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routing.orders.pricing.reasons import Code, Reason, because, find

MINUTES = 60
QUARTER = 15
"""Minutes: hours are ordered and settled in quarters of an hour."""


class Unit(StrEnum):
    """What a tariff is for."""

    HOUR = "hour"
    PIECE = "piece"


@dataclass(frozen=True)
class Rate:
    """A tariff as it holds on one day. Quantities are pieces, or minutes of an item by the hour; money in fen."""

    unit: Unit
    price_fen: int
    smallest: int = 1
    usual: int = 1
    largest: int = 20


@dataclass(frozen=True)
class Payer:
    """What an elder of a class pays on one day: a share in percent while the month's quota (in fen) lasts, then all."""

    payer_class: str
    elder_percent: int
    monthly_fen: int | None = None


@dataclass(frozen=True)
class Price:
    """What an order costs and what the elder pays of it, in fen, with the reasons that are stored, shown and spoken."""

    price_fen: int
    elder_pays_fen: int
    reasons: tuple[Reason, ...] = ()
    unit: Unit = Unit.PIECE
    quantity: int = 1

    @property
    def covered_fen(self) -> int:
        """What somebody else pays."""
        return self.price_fen - self.elder_pays_fen


def fits(rate: Rate, quantity: int) -> bool:
    """Tell whether so much can be ordered: between the least and the most, and hours in whole quarters."""
    return rate.smallest <= quantity <= rate.largest and (rate.unit is Unit.PIECE or quantity % QUARTER == 0)


def amount(rate: Rate, quantity: int) -> int:
    """Give the price of a quantity in whole fen; what an hour's part leaves of a fen is dropped, for the elder."""
    return rate.price_fen * quantity // (MINUTES if rate.unit is Unit.HOUR else 1)


def price(rate: Rate, quantity: int, payer: Payer | str, taken_fen: int = 0) -> Price:
    """Work out the price of an order. `taken_fen` is what the elder took of the month's quota before.

    `payer` is the code of the class when nobody has written a rule for it: such an elder pays all, and the reason says
    so: a price too high is corrected with a word, a gift is not. The elder's share is rounded down to whole fen.
    Raises ValueError for a negative tariff or a quantity that does not fit.
    """
    if rate.price_fen < 0:
        raise ValueError("a tariff is not negative")
    if not fits(rate, quantity):
        raise ValueError(f"{quantity} is not between {rate.smallest} and {rate.largest}")
    total = amount(rate, quantity)
    if rate.unit is Unit.HOUR:
        first = because(Code.HOUR, each=rate.price_fen, minutes=quantity, smallest=rate.smallest, total=total)
    else:
        first = because(Code.PIECE, each=rate.price_fen, quantity=quantity, total=total)
    why: tuple[Reason, ...]
    if isinstance(payer, str):
        pays, why = total, (because(Code.UNRULED, **{"class": payer}),)
    else:
        pays, why = _pays(total, payer, taken_fen)
    return Price(total, pays, (first, *why), rate.unit, quantity)


def _pays(total: int, payer: Payer, taken_fen: int) -> tuple[int, tuple[Reason, ...]]:
    share = total * payer.elder_percent // 100
    of_class = {"class": payer.payer_class}
    if payer.elder_percent == 0:
        why = because(Code.FREE, **of_class)
    elif payer.elder_percent < 100:
        why = because(Code.SHARE, **of_class, percent=payer.elder_percent, share=share)
    else:
        return total, (because(Code.FULL, **of_class),)
    monthly, wanted = payer.monthly_fen, total - share
    if monthly is None or wanted == 0:
        return share, (why,)
    left = max(monthly - taken_fen, 0)
    if left >= wanted:
        return share, (why, because(Code.WITHIN, monthly=monthly, covered=wanted, left=left - wanted))
    if left > 0:
        return total - left, (why, because(Code.PARTLY, monthly=monthly, covered=left, missing=wanted - left))
    return total, (why, because(Code.USED_UP, monthly=monthly))


def settled_quantity(ordered: int, smallest: int, minutes: int) -> int:
    """Give the minutes that are paid of a visit that took `minutes`: to the nearest quarter of an hour (29 CFR
    785.48(b), the rule that time clocks have), at least the tariff's least, and never more than was ordered.

    The elder agreed to what was said on the telephone: longer than that is for the company to order anew.
    """
    nearest = (max(minutes, 0) * 2 + QUARTER) // (2 * QUARTER) * QUARTER
    return min(max(nearest, smallest), ordered)


def settle(ordered: Price, minutes: int | None) -> Price:
    """Give what an order comes to after a visit of so many minutes, None: not known. It never comes to more.

    By the piece, and without times, it is as ordered. The terms are those of the order; what was covered of it bounds
    what is covered now.
    """
    tariff = find(ordered.reasons, Code.HOUR)
    if tariff is None or minutes is None:
        return ordered
    quantity = settled_quantity(ordered.quantity, min(tariff.fen("smallest"), ordered.quantity), minutes)
    if quantity == ordered.quantity:
        return ordered
    total = amount(Rate(Unit.HOUR, tariff.fen("each")), quantity)
    share = find(ordered.reasons, Code.FREE, Code.SHARE)
    percent = 100 if share is None else share.fen("percent") if share.code is Code.SHARE else 0
    covered = min(total - total * percent // 100, ordered.covered_fen)
    return Price(total, total - covered, ordered.reasons, ordered.unit, quantity)

"""Which prices, quantities and quotas are absurd, and what is to be done about it. Pure.

A slip of a zero or of yuan for fen costs every elder of a town: what looks like one is refused until it is given again
with `sure`.
"""

from __future__ import annotations

from datetime import date

from routing.orders.pricing.policy import QUARTER, Unit
from routing.orders.pricing.refusals import Absurd, absurd

MOST_PRICE_FEN = 1_000_000
"""10,000 yuan for one hour or piece: ten times the dearest home service that we know of."""
MOST_QUOTA_FEN = 10_000_000
"""100,000 yuan a month."""
MOST_PIECES, MOST_MINUTES = 100, 24 * 60
JUMP = 5
"""A new price more than so many times the old one, or less than one such part of it, is asked about."""
FARTHEST_DAYS = 366 * 3
"""So many days ahead a change may be written down: beyond, the year is a slip."""


def check_price(price_fen: int, before_fen: int | None = None, *, sure: bool = False) -> Absurd | None:
    """Tell what is absurd about a new price; `before_fen` is the one that it takes the place of."""
    if price_fen < 0:
        return absurd("price.negative", given=price_fen)
    if price_fen > MOST_PRICE_FEN:
        return absurd("price.too_high", given=price_fen, most=MOST_PRICE_FEN)
    if sure:
        return None
    if price_fen == 0:
        return absurd("price.zero")
    if before_fen and not before_fen <= price_fen * JUMP <= before_fen * JUMP * JUMP:
        return absurd("price.jump", given=price_fen, before=before_fen)
    return None


def check_quantities(unit: Unit, smallest: int, usual: int, largest: int) -> Absurd | None:
    """Tell what is absurd about the least, the usual and the most that is ordered: pieces, or minutes."""
    step, most = (QUARTER, MOST_MINUTES) if unit is Unit.HOUR else (1, MOST_PIECES)
    if not 1 <= smallest <= usual <= largest:
        return absurd("quantity.order", smallest=smallest, usual=usual, largest=largest)
    if largest > most:
        return absurd("quantity.too_large", given=largest, most=most)
    uneven = next((each for each in (smallest, usual, largest) if each % step), None)
    return None if uneven is None else absurd("quantity.quarters", given=uneven)


def check_rule(elder_percent: int, monthly_fen: int | None) -> Absurd | None:
    """Tell what is absurd about the rule of a class of payers."""
    if not 0 <= elder_percent <= 100:
        return absurd("share.out_of_range", given=elder_percent)
    if monthly_fen is None:
        return None
    if elder_percent == 100:
        return absurd("quota.of_nothing")
    if monthly_fen <= 0:
        return absurd("quota.none", given=monthly_fen)
    if monthly_fen > MOST_QUOTA_FEN:
        return absurd("quota.too_high", given=monthly_fen, most=MOST_QUOTA_FEN)
    return None


def check_days(today: date, first: date, last: date | None) -> Absurd | None:
    """Tell what is absurd about the days of a change: what is past is settled, and stays as it was."""
    if first < today:
        return absurd("days.past", given=first.isoformat(), today=today.isoformat())
    if (first - today).days > FARTHEST_DAYS or (last is not None and (last - today).days > FARTHEST_DAYS):
        return absurd("days.far", given=max(first, last or first).isoformat())
    if last is not None and last < first:
        return absurd("days.order", first=first.isoformat(), last=last.isoformat())
    return None

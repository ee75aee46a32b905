"""What somebody would pay, told before anything is ordered: the price with its reasons, and what may be ordered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from db.session import UnitOfWork
from routing.orders.admitting import Asking, admit, check_served
from routing.orders.errors import NobodyServes
from routing.orders.policy import promised_for
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.policy import MINUTES, Price, Rate, Unit
from routing.orders.pricing.quoting import Cost
from routing.orders.pricing.refusals import absurd
from routing.orders.views import MenuItem


@dataclass(frozen=True)
class Quote:
    """The price of one order. `nobody_serves` says why no company would bring it, or is empty."""

    item: MenuItem
    due_at: datetime
    rate: Rate
    price: Price
    nobody_serves: str = ""


class Quotes:
    """Quotes orders; nothing is written."""

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo) -> None:
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def of(
        self, elder_id: int, item_id: int, *, due_at: datetime | None = None, quantity: int | None = None,
        amount: Decimal | None = None,
    ) -> Quote:  # fmt: skip
        """Quote an order for `due_at`, without it for as soon as services wanted now are.

        `quantity` is pieces or minutes; `amount` is the same as people write it, pieces or hours by the tariff of that
        day; with neither it is the usual one. Raises as `admit` does; where nobody serves, the quote says so.
        """
        now = self._clock()
        due = due_at or promised_for(now)
        with self._reading() as session:
            connection = session.connection()

            def cost(wanted: int | None) -> Cost:
                return admit(connection, Asking(elder_id, item_id, due, wanted, place_anyway=True), now, self._zone)

            found = cost(quantity)
            if amount is not None:
                found = cost(quantity_of(found.rate, amount))
            try:
                check_served(connection, found)
            except NobodyServes as nobody:
                return Quote(found.item, due, found.rate, found.price, str(nobody))
            return Quote(found.item, due, found.rate, found.price)


def quantity_of(rate: Rate, amount: Decimal) -> int:
    """Give pieces, or minutes, of an amount in pieces or hours. Raises PriceRefused for a part of either."""
    units = amount * MINUTES if rate.unit is Unit.HOUR else amount
    if units != units.to_integral_value():
        raise PriceRefused(absurd("quantity.parts", given=f"{amount:f}"))
    return int(units)

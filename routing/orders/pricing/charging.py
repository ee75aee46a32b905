"""What an order takes of a month's quota as it is placed, within its unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from routing.orders.placing import is_written
from routing.orders.pricing.errors import PriceChanged
from routing.orders.pricing.ledger import take, taken
from routing.orders.pricing.quoting import Cost
from routing.orders.pricing.reasons import write
from routing.orders.pricing.words import sentence


def charge(connection: Connection, cost: Cost, key: str, told_fen: int | None) -> Cost:
    """Give the cost that counts: with what is left of the month now, which nobody else changes until it is kept.

    Raises PriceChanged when it is more for the elder than they were told, unless the order of this `key` is written
    already: what is asked again costs what it cost.
    """
    if cost.account is not None:
        cost = cost.after(taken(connection, cost.account))
    if told_fen is not None and cost.price.elder_pays_fen > told_fen and not is_written(connection, key):
        raise PriceChanged(cost.price, told_fen)
    return cost


def columns_of(cost: Cost) -> dict[str, Any]:
    """Give the columns of an order that its price fills."""
    price = cost.price
    return {
        "price_fen": price.price_fen, "elder_pays_fen": price.elder_pays_fen, "unit": price.unit.value,
        "quantity": price.quantity, "price_reason": sentence(price.reasons), "price_reasons": write(price.reasons),
        "price_day": cost.day,
    }  # fmt: skip


def keep(connection: Connection, cost: Cost, order_id: int, at: datetime) -> None:
    """Write into the ledger what the order takes, if it takes anything."""
    if cost.account is not None and cost.price.covered_fen > 0:
        take(connection, cost.account, order_id, cost.price.covered_fen, at)

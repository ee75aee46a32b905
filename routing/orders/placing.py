"""Writing a new order: few statements and no objects, for a caller waits for it and SQLite has one writer."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Executable, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from db.models import Order, OrderEvent, ServiceItem, ServiceKind
from routing.orders.commands import Act
from routing.orders.policy import OrderState
from routing.orders.views import MenuItem

_TRIES = 5
"""Random numbers that are tried per length before the number grows by a digit: with half of them taken, one try in two
finds a free one, and 5 tries fail once in 32 orders."""
_SHORTEST, _LONGEST = 6, 12

_ORDERS = cast(Table, Order.__table__)
_EVENTS = cast(Table, OrderEvent.__table__)
ITEM = (
    ServiceItem.id, ServiceItem.menu_key, ServiceItem.code, ServiceItem.kind, ServiceItem.name, ServiceItem.name_en,
    ServiceItem.price_fen, ServiceKind.day_and_night,
)  # fmt: skip
"""The columns of a `MenuItem`, in its order, from items joined with their kinds."""
# Statements are made once: making one takes longer than SQLite needs to answer it.
_SAME_KEY = select(_ORDERS.c.id).where(_ORDERS.c.key == bindparam("key"))
_FIRST_EVENT = insert(_EVENTS)


def item_of(row: Sequence[Any]) -> MenuItem:
    """Take the columns `ITEM`; an item without a key has the key 0."""
    of_id, menu_key, *rest = row
    return MenuItem(of_id, menu_key or 0, *rest)


def insert_order(connection: Connection, values: Mapping[str, Any], act: Act) -> tuple[int, str] | None:
    """Write an order that is requested now, with the first row of its history; give its id and its short number.

    None when there is an order with this `key` already, whoever wrote it at whatever moment.
    """
    statement = _insert(connection.dialect.name)
    row = dict(values) | {"state": OrderState.REQUESTED.value, "created_at": act.at, "updated_at": act.at}
    for number in numbers():
        order_id = connection.scalar(statement, row | {"number": number})
        if order_id is not None:
            first = {
                "order_id": order_id, "at": act.at, "from_state": "", "to_state": OrderState.REQUESTED.value,
                "actor": act.actor, "channel": act.channel, "reason": act.reason, "command": "place",
            }  # fmt: skip
            connection.execute(_FIRST_EVENT, first)
            return int(order_id), number
        if is_written(connection, values["key"]):
            return None
    raise RuntimeError("no free order number was found")


def is_written(connection: Connection, key: str) -> bool:
    """Tell whether there is an order with this `key`."""
    return connection.scalar(_SAME_KEY, {"key": key}) is not None


def numbers() -> Iterator[str]:
    """Short numbers to try: six digits that do not begin with 0, more when those are crowded."""
    for digits in range(_SHORTEST, _LONGEST + 1):
        least = 10 ** (digits - 1)
        for _ in range(_TRIES):
            yield str(least + secrets.randbelow(9 * least))


@cache
def _insert(dialect: str) -> Executable:
    upsert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return upsert(_ORDERS).on_conflict_do_nothing().returning(_ORDERS.c.id)

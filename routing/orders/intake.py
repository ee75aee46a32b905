"""Orders as people, machines and files hand them in: looked at, and asked back, before they are placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from db.models import Order
from db.session import UnitOfWork
from routing.orders.errors import LooksDoubled
from routing.orders.service import Orders
from routing.orders.views import OrderView, order_view


@dataclass(frozen=True)
class Asked:
    """An order that somebody asks for. `confirm_repeat`: they know that it was ordered a moment ago; `place_anyway`:
    they know that no company serves the place, and a supervisor shall find one."""

    elder_id: int
    item_id: int
    key: str
    actor: str
    due_at: datetime | None = None
    note: str = field(default="", repr=False)
    call_id: str | None = None
    confirm_repeat: bool = False
    place_anyway: bool = False
    quantity: int | None = None
    """Pieces, or minutes of an item by the hour; None: the usual one."""
    told_fen: int | None = None
    """What the elder was told that they pay."""


class Intake:
    """Places what is asked for at the desk, by the API and in files."""

    def __init__(self, reading: UnitOfWork, orders: Orders) -> None:
        self._reading = reading
        self._orders = orders

    def place(self, asked: Asked) -> OrderView:
        """Place an order, once per key; the same key again gives the same order, whatever is so by now.

        Raises as `Orders.place` does, and LooksDoubled; each with what to do.
        """
        before = self.placed(asked.key)
        if before is not None:
            return before
        # Whether it can be ordered at all comes before whether it is meant.
        self._orders.quote(
            asked.elder_id, asked.item_id, due_at=asked.due_at, quantity=asked.quantity, place_anyway=True
        )
        if not asked.confirm_repeat:
            same = self._orders.recent_same(asked.elder_id, asked.item_id)
            if same is not None:
                raise LooksDoubled(same.number, same.id)
        return self._orders.place(
            asked.elder_id, asked.item_id, key=asked.key, source="desk", call_id=asked.call_id, due_at=asked.due_at,
            note=asked.note, actor=asked.actor, channel="desk", quantity=asked.quantity, told_fen=asked.told_fen,
            place_anyway=asked.place_anyway,
        )  # fmt: skip

    def placed(self, key: str) -> OrderView | None:
        """Give the order that was placed with this key, if there is one."""
        with self._reading() as session:
            order = session.scalar(select(Order).where(Order.key == key))
            return order_view(order) if order is not None else None

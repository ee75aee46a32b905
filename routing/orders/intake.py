"""Orders as people, machines and files hand them in: looked at, and asked back, before they are placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Company, CompanyItem, Elder, Order, ServiceItem
from db.session import UnitOfWork
from routing.orders.checks import check_due, served
from routing.orders.errors import LooksDoubled, NobodyServes
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

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], orders: Orders) -> None:
        self._reading = reading
        self._clock = clock
        self._orders = orders

    def place(self, asked: Asked) -> OrderView:
        """Place an order, once per key; the same key again gives the same order, whatever is so by now.

        Raises BadDue, LooksDoubled and NobodyServes, each with what to do; NotFound and NotServed as `Orders.place`.
        """
        before = self._placed(asked.key)
        if before is not None:
            return before
        if asked.due_at is not None:
            check_due(asked.due_at, self._clock())
        self._orders.quote(asked.elder_id, asked.item_id)  # Whether they are served at all comes before the rest.
        if not asked.confirm_repeat:
            same = self._orders.recent_same(asked.elder_id, asked.item_id)
            if same is not None:
                raise LooksDoubled(same.number, same.id)
        if not asked.place_anyway:
            self._check_served(asked)
        return self._orders.place(
            asked.elder_id, asked.item_id, key=asked.key, source="desk", call_id=asked.call_id, due_at=asked.due_at,
            note=asked.note, actor=asked.actor, channel="desk", quantity=asked.quantity, told_fen=asked.told_fen,
        )  # fmt: skip

    def _placed(self, key: str) -> OrderView | None:
        with self._reading() as session:
            order = session.scalar(select(Order).where(Order.key == key))
            return order_view(order) if order is not None else None

    def _check_served(self, asked: Asked) -> None:
        with self._reading() as session:
            district = session.scalars(select(Elder.district).where(Elder.id == asked.elder_id)).one()
            found = served(district, _districts(session, asked.item_id))
            if not found.served:
                item = session.get_one(ServiceItem, asked.item_id)
                raise NobodyServes(
                    f"{found.reason} for {item.name}; correct the record, or place it anyway with place_anyway: "
                    "then a supervisor finds a company"
                )


def _districts(session: Session, item_id: int) -> list[str]:
    query = select(Company.districts).join(CompanyItem, CompanyItem.company_id == Company.id)
    return list(session.scalars(query.where(Company.active, CompanyItem.item_id == item_id)))

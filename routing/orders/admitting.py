"""The one gate before an order: by whatever way somebody asks for it, this is looked at first.

Voice, desk, API, files and plans all end in `Orders.place`, which asks here; nothing else writes an order
(`tests/routing/orders/test_admitting.py` holds that).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from db.models import Company, CompanyItem
from routing.orders.checks import check_due, served
from routing.orders.errors import NobodyServes
from routing.orders.pricing.quoting import Cost, cost_of


@dataclass(frozen=True)
class Asking:
    """What is asked for. `quantity` is pieces or minutes, None: the usual one. `place_anyway`: whoever asks knows that
    no company may serve the place, and that a person finds one then."""

    elder_id: int
    item_id: int
    due_at: datetime
    quantity: int | None = None
    place_anyway: bool = False


_DISTRICTS = (
    select(Company.districts)
    .join(CompanyItem, CompanyItem.company_id == Company.id)
    .where(Company.active, CompanyItem.item_id == bindparam("item_id"))
    .distinct()
)


def admit(connection: Connection, asking: Asking, now: datetime, zone: ZoneInfo) -> Cost:
    """Give what it costs, if it can be ordered at all.

    Raises BadDue for a time that is past or absurdly far, NotServed for an elder who died or is not registered any
    more and for an item that is over, NotFound, NotPriced and PriceRefused as `cost_of` does, and NobodyServes where
    no company brings it, unless it shall be placed anyway.
    """
    check_due(asking.due_at, now)
    day = asking.due_at.astimezone(zone).date()
    cost = cost_of(connection, asking.elder_id, asking.item_id, day, asking.quantity)
    if not asking.place_anyway:
        check_served(connection, cost)
    return cost


def check_served(connection: Connection, cost: Cost) -> None:
    """Raise NobodyServes, with what to do, where no active company brings the item to the elder's district."""
    found = served(cost.district, list(connection.scalars(_DISTRICTS, {"item_id": cost.item.id})))
    if not found.served:
        raise NobodyServes(
            f"{found.reason} for {cost.item.name}; correct the record, or place it anyway with place_anyway: "
            "then a supervisor finds a company"
        )

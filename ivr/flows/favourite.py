"""What an elder nearly always orders, which the welcome offers first."""

from __future__ import annotations

from ivr.flows.base import Next
from ivr.flows.desk import CallDesk
from ivr.flows.ordering import Ordering
from routing.orders.views import MenuItem


class Favourite(Ordering):
    """The same as always, without a menu of services."""

    def run(self) -> Next:
        item = favourite_of(self.desk)
        return self.person() if item is None else self.order(item)


def favourite_of(desk: CallDesk) -> MenuItem | None:
    """Give the item to offer first; None when the elder has none, or it is not offered any more, or
    not now."""
    manner = desk.elder.manner if desk.elder else None
    if manner is None or not manner.favourite_offered or manner.favourite_item_id is None:
        return None
    item = desk.services.orders.item(manner.favourite_item_id)
    return item if item is not None and desk.services.orders.is_told_now(item) else None

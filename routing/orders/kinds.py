"""What the voice menus offer: kinds of services with a key each, and the item that a kind stands for."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection, bindparam, select

from db.models import ServiceItem, ServiceKind
from routing.orders.placing import ITEM, item_of
from routing.orders.views import MenuItem, OfferedKind

MENU_KEYS = 4
"""Three options are best and four to five the most that a voice menu may have (Avaya's guide, W3C COGA)."""


class Menu(StrEnum):
    """The menus below the welcome."""

    DAILY = "daily"
    """Daily life at home."""
    CARE = "care"
    """Seeing a doctor, medicines, company."""


_ITEMS = select(*ITEM).join(ServiceKind, ServiceKind.code == ServiceItem.kind)
_HAS_KEY = ServiceItem.menu_key.between(1, MENU_KEYS)
_MENU = _ITEMS.where(ServiceItem.active, _HAS_KEY).order_by(ServiceItem.menu_key, ServiceItem.id)
_KIND = (
    ServiceKind.menu,
    ServiceKind.menu_key,
    ServiceKind.code,
    ServiceKind.name,
    ServiceKind.name_en,
    ServiceKind.menu_times,
)
_OFFERED = (
    select(*_KIND, *ITEM)
    .join(ServiceItem, ServiceItem.kind == ServiceKind.code)
    .where(ServiceKind.active, ServiceKind.menu.in_([menu.value for menu in Menu]))
    .where(ServiceKind.menu_key.between(1, MENU_KEYS), ServiceItem.active, _HAS_KEY)
    .order_by(ServiceKind.menu, ServiceKind.menu_key, ServiceItem.menu_key, ServiceItem.id)
)
_ONE = _ITEMS.where(ServiceItem.id == bindparam("item_id"), ServiceItem.active, ServiceKind.active)


def items_with_keys(connection: Connection) -> tuple[MenuItem, ...]:
    """Give all items that can be ordered by telephone, by their keys."""
    return tuple(map(item_of, connection.execute(_MENU)))


def offered_kinds(connection: Connection) -> tuple[OfferedKind, ...]:
    """Give the kinds that the voice menus offer at one time or another, by menu and key, each with its item of the
    lowest key.

    A kind without an item is not offered, so that no key leads nowhere.
    """
    found: dict[str, OfferedKind] = {}
    for menu, key, code, name, name_en, times, *item in connection.execute(_OFFERED):
        found.setdefault(code, OfferedKind(menu, key or 0, code, name, name_en, item_of(item), times))
    return tuple(found.values())


def times_of(connection: Connection, kind: str) -> str:
    """Give when the menus offer a kind."""
    return connection.scalar(select(ServiceKind.menu_times).where(ServiceKind.code == kind)) or ""


def item_on_offer(connection: Connection, item_id: int) -> MenuItem | None:
    """Give an item that can still be ordered, with a key or without; None for any other."""
    row = connection.execute(_ONE, {"item_id": item_id}).one_or_none()
    return None if row is None else item_of(row)

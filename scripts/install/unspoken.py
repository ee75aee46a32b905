"""Services that the voice menus offer by a name of which there is no recording: callers hear something general."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ivr.prompts.catalogue import Catalogue, NotSpoken
from routing.orders.views import OfferedKind
from routing.settings import Settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores


def unspoken(kinds: Iterable[OfferedKind], catalogue: Catalogue) -> list[str]:
    """Give the names of kinds and of their items that cannot be spoken, each once, as they stand in the database."""
    names = dict.fromkeys(name for kind in kinds for name in (kind.name, kind.item.name))
    return [name for name in names if not _is_spoken(name, catalogue)]


def unspoken_services(settings: Settings) -> list[str]:
    """Give them for the database of an instance, migrated already."""
    stores = open_stores(settings)
    try:
        return unspoken(HotlineServices(stores).orders.all_kinds(), Catalogue.load())
    finally:
        stores.redis.close()
        stores.engine.dispose()


def _is_spoken(name: str, catalogue: Catalogue) -> bool:
    reported: list[NotSpoken] = []
    replace(catalogue, report=reported.append).plan("services.choice", service=name, key="1")
    return not any(each.placeholder == "service" for each in reported)

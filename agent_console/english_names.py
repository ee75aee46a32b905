"""The English names of what the catalogue has in both languages: services, their tasks, payer classes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from flask import current_app
from sqlalchemy import select

from agent_console.catalogue import CHINESE, language_now
from agent_console.services import ConsoleServices, console_services
from db.models import ItemTask, PayerClass, ServiceItem

KEPT_SECONDS: Final = 30
"""How long a name may be the one of before: pages have dozens of them, and they change a few times a year."""
_KEPT: Final = "elderline-english-names"


class _Kept(NamedTuple):
    names: Mapping[str, str]
    until: float


def named(name: str) -> str:
    """Give the name of a service, task or payer class in the language of the page, if it has one in English."""
    return name if language_now() == CHINESE else _names().get(name, name)


def names_now(services: ConsoleServices) -> Mapping[str, str]:
    """Give the English name of each in English, and nothing in Chinese.

    For whoever answers outside of a request, as the live stream does.
    """
    return {} if language_now() == CHINESE else _read(services)


def _names() -> Mapping[str, str]:
    kept: _Kept | None = current_app.extensions.get(_KEPT)
    if kept is None or time.monotonic() >= kept.until:
        kept = _Kept(_read(console_services()), time.monotonic() + KEPT_SECONDS)
        current_app.extensions[_KEPT] = kept
    return kept.names


def _read(services: ConsoleServices) -> Mapping[str, str]:
    tables = (PayerClass, ItemTask, ServiceItem)
    with services.reading() as session:
        rows = [row for table in tables for row in session.execute(select(table.name, table.name_en))]
    return {name: english for name, english in rows if english}

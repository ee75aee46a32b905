"""Pages of long lists, by key: the next page begins after the last row seen, however far back that is."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import UtcDateTime
from routing.errors import Invalid

Row = TypeVar("Row")

MOST: Final = 200
"""Rows on one page, whatever is asked for."""
USUAL: Final = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, the newest first, and the cursor of the next page if there is one."""

    rows: Sequence[Row]
    next_cursor: str | None


def read_page(
    work: Session,
    query: Select[Row],
    key: Sequence[InstrumentedAttribute[Any]],
    cursor: str | None,
    limit: int,
) -> Page[Row]:
    """Read one page of `query`, newest first by `key`: columns of which the last is unique.

    Raises Invalid for a cursor that was not given out here.
    """
    limit = max(1, min(limit, MOST))
    if cursor:
        query = query.where(_before(key, _decode(cursor, key)))
    rows = list(work.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, _encode([getattr(rows[-1], column.key) for column in key]) if more else None)


def _before(key: Sequence[InstrumentedAttribute[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """(a, b) < (x, y), written out, so that every database uses its index and every type is bound right."""
    ways = []
    for place, column in enumerate(key):
        same = [left == value for left, value in zip(key[:place], values[:place], strict=True)]
        ways.append(and_(*same, column < values[place]))
    return or_(*ways)


def _encode(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, key: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        readers: list[Callable[[Any], Any]] = [_reader(column) for column in key]
        return [read(value) for read, value in zip(readers, values, strict=True)]
    except (binascii.Error, ValueError, TypeError):
        raise Invalid("this cursor was not given out here") from None


def _reader(column: InstrumentedAttribute[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UtcDateTime):
        return _instant
    return int if isinstance(column.type, Integer) else str


def _instant(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return at

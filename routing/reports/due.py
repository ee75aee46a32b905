"""Which reports a schedule owes by now. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

READY_AT = time(5)
"""A period is reported on from this time of the day after it: calls over midnight are over, and files are read."""
OWED_MOST = 31
"""After a long time away the latest periods are made up for, and no more: a month of days."""


class Every(StrEnum):
    """How often a report is made; weeks are Monday to Sunday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def owed(every: Every, starts_on: date, now: datetime, zone: ZoneInfo) -> list[tuple[date, date]]:
    """Give the first and last days of the periods that are over and began on or after a day, the latest first."""
    local = now.astimezone(zone)
    over = local.date() if local.time() >= READY_AT else local.date() - timedelta(days=1)
    found: list[tuple[date, date]] = []
    for first, last in _back_from(every, over):
        if first < starts_on or len(found) == OWED_MOST:
            break
        found.append((first, last))
    return found


def _back_from(every: Every, day: date) -> Iterator[tuple[date, date]]:
    """Give the periods that were over when this day began, the latest first."""
    after = {Every.DAY: day, Every.WEEK: day - timedelta(days=day.weekday()), Every.MONTH: day.replace(day=1)}[every]
    while True:
        last = after - timedelta(days=1)
        after = {Every.DAY: last, Every.WEEK: last - timedelta(days=6), Every.MONTH: last.replace(day=1)}[every]
        yield after, last

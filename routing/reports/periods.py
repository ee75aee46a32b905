"""Local days, and how quarters of an hour of UTC add up to half hours, days and months of a zone. Pure.

The database counts by quarters of an hour of UTC, which it can do without knowing the zone: every zone in use is a
multiple of a quarter of an hour from UTC, so that each of its half hours is two of them. On the day on which the clocks
go back, a half hour that is there twice is two rows, and its label has the offset from UTC; one left out is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, Self, TypeVar
from zoneinfo import ZoneInfo

from routing.errors import Invalid

QUARTER_SECONDS = 900


class By(StrEnum):
    """What a row is of."""

    HALF_HOUR = "half_hour"
    DAY = "day"
    MONTH = "month"


MOST_DAYS = {By.HALF_HOUR: 31, By.DAY: 400, By.MONTH: 400}
"""The longest periods: 31 days are 1,488 half hours, and 400 days leave room for a year beside the one before."""


class Adds(Protocol):
    """Counts that add up."""

    def __add__(self, other: Self) -> Self: ...


Counted = TypeVar("Counted", bound=Adds)


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, both included, in a zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begin(self) -> datetime:
        """The instant with which the first day begins."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The instant with which the last day is over."""
        return midnight(self.last + timedelta(days=1), self.zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the instant with which a local day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def period(first: date | None, last: date | None, *, today: date, zone: ZoneInfo, most_days: int) -> Period:
    """Read what is asked for: without days, the last seven. Days that are yet to come are left out.

    Raises Invalid for days in the wrong order, too many, or all of them yet to come.
    """
    last = last or (today if first is None or first <= today else first)
    first = first or last - timedelta(days=6)
    if first > last:
        raise Invalid("the first day must not be after the last")
    if first > today:
        raise Invalid("these days are yet to come")
    if (last - first).days >= most_days:
        raise Invalid(f"give {most_days} days at most")
    return Period(first, min(last, today), zone)


def rows(
    quarters: Mapping[int, Counted], by: By, asked: Period, now: datetime, empty: Counted
) -> list[tuple[str, Counted]]:
    """Add quarters of an hour (by their number since 1970) up to labelled rows, in the order of time.

    Each row of the period that has begun by `now` is there, also if nothing happened in it.
    """
    found: dict[tuple[date, str], Counted] = {}
    first = int(asked.begin.timestamp()) // QUARTER_SECONDS
    last = int(min(asked.end, now + timedelta(seconds=QUARTER_SECONDS)).timestamp()) // QUARTER_SECONDS
    for quarter in range(first, max(last, first + 1)):
        key = _key(quarter, by, asked.zone)
        before = found.get(key, empty)
        counted = quarters.get(quarter)
        found[key] = before if counted is None else before + counted
    return [(label, counted) for (_, label), counted in found.items()]


def total(counted: Iterable[Counted], empty: Counted) -> Counted:
    """Add up."""
    for each in counted:
        empty = empty + each
    return empty


def _key(quarter: int, by: By, zone: ZoneInfo) -> tuple[date, str]:
    local = datetime.fromtimestamp(quarter * QUARTER_SECONDS, zone)
    day = local.date()
    if by is By.MONTH:
        return day.replace(day=1), f"{local:%Y-%m}"
    if by is By.DAY:
        return day, day.isoformat()
    label = f"{day.isoformat()} {local.hour:02d}:{local.minute // 30 * 30:02d}"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return day, f"{label} UTC{local:%z}" if twice else label

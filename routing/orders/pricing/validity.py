"""From when until when something holds, so that on each day one thing does. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days on which row `id` holds; `last` is included, None: until further notice."""

    id: int
    first: date
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Changes:
    """What makes room for a new row, and where that one ends."""

    last: date | None
    """The last day of the new one."""
    withdrawn: tuple[int, ...] = ()
    """Rows that hold no day any more."""
    ended: tuple[tuple[int, date], ...] = ()
    """Rows that end sooner, with their last day."""
    resumed: tuple[tuple[int, date, date | None], ...] = ()
    """Rows that go on behind the new one: each needs a copy with these days."""


def make_room(spans: Iterable[Span], first: date, last: date | None) -> Changes:
    """Decide what a new row from `first` to `last` does to those that are there, which do not overlap.

    Without `last` it holds until the next change that is planned already, and if there is none, until further notice.
    With it, what held before goes on behind it: a price for a festival needs no second change. Raises ValueError for
    days that end before they begin.
    """
    if last is not None and last < first:
        raise ValueError("the last day is before the first")
    rows = sorted(spans, key=lambda each: each.first)
    if last is None:
        planned = next((each.first for each in rows if each.first > first), None)
        last = None if planned is None else planned - _DAY
    withdrawn, ended, resumed = [], [], []
    for each in rows:
        if (last is not None and each.first > last) or (each.last is not None and each.last < first):
            continue
        if each.first < first:
            ended.append((each.id, first - _DAY))
        else:
            withdrawn.append(each.id)
        if last is not None and (each.last is None or each.last > last):
            resumed.append((each.id, last + _DAY, each.last))
    return Changes(last, tuple(withdrawn), tuple(ended), tuple(resumed))

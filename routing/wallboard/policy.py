"""When a figure on the wall calls for a look, and when for help; and what a usual day is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

ENOUGH_CALLS: Final = 20
"""Callers of today before their service level is judged: the first one of the morning who waits is no catastrophe."""
ENOUGH_DAYS: Final = 3
"""Days of the same weekday, with calls, before anything is called usual."""
WEEKS: Final = 8
"""So many of the last weeks are looked at."""
_RELEASE: Final = 0.1
"""A level is left when the figure is better than its limit by this share of it, lest the board flickers there."""


class Level(StrEnum):
    """How pressing a figure is."""

    CALM = "calm"
    WARN = "warn"
    ALARM = "alarm"


_ORDER: Final = (Level.CALM, Level.WARN, Level.ALARM)


@dataclass(frozen=True)
class Limits:
    """From where a figure is pressing. `falling`: less is worse, as of a service level."""

    warn: float
    alarm: float
    falling: bool = False

    def level(self, value: float | None, before: Level = Level.CALM) -> Level:
        """Tell the level; `before` is the one that was shown. None is of nothing that could be judged."""
        if value is None:
            return Level.CALM
        reached = [Level.CALM]
        for level, limit in ((Level.WARN, self.warn), (Level.ALARM, self.alarm)):
            held = _ORDER.index(before) >= _ORDER.index(level)
            if self._beyond(value, limit, _RELEASE if held else 0.0):
                reached.append(level)
        return max(reached, key=_ORDER.index)

    def _beyond(self, value: float, limit: float, slack: float) -> bool:
        if self.falling:
            return value < limit + slack * (1 - limit)
        return value >= limit * (1 - slack)


@dataclass(frozen=True)
class UsualDay:
    """What the same weekday was like: for each interval the median, the least and the most, over `days` days."""

    days: int
    middle: tuple[float, ...] = ()
    least: tuple[float, ...] = ()
    most: tuple[float, ...] = ()

    @property
    def known(self) -> bool:
        """Tell whether there were days enough."""
        return self.days >= ENOUGH_DAYS


def usual_day(days: Sequence[Sequence[int]]) -> UsualDay:
    """Give what is usual of days with the same number of intervals. Days without a single call tell nothing: the
    hotline was not there yet."""
    told = [day for day in days if any(day)]
    if len(told) < ENOUGH_DAYS:
        return UsualDay(len(told))
    columns = list(zip(*told, strict=True))
    return UsualDay(
        len(told),
        tuple(float(median(each)) for each in columns),
        tuple(float(min(each)) for each in columns),
        tuple(float(max(each)) for each in columns),
    )

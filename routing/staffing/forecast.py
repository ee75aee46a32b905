"""Calls to be expected on a day, by half hour, from the days before; and how far such a forecast was off. Pure.

The forecast is the weighted mean of the same weekday's latest weeks, newer ones counting more. On the data with which
it is back-tested (docs/staffing.md) models with a level, a weekday factor and a course of the day were no better, so
the one that a supervisor can check by hand is used. Days unlike their weekday (holidays, outages, a day half recorded)
are left out: a total further from the median than `_UNLIKE` times the usual distance, as is done with robust z scores
(B. Iglewicz and D. Hoaglin, "How to detect and handle outliers", 1993, who advise 3.5).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from routing.staffing.history import HALF_HOURS, Day, History

_UNLIKE = 3.5
_NORMAL = 0.6745
"""The median distance from the median is so much of a standard deviation in normal data."""
_LEAST_SPREAD = 0.05
"""Days that agree within 5 % are alike, however well the others agree."""
_ENOUGH = 4
"""From fewer days nothing can be called unusual."""
_NEW_USUAL = 3
"""So many unlike days, the latest, are a change to stay."""
_WEEKEND = 5


class NoHistory(ValueError):
    """There are no days to forecast from."""


@dataclass(frozen=True)
class Method:
    """Look back `weeks` weeks; a week that is `half_life_weeks` older counts half."""

    weeks: int = 12
    half_life_weeks: float = 3.0


@dataclass(frozen=True)
class Forecast:
    """Calls by half hour of `day`, the days that it rests on, and those left out as unlike the others."""

    day: date
    calls: Day
    based_on: tuple[date, ...]
    left_out: tuple[date, ...]


def forecast(history: History, day: date, method: Method | None = None, holidays: Collection[date] = ()) -> Forecast:
    """Forecast a day from the days before it; `holidays` are left out beforehand.

    A weekday without a past takes the other days of its kind (working days or weekend), else all. Raises NoHistory.
    """
    method = method or Method()
    first = day - timedelta(weeks=method.weeks)
    past = [each for each in sorted(history) if first <= each < day and each not in holidays]
    recorded = [each for each in past if sum(history[each]) > 0]
    same = [each for each in recorded if each.weekday() == day.weekday()]
    kind = [each for each in recorded if (each.weekday() >= _WEEKEND) == (day.weekday() >= _WEEKEND)]
    days = same or kind or recorded
    if not days:
        raise NoHistory(f"no day with calls in the {method.weeks} weeks before {day}")
    unlike = _unlike(history, days)
    good = [each for each in days if each not in unlike]
    weights = [0.5 ** ((day - each).days / 7 / method.half_life_weeks) for each in good]
    return Forecast(day, _mean(history, good, weights), tuple(good), tuple(unlike))


def _unlike(history: History, days: Sequence[date]) -> list[date]:
    """Name the days whose totals are far from the others', by ratio; if the latest are, the earlier ones instead."""
    if len(days) < _ENOUGH:
        return []
    size = {each: math.log(sum(history[each])) for each in days}
    latest = days[-_NEW_USUAL:]
    middle = median(size.values())
    spread = max(_LEAST_SPREAD, median(abs(each - middle) for each in size.values()) / _NORMAL)
    if all(abs(size[each] - middle) > _UNLIKE * spread for each in latest):
        middle, spread = median(size[each] for each in latest), _LEAST_SPREAD
    return [each for each in days if abs(size[each] - middle) > _UNLIKE * spread]


def _mean(history: History, days: Sequence[date], weights: Sequence[float]) -> Day:
    whole = math.fsum(weights)
    pairs = list(zip(days, weights, strict=True))
    return tuple(math.fsum(weight * history[each][n] for each, weight in pairs) / whole for n in range(HALF_HOURS))


@dataclass(frozen=True)
class BackTest:
    """How far forecasts a week ahead were off: sums of absolute errors as a share of all calls (WAPE).

    `naive` takes the same weekday of the last week there is; `bias` is more than 0 when the forecast was too high.
    """

    days: int
    half_hours: float
    day_totals: float
    bias: float
    naive_half_hours: float
    naive_day_totals: float


def back_test(
    history: History, method: Method | None = None, *, ahead_days: int = 7, warm_up_days: int = 56
) -> BackTest:
    """Forecast each day after the warm-up from what was known `ahead_days` before it. Raises NoHistory."""
    method = method or Method()
    days = sorted(history)
    tested = [day for day in days if (day - days[0]).days >= warm_up_days and sum(history[day]) > 0]
    if not tested:
        raise NoHistory(f"a back-test needs more than {warm_up_days} days of calls")
    missed = missed_days = over = naive = naive_days = calls = 0.0
    for day in tested:
        known = {each: history[each] for each in days if (day - each).days >= ahead_days}
        real, guess = history[day], forecast(known, day, method).calls
        last = known[max((each for each in known if each.weekday() == day.weekday()), default=max(known))]
        missed += _apart(guess, real)
        naive += _apart(last, real)
        missed_days += abs(sum(guess) - sum(real))
        naive_days += abs(sum(last) - sum(real))
        over += sum(guess) - sum(real)
        calls += sum(real)
    return BackTest(len(tested), missed / calls, missed_days / calls, over / calls, naive / calls, naive_days / calls)


def _apart(one: Day, other: Day) -> float:
    return math.fsum(abs(a - b) for a, b in zip(one, other, strict=True))

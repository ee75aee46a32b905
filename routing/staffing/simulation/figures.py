"""What simulated days come to, in the figures that a hotline is held to. Shares are 0 to 1, times in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from routing.calls.messages import CallerClass
from routing.staffing.simulation.centre import Day, Ended, Outcome

ANSWER_SECONDS = 15.0
"""GB/T 33358-2016."""
SHORT_SECONDS = 5.0
"""Whoever hangs up sooner has not given up waiting: on a free agent's ring too, some do."""


@dataclass(frozen=True)
class ClassFigures:
    """Calls of one class, or all. `within_15` counts all calls, `stayed_within` those who did not hang up sooner."""

    calls: int
    within_15: float
    stayed_within_15: float
    stayed_within_60: float
    answer_seconds: float
    wait_p99: float
    wait_max: float
    abandoned: float
    abandoned_after_5: float
    abandoned_unrung: float
    """Before any agent was free: what no speed of picking up a phone mends."""
    called_back: float


@dataclass(frozen=True)
class Figures:
    """All figures of one policy. Errors of the announced wait are medians of the absolute error."""

    all: ClassFigures
    by_class: dict[str, ClassFigures]
    answered_or_called_back: float
    """Of the people who called, once or more often."""
    had_wanted_skills: float
    """Of the calls that wanted any and were answered."""
    callback_wait_median: float
    """From the first word of the call until the call-back was answered by an agent, as `callback_wait_p99`."""
    callback_wait_p99: float
    callbacks_not_reached: int
    announced: int
    estimate_error: float
    estimate_bias: float
    """The mean of what was told minus what it then was, in seconds."""
    app_queue_estimate_error: float
    occupancy: float
    queue_longest: int


def figures(days: Sequence[Day]) -> Figures:
    """Sum up days under one policy."""
    ended = [each for day in days for each in day.ended]
    served = sum(len({each.need for each in day.ended if _helped(each)}) for day in days)
    first = [each for day in days for each in day.announced if each.first]
    called_back = [each.waited for each in ended if each.outcome is Outcome.CALLED_BACK]
    skilled = [each.skilled for each in ended if _helped(each) and each.wanted]
    return Figures(
        all=_of(ended),
        by_class={
            name.value: _of([each for each in ended if each.caller_class is name])
            for name in CallerClass
            if any(each.caller_class is name for each in ended)
        },
        answered_or_called_back=_share(served, sum(day.needs for day in days)),
        had_wanted_skills=_share(sum(skilled), len(skilled)),
        callback_wait_median=_median(called_back),
        callback_wait_p99=percentile(called_back, 0.99),
        callbacks_not_reached=sum(each.outcome is Outcome.NOT_REACHED for each in ended),
        announced=len(first),
        estimate_bias=_share(sum(each.told - each.actual for each in first), len(first)),
        estimate_error=_median([abs(each.told - each.actual) for each in first]),
        app_queue_estimate_error=_median([abs(each.naive - each.actual) for each in first]),
        occupancy=_share(sum(day.talking_seconds for day in days), sum(day.staffed_seconds for day in days)),
        queue_longest=max((number for day in days for number in day.queue_by_minute), default=0),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Give the least value that at least `share` of all values do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0


def _of(ended: Sequence[Ended]) -> ClassFigures:
    waits = [each.waited for each in ended if each.outcome is Outcome.ANSWERED]
    gave_up = [each.waited for each in ended if each.outcome is Outcome.ABANDONED]

    def stayed(seconds: float) -> float:
        return _share(_up_to(waits, seconds), len(ended) - _up_to(gave_up, seconds))

    return ClassFigures(
        calls=len(ended),
        within_15=_share(_up_to(waits, ANSWER_SECONDS), len(ended)),
        stayed_within_15=stayed(ANSWER_SECONDS),
        stayed_within_60=stayed(60.0),
        answer_seconds=_share(sum(waits), len(waits)),
        wait_p99=percentile(waits, 0.99),
        wait_max=max(waits, default=0.0),
        abandoned=_share(len(gave_up), len(ended)),
        abandoned_after_5=_share(len(gave_up) - _up_to(gave_up, SHORT_SECONDS), len(ended)),
        abandoned_unrung=_share(
            sum(each.outcome is Outcome.ABANDONED and not each.ringing for each in ended), len(ended)
        ),
        called_back=_share(sum(each.outcome is Outcome.CALLED_BACK for each in ended), len(ended)),
    )


def _helped(ended: Ended) -> bool:
    return ended.outcome in (Outcome.ANSWERED, Outcome.CALLED_BACK)


def _up_to(values: Sequence[float], most: float) -> int:
    return sum(value <= most for value in values)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _median(values: Sequence[float]) -> float:
    return median(values) if values else 0.0

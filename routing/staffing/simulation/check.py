"""The simulator against a formula: a plain queue, played long enough, must come out as Erlang A says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from routing.calls.messages import CallerClass
from routing.staffing.erlang import Queue
from routing.staffing.history import HALF_HOUR_SECONDS
from routing.staffing.simulation.callers import Habits, draw_day
from routing.staffing.simulation.centre import Centre, Ended, Outcome
from routing.staffing.simulation.live import LiveHall

_BATCHES = 20
_WARM_UP_HANDLES = 20.0
WITHIN_SECONDS = 20.0


@dataclass(frozen=True)
class Compared:
    """One figure by formula and by simulation, with the half width of the 99 % confidence interval (batch means)."""

    name: str
    formula: float
    simulated: float
    half_width: float

    @property
    def apart(self) -> float:
        """Relative difference."""
        return abs(self.simulated - self.formula) / self.formula


def against_erlang_a(
    queue: Queue, calls: int, seed: int, progress: Callable[[], None] = lambda: None
) -> tuple[Compared, ...]:
    """Play `calls` calls through the live policy in `_BATCHES` stretches, each from an empty queue, and compare."""
    patience = queue.patience_seconds or math.inf
    habits = Habits(
        shares={CallerClass.OTHER: 1.0},
        talk_seconds=queue.handle_seconds,
        memoryless=True,
        patience_seconds=patience,
        retry_share=0.0,
        skill_shares={},
        known_share=0.0,
        pick_up_seconds=0.0,
        missed_share=0.0,
    )
    warm_up = _WARM_UP_HANDLES * queue.handle_seconds
    counted = calls / _BATCHES / queue.calls_per_second
    half_hours = math.ceil((warm_up + counted) / HALF_HOUR_SECONDS)
    # The agents stay until the last caller has been answered or has given up.
    drained = half_hours + math.ceil(5 * (queue.handle_seconds + patience) / HALF_HOUR_SECONDS)
    centre = Centre((queue.agents,) * drained, wrap_up_seconds=0.0, callback_offer_seconds=None, skills={})
    batches = []
    for number in range(_BATCHES):
        needs = draw_day((queue.calls_per_second * HALF_HOUR_SECONDS,) * half_hours, habits, seed * _BATCHES + number)
        ended = LiveHall(centre, needs).run().ended
        batches.append(_measured([each for each in ended if each.joined_at >= warm_up]))
        progress()
    formula = (
        queue.wait_probability,
        queue.abandoned,
        queue.answer_seconds,
        queue.answered_within(WITHIN_SECONDS),
    )
    return tuple(
        Compared(name, exact, fmean(values), _STUDENT * stdev(values) / math.sqrt(_BATCHES))
        for name, exact, values in zip(_NAMES, formula, zip(*batches, strict=True), strict=True)
    )


_NAMES = ("share that waits", "share that gives up", "average speed of answer, s", "answered within 20 s")
_STUDENT = 2.861
"""Quantile 0.995 of Student's distribution with 19 degrees of freedom."""


def _measured(ended: Sequence[Ended]) -> tuple[float, ...]:
    answered = [each.waited for each in ended if each.outcome is Outcome.ANSWERED]
    return (
        sum(each.waited > 0 for each in ended) / len(ended),
        1 - len(answered) / len(ended),
        fmean(answered),
        sum(waited <= WITHIN_SECONDS for waited in answered) / len(ended),
    )

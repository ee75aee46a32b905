"""The simulator against a formula: a plain queue, played long enough, must come out as Erlang A says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression

from routing.calls.messages import CallerClass
from routing.staffing.erlang import Queue
from routing.staffing.history import HALF_HOUR_SECONDS
from routing.staffing.simulation.callers import Habits, Need, draw_day
from routing.staffing.simulation.centre import Centre, Ended, Outcome
from routing.staffing.simulation.live import LiveHall

BATCHES = 40
_WARM_UP_HANDLES = 20.0
WITHIN_SECONDS = 20.0


@dataclass(frozen=True)
class Compared:
    """One figure by formula and by simulation, with the half width of the 99 % confidence interval.

    Batch means, with the load that happened to be offered in each batch as control variate, for its mean is known
    (S. S. Lavenberg and P. D. Welch, "A perspective on the use of control variables to increase the efficiency of Monte
    Carlo simulations", Management Science 27(3), 1981): the same calls tell some four times as much.
    """

    name: str
    formula: float
    simulated: float
    half_width: float

    @property
    def apart(self) -> float:
        """Relative difference."""
        return abs(self.simulated - self.formula) / self.formula

    @property
    def tells(self) -> float:
        """Half width of the interval, relative to the formula: what is nearer than this, the run cannot tell apart."""
        return self.half_width / self.formula


def against_erlang_a(
    queue: Queue, calls: int, seed: int, progress: Callable[[], None] = lambda: None
) -> tuple[Compared, ...]:
    """Play `calls` calls through the live policy in `BATCHES` stretches, each from an empty queue, and compare."""
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
        attempts_most=1,
    )
    warm_up = _WARM_UP_HANDLES * queue.handle_seconds
    counted = calls / BATCHES / queue.calls_per_second
    half_hours = math.ceil((warm_up + counted) / HALF_HOUR_SECONDS)
    # The agents stay until the last caller has been answered or has given up.
    drained = half_hours + math.ceil(5 * (queue.handle_seconds + patience) / HALF_HOUR_SECONDS)
    centre = Centre(
        (queue.agents,) * drained, wrap_up_seconds=0.0, callback_offer_seconds=None,
        announce_first_seconds=math.inf, skills={},
    )  # fmt: skip
    batches, loads = [], []
    for number in range(BATCHES):
        needs = draw_day((queue.calls_per_second * HALF_HOUR_SECONDS,) * half_hours, habits, seed * BATCHES + number)
        ended = LiveHall(centre, needs).run().ended
        batches.append(_measured([each for each in ended if each.joined_at >= warm_up]))
        loads.append(_load(needs, warm_up, half_hours * HALF_HOUR_SECONDS))
        progress()
    formula = (
        queue.wait_probability,
        queue.abandoned,
        queue.answer_seconds,
        queue.answered_within(WITHIN_SECONDS),
    )
    return tuple(
        _compared(name, exact, values, loads, queue.load)
        for name, exact, values in zip(_NAMES, formula, zip(*batches, strict=True), strict=True)
    )


_NAMES = ("share that waits", "share that gives up", "average speed of answer, s", "answered within 20 s")
_STUDENT = 2.712
"""Quantile 0.995 of Student's distribution with 38 degrees of freedom, two less than there are batches."""


def _compared(name: str, formula: float, values: Sequence[float], loads: Sequence[float], load: float) -> Compared:
    """Take from each batch what its load, more or less than the mean, explains; then the mean and its interval."""
    slope, at_none = linear_regression(loads, values)
    left = sum((value - at_none - slope * each) ** 2 for value, each in zip(values, loads, strict=True))
    off, spread = fmean(loads) - load, sum((each - fmean(loads)) ** 2 for each in loads)
    error = math.sqrt(left / (len(values) - 2) * (1 / len(values) + off * off / spread))
    return Compared(name, formula, at_none + slope * load, _STUDENT * error)


def _load(needs: Sequence[Need], since: float, until: float) -> float:
    """Give the load that these callers offer, in Erlang: what they talk, by the time in which they came."""
    return sum(need.talk for need in needs if need.at >= since) / (until - since)


def _measured(ended: Sequence[Ended]) -> tuple[float, ...]:
    answered = [each.waited for each in ended if each.outcome is Outcome.ANSWERED]
    return (
        sum(each.waited > 0 for each in ended) / len(ended),
        1 - len(answered) / len(ended),
        fmean(answered),
        sum(waited <= WITHIN_SECONDS for waited in answered) / len(ended),
    )

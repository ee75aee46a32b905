"""Erlang B, C and A: how a queue of calls fares with so many agents. Pure; all times in seconds, all shares 0 to 1.

With calls arriving at the rate l, handled in 1/m on average by n agents, the load is a = l/m Erlang.

- Erlang B (no waiting, M/M/n/n): A. K. Erlang, "Solution of some problems in the theory of probabilities of
  significance in automatic telephone exchanges", 1917; by the stable recursion B(k) = a B(k-1) / (k + a B(k-1)).
- Erlang C (all wait, M/M/n): C = B / (1 - (a/n)(1 - B)); P(wait > t) = C exp(-(n - a) m t).
- Erlang A (callers give up, M/M/n+M): C. Palm, "Research on telephone traffic carried by full availability groups",
  1957; O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call center with impatient customers", M&SOM 4(3), 2002.
  In the form of S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the
  M/M/n+G queue", Queueing Systems 51, 2005: with exponential patience of rate h and

      g(t) = exp((l/h)(1 - exp(-h t)) - n m t),   J(t) = integral of g from t on,   D = 1/B(n-1) + l J(0)

  the share that waits is l J(0) / D, that gives up (1 + (l - n m) J(0)) / D, and that is answered later than t
  (n m J(t) - g(t)) / D. J is an incomplete gamma function; with s = n m / h and x(t) = (l/h) exp(-h t),
  J(t) = g(t)/h times the sum over k of x^k / (s (s+1) ... (s+k)). Every figure here is such a sum of positive terms, so
  that nothing cancels, and sums that would overflow are kept with their logarithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

_TERMS_MOST = 5_000_000
_PRECISION = 1e-16
_SCALE = 1e200


class StaffingError(ValueError):
    """What was asked cannot be computed; the text says why."""


def erlang_b(load: float, agents: int) -> float:
    """Give the share of calls that find all `agents` busy when nobody waits (`load` in Erlang)."""
    _check(load >= 0 and math.isfinite(load), "the load must be a number from 0 up")
    _check(agents >= 0, "the number of agents must be 0 or more")
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, agents: int) -> float:
    """Give the share of calls that wait when nobody gives up; 1 if the load is more than the agents can bear."""
    if load >= agents:
        return 1.0
    blocked = erlang_b(load, agents)
    return blocked / (1 - load / agents * (1 - blocked))


@dataclass(frozen=True)
class Queue:
    """A queue in equilibrium. `patience_seconds` is the mean; None: nobody gives up (Erlang C).

    Raises StaffingError for values that no queue has.
    """

    calls_per_second: float
    handle_seconds: float
    agents: int
    patience_seconds: float | None = None

    def __post_init__(self) -> None:
        finite = (self.calls_per_second, self.handle_seconds, self.patience_seconds or 1.0)
        _check(all(math.isfinite(each) for each in finite), "rates and times must be finite")
        _check(self.calls_per_second >= 0, "calls cannot be fewer than none")
        _check(self.handle_seconds > 0, "the handling time must be more than 0 s")
        _check(self.agents >= 1, "there must be an agent")
        _check(self.patience_seconds is None or self.patience_seconds > 0, "patience must be more than 0 s")

    @property
    def load(self) -> float:
        """Offered load in Erlang."""
        return self.calls_per_second * self.handle_seconds

    @cached_property
    def wait_probability(self) -> float:
        """Share of calls that do not reach an agent at once."""
        if self.patience_seconds is None:
            return erlang_c(self.load, self.agents)
        return self._sums.busy / self._sums.all

    @cached_property
    def abandoned(self) -> float:
        """Share of calls whose caller gives up before an agent answers."""
        return 0.0 if self.patience_seconds is None else self._sums.given_up / self._sums.all

    @cached_property
    def answer_seconds(self) -> float:
        """Average speed of answer: mean wait of the answered calls; infinite if the queue grows for ever."""
        if self.patience_seconds is None:
            spare = self.agents - self.load
            return math.inf if spare <= 0 else self.wait_probability * self.handle_seconds / spare
        return self.patience_seconds * self._sums.waited / self._sums.all / (1 - self.abandoned)

    @cached_property
    def wait_seconds(self) -> float:
        """Mean wait of all calls, whether they are answered or given up."""
        return self.answer_seconds if self.patience_seconds is None else self.abandoned * self.patience_seconds

    @property
    def occupancy(self) -> float:
        """Share of their time that agents spend on calls; 1 if the queue grows for ever."""
        return min(1.0, self.load * (1 - self.abandoned) / self.agents)

    def answered_within(self, seconds: float) -> float:
        """Give the share of all calls that are answered within `seconds`."""
        if self.patience_seconds is None:
            spare = self.agents - self.load
            return 0.0 if spare <= 0 else 1 - self.wait_probability * math.exp(-spare * seconds / self.handle_seconds)
        capacity = self.agents / self.handle_seconds
        fading = math.exp(-seconds / self.patience_seconds)
        x, s = self.calls_per_second * self.patience_seconds, capacity * self.patience_seconds
        later = _series(s + 1, x * fading)
        log_g = x * (1 - fading) - capacity * seconds
        late = x * fading * later.plain * math.exp(min(700.0, log_g + later.log_scale - self._sums.log_scale))
        return max(0.0, 1 - self.abandoned - late / self._sums.all)

    @cached_property
    def _sums(self) -> _Sums:
        """The numerators of the Erlang A shares and their denominator D, all times exp(-log_scale)."""
        patience = self.patience_seconds or math.inf
        x, s = self.calls_per_second * patience, self.agents * patience / self.handle_seconds
        series = _series(s, x)
        blocked = erlang_b(self.load, self.agents - 1)
        busy = x * series.plain
        # Where so many agents are there that B vanishes, D is infinite and all shares of waiting are 0.
        free = math.exp(-series.log_scale) / blocked if blocked > 0 else math.inf
        return _Sums(busy + free, busy, x * series.given_up, s * series.waited, series.log_scale)


@dataclass(frozen=True)
class _Sums:
    all: float
    busy: float
    given_up: float
    waited: float
    log_scale: float


@dataclass(frozen=True)
class _Series:
    """Sums over k of T(k) = x^k / (s (s+1) ... (s+k)), of T(k) (k+1)/(s+k+1), and of T(k) (1/(s+1) + ... + 1/(s+k))."""

    plain: float
    given_up: float
    waited: float
    log_scale: float


def _series(s: float, x: float) -> _Series:
    term = 1 / s
    plain, given_up, waited, harmonic, log_scale = term, term / (s + 1), 0.0, 0.0, 0.0
    for k in range(1, _TERMS_MOST):
        factor = x / (s + k)
        term *= factor
        harmonic += 1 / (s + k)
        plain += term
        given_up += term * (k + 1) / (s + k + 1)
        waited += term * harmonic
        if factor < 1 and term * harmonic <= _PRECISION * min(waited, plain) * (1 - factor):
            return _Series(plain, given_up, waited, log_scale)
        if term > _SCALE:
            term, plain, given_up, waited = term / _SCALE, plain / _SCALE, given_up / _SCALE, waited / _SCALE
            log_scale += math.log(_SCALE)
    raise StaffingError("patience is so long that the sum does not end; take it as endless")


def _check(holds: bool, why: str) -> None:
    if not holds:
        raise StaffingError(why)

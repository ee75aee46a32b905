"""Service levels that a hotline is held to, and how many agents each takes. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from routing.staffing.erlang import Queue, StaffingError

AGENTS_MOST = 10_000


@dataclass(frozen=True)
class Goal:
    """At least `share` (0 to 1) of all calls are answered within `seconds`."""

    share: float
    seconds: float


@dataclass(frozen=True)
class ServiceLevel:
    """All goals of one standard; `name` heads a column, `source` says where they stand."""

    name: str
    source: str
    goals: tuple[Goal, ...]

    def met_by(self, queue: Queue) -> bool:
        """Whether a queue fulfils every goal."""
        return all(queue.answered_within(goal.seconds) >= goal.share for goal in self.goals)


GOVERNMENT_HOTLINE = ServiceLevel("GB/T 33358", "GB/T 33358-2016: 15 s, connect rate 95 %", (Goal(0.95, 15.0),))
TELECARE = ServiceLevel(
    "TSA", "TSA KPIs: 97.5 % within 60 s, 99 % within 180 s", (Goal(0.975, 60.0), Goal(0.99, 180.0))
)
EMERGENCY = ServiceLevel(
    "NENA", "NENA-STA-020.1-2020: 90 % within 15 s, 95 % within 20 s", (Goal(0.90, 15.0), Goal(0.95, 20.0))
)
STANDARDS = (GOVERNMENT_HOTLINE, TELECARE, EMERGENCY)


def queue_of(
    calls: float, interval_seconds: float, handle_seconds: float, agents: int, patience: float | None
) -> Queue:
    """Describe an interval as a queue in equilibrium."""
    return Queue(calls / interval_seconds, handle_seconds, agents, patience)


def agents_needed(
    calls: float,
    interval_seconds: float,
    handle_seconds: float,
    level: ServiceLevel,
    patience_seconds: float | None = None,
) -> int:
    """Give the fewest agents with whom `calls` in an interval fulfil the level; 0 where nobody calls.

    With `patience_seconds` callers give up (Erlang A), who were not answered in time then; else they wait (Erlang C).
    Raises StaffingError for values that no queue has, and beyond AGENTS_MOST.
    """
    if calls == 0:
        return 0

    def enough(agents: int) -> bool:
        return level.met_by(queue_of(calls, interval_seconds, handle_seconds, agents, patience_seconds))

    # More agents never make it worse, so the least number is found by doubling and halving.
    high = 1
    while not enough(high):
        high *= 2
        if high > AGENTS_MOST:
            raise StaffingError(f"{level.name} would take more than {AGENTS_MOST} agents; look at calls and times")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def rostered(agents: int, shrinkage: float) -> int:
    """Give how many must be on the roster so that `agents` are at their desks; `shrinkage` is the share that is not."""
    if not 0 <= shrinkage < 1:
        raise StaffingError("shrinkage must be a share from 0 to below 1")
    # A hair less, for 14 / (1 - 0.3) is a hair more than 20 in binary fractions.
    return math.ceil(agents / (1 - shrinkage) - 1e-9)


def shares_met(queue: Queue, levels: Sequence[ServiceLevel]) -> dict[str, bool]:
    """Tell for each standard whether a queue fulfils it."""
    return {level.name: level.met_by(queue) for level in levels}

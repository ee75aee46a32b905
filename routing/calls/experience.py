"""What the latest calls have taught: how long a call takes and how patient callers are. Pure; times in seconds.

The router keeps it in Redis, so that one that starts anew estimates with what the last one knew, and not with
assumptions; the simulation estimates with the very same class.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from routing.calls.estimate import estimate_wait, handle_time, patience

LATEST_MOST = 200
"""Calls remembered, of either kind: an hour or two of a busy hotline."""
KEPT_SECONDS = 7 * 24 * 3600.0
"""What is older is not taken up: services, staff and seasons change."""
_SKEW_SECONDS = 60.0
"""A clock may have been set back a little meanwhile."""


def _latest() -> deque[Any]:
    return deque(maxlen=LATEST_MOST)


@dataclass
class Experience:
    """Bounded, and changed only by its methods."""

    handled: deque[float] = field(default_factory=_latest)
    """How long agents were busy with each of the latest calls, ring and notes included."""
    waited: deque[tuple[float, bool]] = field(default_factory=_latest)
    """How long each of the latest callers waited, and whether they gave up."""

    def took(self, seconds: float) -> None:
        """An agent was busy with a call for so long."""
        self.handled.append(round(max(0.0, seconds), 1))

    def left(self, waited: float, gave_up: bool) -> None:
        """A caller waits no more."""
        self.waited.append((round(max(0.0, waited), 1), gave_up))

    def wait(self, ahead: int, agents: int) -> float:
        """Estimate the wait of a caller with so many tickets before their own and so many agents at work."""
        patient = patience(sum(seconds for seconds, _ in self.waited), sum(gave_up for _, gave_up in self.waited))
        return estimate_wait(ahead, agents, handle_time(self.handled), patient)

    def to_json(self, now: float) -> str:
        """Write it as one line of some kilobytes at most; `now` is an epoch."""
        kept = {"at": round(now, 1), "handled": list(self.handled), "waited": list(self.waited)}
        return json.dumps(kept, separators=(",", ":"))


def from_json(text: str | bytes, now: float) -> Experience | None:
    """Read what an earlier router knew; None if it is too old, from the future, or nothing that we wrote."""
    try:
        kept = json.loads(text)
        age = now - float(kept["at"])
        handled = [float(each) for each in kept["handled"]]
        waited = [(float(seconds), bool(gave_up)) for seconds, gave_up in kept["waited"]]
    except (KeyError, TypeError, ValueError):
        return None
    figures = [*handled, *(seconds for seconds, _ in waited)]
    if not (-_SKEW_SECONDS <= age <= KEPT_SECONDS) or any(not math.isfinite(each) or each < 0 for each in figures):
        return None
    return Experience(deque(handled, LATEST_MOST), deque(waited, LATEST_MOST))

"""How long a caller will wait: from the tickets ahead, the agents there and how long a call takes. Pure; in seconds.

While anybody waits all agents are busy, so that one of n agents takes the next call every h/n seconds (h: a call with
its notes); meanwhile each who waits gives up after p on average. With k tickets ahead the mean wait is the sum over i
from 0 to k of 1 / (n/h + i/p): W. Whitt, "Improving service by informing customers about anticipated delays",
Management Science 45(2), 1999. The rate at which callers were answered lately is no measure: in a quiet half hour it is
the rate at which they called (see docs/staffing.md for the errors of both). Each caller hears an estimate only fall.
"""

from __future__ import annotations

from collections.abc import Sequence

HANDLE_SECONDS = 180.0
"""A talk and its notes, before there are any: the mean of the sizing that the project is held to."""
PATIENCE_SECONDS = 180.0
"""Mean time until a caller gives up, before anybody has; an assumption, which the first day corrects."""
_WEIGHT = 10
"""An assumption counts as much as so many calls."""


def estimate_wait(
    ahead: int, agents: int, handle_seconds: float = HANDLE_SECONDS, patience_seconds: float = PATIENCE_SECONDS
) -> float:
    """Estimate the wait of a caller with `ahead` tickets before their own.

    `agents` are those who take calls now, busy or not (at least one is assumed, for somebody will come).
    """
    served = max(1, agents) / max(1.0, handle_seconds)
    given_up = 1 / max(1.0, patience_seconds)
    return sum(1 / (served + place * given_up) for place in range(max(0, ahead) + 1))


def handle_time(latest: Sequence[float]) -> float:
    """Give the mean time that an agent is busy with a call, ring and notes included, from the latest calls."""
    return (_WEIGHT * HANDLE_SECONDS + sum(latest)) / (_WEIGHT + len(latest))


def patience(waited: float, given_up: int) -> float:
    """Give callers' mean patience, from the sum of all waits, answered or not, and how many of these gave up.

    For exponential patience that is the most likely value (the answered waits are censored observations).
    """
    return (_WEIGHT * PATIENCE_SECONDS + waited) / (_WEIGHT + given_up)


def announce(estimate: float, announced: float | None, since: float = 0.0) -> float:
    """Give what the caller is told: the estimate, but never more than is left of what they were told before.

    `announced` is the earlier figure (None: none yet) and `since` the time since it was said. What is left may be 0:
    "any moment now".
    """
    if announced is None:
        return max(0.0, estimate)
    return max(0.0, min(estimate, announced - since))


def in_minutes(seconds: float) -> int:
    """Round up to whole minutes, as it is spoken; 0 means within a minute."""
    return 0 if seconds < 60 else -int(-seconds // 60)

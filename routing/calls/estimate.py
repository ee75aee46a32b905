"""How long a caller will wait: from the recent rate of service and the tickets ahead. Pure; all times in seconds.

The mean time between two callers leaving the queue, times the callers to be served before and with this one, is the
mean wait of a queue that is always busy (see Ibrahim and Whitt, "Real-time delay estimation based on delay history",
M&SOM 11(3), 2009, on the queue-length estimators QL). Each caller hears an estimate only fall.
"""

from __future__ import annotations

from collections.abc import Sequence

WINDOW_SECONDS = 1800.0
"""Answers older than this tell nothing about the present rate."""
_ENOUGH = 3
"""So few answers are no rate yet."""
HANDLE_SECONDS = 180.0
"""A talk and its notes, before there is a rate: the mean of the sizing that the project is held to."""


def estimate_wait(ahead: int, answered_at: Sequence[float], agents: int, now: float) -> float:
    """Estimate the wait of a caller with `ahead` tickets before their own.

    `answered_at`: when the latest callers were answered, in any order; `agents`: those who are logged in (at least one
    is assumed, for somebody will come).
    """
    recent = [at for at in answered_at if now - WINDOW_SECONDS <= at <= now]
    known = len(recent) >= _ENOUGH
    between = (now - min(recent)) / len(recent) if known else HANDLE_SECONDS / max(1, agents)
    return (max(0, ahead) + 1) * between


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

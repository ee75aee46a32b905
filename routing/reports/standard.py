"""The figures that GB/T 33358-2016 holds a government hotline to, over every 24 hours. Pure.

Calls are to be answered within 15 seconds; over any 24 hours running the connect rate is to be 95 % or more; SMS are to
be responded to within 3 minutes. A window of 24 hours may begin at any moment: the worst is looked for among all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from routing.reports.tables import Value, share

IntArray = NDArray[numpy.int64]
Numbers = Sequence[int] | IntArray

WINDOW_SECONDS = 86_400
CONNECT_GOAL = 0.95
SMS_SECONDS = 180.0


@dataclass(frozen=True)
class Window:
    """24 hours: their end (seconds since 1970), how many there were of what is counted, and how many of these good."""

    end: int
    good: int
    of: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.good / self.of


def whole_numbers(text: str | None) -> IntArray:
    """Read whole numbers with spaces between, and bring them into their order: how a database tells a million at once
    in a fifth of the time that as many rows take."""
    read = numpy.fromstring(text or "", dtype=numpy.int64, sep=" ")
    read.sort()
    return read


def worst_window(
    seconds: Numbers, good: Numbers, *, begin: int, end: int, length: int = WINDOW_SECONDS
) -> Window | None:
    """Find the 24 hours, ending after `begin` and by `end`, with the lowest share; the busiest of several, then the
    earliest. None if nothing is counted in any.

    `seconds` rise; `good` is 1 or 0 of each. What a window [t, t + length) holds changes only where t passes one of the
    events, or t + length does: between, all windows are the same. So one window from each such stretch is enough.
    Whole seconds are the finest that is told apart.
    """
    at = numpy.asarray(seconds, dtype=numpy.int64)
    if not len(at) or end <= begin:
        return None
    # Some come twice; to tell them apart took longer than to look at all.
    ends = numpy.concatenate((at + 1, at, at + length, at + length + 1, [begin + 1, end]))
    ends = ends[(ends > begin) & (ends <= end)]
    sums = numpy.concatenate(([0], numpy.cumsum(numpy.asarray(good, dtype=numpy.int64))))
    low, high = numpy.searchsorted(at, ends - length, "left"), numpy.searchsorted(at, ends, "left")
    of, right = high - low, sums[high] - sums[low]
    held = of > 0
    if not held.any():
        return None
    ends, of, right = ends[held], of[held], right[held]
    shares = right / of
    lowest = numpy.flatnonzero(shares == shares.min())
    best = lowest[numpy.lexsort((ends[lowest], -of[lowest]))[0]]
    return Window(int(ends[best]), int(right[best]), int(of[best]))


def rolling(seconds: Numbers, good: Numbers, *, at: Sequence[int], length: int = WINDOW_SECONDS) -> list[float | None]:
    """Give the share over the 24 hours that end at each of these seconds."""
    when = numpy.asarray(seconds, dtype=numpy.int64)
    ends = numpy.asarray(at, dtype=numpy.int64)
    sums = numpy.concatenate(([0], numpy.cumsum(numpy.asarray(good, dtype=numpy.int64))))
    low, high = numpy.searchsorted(when, ends - length, "left"), numpy.searchsorted(when, ends, "left")
    return [share(int(sums[b] - sums[a]), int(b - a)) for a, b in zip(low, high, strict=True)]


def met(figure: Value) -> str:
    """Say whether a share keeps to the standard: yes, no, or none where nothing was counted."""
    if figure is None:
        return "none"
    return "yes" if float(figure) >= CONNECT_GOAL else "no"

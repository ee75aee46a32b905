"""How long something takes, counted in buckets: cheap enough for every event, and good enough for a p99."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import inf

LAG_SECONDS = (
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5,
    1.0, 2.0, 5.0, 10.0, 60.0,
)  # fmt: skip
"""Upper bounds for what should take milliseconds, and is a disaster when it takes minutes."""


class Histogram:
    """Counts of observations by bucket. One thread observes; any other may take a snapshot meanwhile."""

    def __init__(self, bounds: Sequence[float] = LAG_SECONDS) -> None:
        """`bounds` are the buckets' upper bounds, growing; one without a bound follows them."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one; a negative one, of two clocks that differ, counts as none at all."""
        seconds = max(0.0, seconds)
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def snapshot(self) -> Spread:
        """The counts as they stand."""
        return Spread(dict(zip((*self._bounds, inf), tuple(self._counts), strict=True)), self._sum)


class Spread:
    """What a histogram had counted at one moment; adds to and subtracts from others with the same bounds."""

    def __init__(self, counts: Mapping[float, int], total: float) -> None:
        """`counts` by the bucket's upper bound, each its own and not cumulative; `total` in seconds."""
        self.counts = dict(sorted(counts.items()))
        self.total = total

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self.counts.values())

    def __add__(self, other: Spread) -> Spread:
        """Both together."""
        bounds = self.counts.keys() | other.counts.keys()
        return Spread({each: self.of(each) + other.of(each) for each in bounds}, self.total + other.total)

    def __sub__(self, before: Spread) -> Spread:
        """What came since `before`, an earlier snapshot of the same histogram."""
        return Spread({each: self.of(each) - before.of(each) for each in self.counts}, self.total - before.total)

    def of(self, bound: float) -> int:
        """How many the bucket below this bound has."""
        return self.counts.get(bound, 0)

    def cumulative(self) -> dict[float, int]:
        """How many were at most as long as each bound, as Prometheus counts."""
        so_far, found = 0, {}
        for bound, count in self.counts.items():
            so_far += count
            found[bound] = so_far
        return found

    def quantile(self, share: float) -> float | None:
        """Give the seconds that this share stayed below, evenly spread within its bucket, as `histogram_quantile` of
        Prometheus does; None of nothing. In the last bucket, which has no bound, that is where it begins."""
        wanted = self.count * share
        below, so_far = 0.0, 0
        for bound, count in self.counts.items():
            if count and so_far + count >= wanted:
                return below if bound == inf else below + (bound - below) * (wanted - so_far) / count
            so_far += count
            below = bound
        return None

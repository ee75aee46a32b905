"""Scales on which a question asks for a score: where they begin, and which end is good. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

USUAL = "1-5"
"""From 1 (very dissatisfied) to 5 (very satisfied); the scale of a message of which nothing else is known."""
_FORM = re.compile("([0-9]{1,2})-([0-9]{1,2})")


@dataclass(frozen=True)
class Scale:
    """The worst and the best answer; the worst may be the higher number."""

    worst: int
    best: int

    @classmethod
    def parse(cls, text: str) -> Scale:
        """Read ``1-5`` (worst first) or ``5-1``. Raises ValueError, in a sentence, for what is no scale."""
        match = _FORM.fullmatch(text)
        if match is None or int(match[1]) == int(match[2]):
            raise ValueError("a scale is two different whole numbers from 0 to 99, the worst first: 1-5, 5-1 or 0-10")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.worst}-{self.best}"

    @property
    def low(self) -> int:
        """The lower of both ends."""
        return min(self.worst, self.best)

    @property
    def high(self) -> int:
        """The higher of both ends."""
        return max(self.worst, self.best)

    @property
    def rises(self) -> bool:
        """Tell whether more is better."""
        return self.best > self.worst

    def place(self, score: float) -> float:
        """Give where a score stands: 0 is the worst, 1 the best."""
        return (score - self.worst) / (self.best - self.worst)

    def on_five(self, score: int) -> int:
        """Give a score of this scale as 1 to 5, as orders and scorecards hold it; halves go up.

        Raises ValueError for a score that is not on the scale.
        """
        if not self.low <= score <= self.high:
            raise ValueError(f"{score} is not on the scale of {self.low} to {self.high}")
        span = abs(self.best - self.worst)
        return 1 + (8 * abs(score - self.worst) + span) // (2 * span)

"""No more messages in a second than the carrier allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Spaces out what is sent, evenly. Threads may share one."""

    def __init__(self, per_second: float, ticks: Callable[[], float] = time.monotonic) -> None:
        """`per_second` 0 means no limit."""
        self._gap = 1 / per_second if per_second else 0.0
        self._ticks = ticks
        self._next = 0.0
        self._lock = threading.Lock()

    def turn(self) -> float:
        """Take the next turn, and give how many seconds it is away."""
        with self._lock:
            now = self._ticks()
            at = max(now, self._next)
            self._next = at + self._gap
            return at - now

    def rest(self, seconds: float) -> None:
        """Give nobody a turn for so long: the carrier said that it is too much."""
        with self._lock:
            self._next = max(self._next, self._ticks() + seconds)

"""Wrong PINs, counted by the telephone that they come from, for a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import redis

TRIES = 3
TRIES_WITHHELD = 20
"""All callers who hide their number share one count: three would let one of them lock out the others."""
WINDOW_SECONDS = 900


class PinTries(Protocol):
    """Counts what failed. A subject is an opaque word, never a number."""

    def failures(self, subject: str) -> int:
        """Give the failures within the window."""

    def failed(self, subject: str) -> int:
        """Count one more and give the sum; the window begins with the first."""

    def forget(self, subject: str) -> None:
        """Begin anew, after a right PIN."""


class RedisPinTries:
    """Counts in Redis, so that every process sees the same; each count ends by itself."""

    def __init__(self, client: redis.Redis, window_seconds: int = WINDOW_SECONDS) -> None:
        self._client = client
        self._window = window_seconds

    def failures(self, subject: str) -> int:
        value = self._client.get(_key(subject))
        return int(value) if isinstance(value, (bytes, str)) else 0

    def failed(self, subject: str) -> int:
        pipe = self._client.pipeline(transaction=True)
        pipe.incr(_key(subject))
        pipe.expire(_key(subject), self._window, nx=True)
        return int(pipe.execute()[0])

    def forget(self, subject: str) -> None:
        self._client.delete(_key(subject))


class MemoryPinTries:
    """Counts within one process: for tests, and for a machine without Redis. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float], window_seconds: int = WINDOW_SECONDS) -> None:
        self._clock = clock
        self._window = window_seconds
        self._counts: dict[str, tuple[int, float]] = {}

    def failures(self, subject: str) -> int:
        count, until = self._counts.get(subject, (0, 0.0))
        return count if self._clock() < until else 0

    def failed(self, subject: str) -> int:
        count = self.failures(subject)
        until = self._counts[subject][1] if count else self._clock() + self._window
        self._counts[subject] = (count + 1, until)
        return count + 1

    def forget(self, subject: str) -> None:
        self._counts.pop(subject, None)


def _key(subject: str) -> str:
    return f"elderline:pin:{subject}"

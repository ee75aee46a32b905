"""How long a caller waits for look-ups without a word: one stretch for all of them, however slow the database is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")

SECONDS = 2.5
"""All look-ups before the first word together; half of the five seconds of silence that no caller hears more of."""
AT_HAND_SECONDS = 0.1
"""What is usually at hand, without the database, is asked for even when the stretch is over."""


class TooSlow(Exception):
    """It is not there in time. The caller is spoken with as if it were not there at all."""


class Waiting(Protocol):
    """A clock, and a way to work beside a call."""

    def clock(self) -> float:
        """Monotonic seconds."""

    def beside(self, work: Callable[[], None], seconds: float, *, must_end: bool = False) -> bool:
        """Do it, and tell whether it was done within so many seconds. After that it goes on, and nobody waits for it;
        but the process does not end before what `must_end`."""


class Threads:
    """Time as it is, and a thread for each work."""

    def clock(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def beside(self, work: Callable[[], None], seconds: float, *, must_end: bool = False) -> bool:
        """Do it in a thread. One that goes on holds a connection until the database's own time-out, at the longest."""
        thread = threading.Thread(target=work, name="beside-a-call", daemon=not must_end)
        thread.start()
        thread.join(seconds)
        return not thread.is_alive()


class Patience:
    """The stretch of one call: it begins when the call does, and anew whenever something has been said."""

    def __init__(self, waiting: Waiting | None = None, seconds: float = SECONDS) -> None:
        self._waiting = waiting or Threads()
        self._seconds = seconds
        self._until = 0.0
        self.renew()

    def renew(self) -> None:
        """The caller has just been spoken with."""
        self._until = self._waiting.clock() + self._seconds

    def beside(self, work: Callable[[], None], seconds: float, *, must_end: bool = False) -> bool:
        """Do it, and tell whether it was done within so many seconds, whatever is left of the stretch."""
        return self._waiting.beside(work, seconds, must_end=must_end)

    def look_up(self, work: Callable[[], T], *, at_hand: bool = False) -> T:
        """Look something up. What changes the call belongs to the caller of this, not into `work`, which may come too
        late. Raises TooSlow, and what the work raises."""
        left = max(self._until - self._waiting.clock(), AT_HAND_SECONDS if at_hand else 0.0)
        found: list[T] = []
        raised: list[Exception] = []

        def find() -> None:
            try:
                found.append(work())
            except Exception as error:  # noqa: BLE001  # It is raised again below, where somebody waits for it.
                raised.append(error)

        if left <= 0 or not self._waiting.beside(find, left):
            log.warning("patience.too_slow", seconds=round(max(left, 0.0), 1))
            raise TooSlow
        if raised:
            raise raised[0]
        return found[0]

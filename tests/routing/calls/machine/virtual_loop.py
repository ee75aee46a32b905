"""An event loop whose time passes only when it is told to: an hour of a router's life takes a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_MOST_TURNS = 5_000
_MOST_TIMERS = 100
"""In a second; a router at work sets some ten."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs what is ready, and never waits. What would go to a thread is done at once."""

    def __init__(self) -> None:
        super().__init__()
        self._virtual = 0.0

    def time(self) -> float:
        return self._virtual

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # It belongs to whoever waits.
            done.set_exception(error)
        return done

    def settle(self) -> None:
        """Run until nothing is ready any more. Raises RuntimeError when that never comes."""
        for _ in range(_MOST_TURNS):
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready:
                return
        raise RuntimeError("the loop does not come to rest: something polls without waiting")

    def advance(self, seconds: float) -> None:
        """Let time pass; every timer that falls due runs at its own moment."""
        until = self._virtual + seconds
        timers = 0
        while (due := self._next_timer()) is not None and due <= until:
            timers += 1
            if timers > _MOST_TIMERS * max(1.0, seconds):
                raise AssertionError(f"{timers} timers within {seconds:g} s: something asks for a time that is past")
            self._virtual = max(self._virtual, due)
            self.settle()
        self._virtual = until
        self.settle()

    def _next_timer(self) -> float | None:
        return min((each.when() for each in self._scheduled if not each.cancelled()), default=None)

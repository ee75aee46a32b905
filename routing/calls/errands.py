"""What the router sends out and does not wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

_MOST = 2_000


def stopping() -> bool:
    """Whether the running task has been cancelled, even if a library swallowed that.

    Python 3.11's wait_for, which redis-py uses, returns normally when the cancellation comes together with the result.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class Errands:
    """Tasks in the background; a failure is logged and stops nothing else. At the bound a new errand is refused."""

    def __init__(self, after: Callable[[], None] = lambda: None) -> None:
        """`after` is called when an errand is done, for it may have changed something."""
        self._after = after
        self._tasks: set[asyncio.Task[Any]] = set()

    def send(self, errand: Coroutine[Any, Any, Any]) -> bool:
        """Start an errand. Refused ones are logged; whoever sent them has a time limit of its own, or looks at what is
        given: whether it was started."""
        if len(self._tasks) >= _MOST:
            errand.close()
            log.error("errands.refused", running=len(self._tasks))
            return False
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    async def stop(self) -> None:
        """Cancel what still runs."""
        running = list(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("errands.failed", exc_info=error)
        self._after()

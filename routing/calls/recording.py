"""Bringing what happened from Redis and from the nodes' own files to the database, beside the routing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from routing.calls.recovery.recovery import Recovery

log = structlog.get_logger(__name__)

_RECORD_SECONDS = 5.0
_GATHER_SECONDS = 0.2
"""Entries, safe in Redis, wait so long for others: a transaction for each is most of what it costs to write them."""


class Recorder(Protocol):
    """Brings entries from Redis to the database; `journey.Journey` is the real one."""

    def write_unwritten(self) -> int:
        """Write what waits; give its number. May block, and may raise while a store is away: then it is asked again."""
        ...


class Recording:
    """One thread writes; a failure leaves the entries in Redis, and the files unread, for the next time."""

    def __init__(
        self, recorder: Recorder, recovery: Recovery, wanted: asyncio.Event, afterwards: Callable[[], None]
    ) -> None:
        """`wanted` is set when there is something to write; `afterwards` is called after each round."""
        self._recorder = recorder
        self._recovery = recovery
        self._wanted = wanted
        self._afterwards = afterwards
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="recorder")

    async def run(self) -> None:
        """Write until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(_RECORD_SECONDS):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            else:
                await asyncio.sleep(_GATHER_SECONDS)
            self._wanted.clear()
            try:
                await loop.run_in_executor(self._threads, self._recorder.write_unwritten)
                await self._recovery.step(self._threads)
            except Exception as error:  # noqa: BLE001  # Whatever the store's trouble is, callers are routed on.
                log.warning("recording.not_recorded", error=type(error).__name__)
            self._afterwards()

    def stop(self) -> None:
        """Start no further round; the one under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

"""Writing behind: callers' threads hand entries over at once, one thread writes all that came meanwhile together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
Entry = TypeVar("Entry")

_BATCH = 500
_MOST = 20_000
_GATHER_SECONDS = 0.1
"""Entries wait so long for others: a transaction for each step would be most of the writer's work."""
_STOP_SECONDS = 10.0


class Behind(Generic[Entry]):
    """A queue with one writer. Made by whoever starts the writing; nothing of it runs before."""

    def __init__(self, write: Callable[[Sequence[Entry]], None], name: str = "journey", most: int = _MOST) -> None:
        """`write` writes a batch and does not raise: what it cannot write it keeps elsewhere, or says so and drops.
        `name` is the thread's; of `most` entries that wait no more are taken."""
        self._write = write
        self._name = name
        self._most = most
        self._lines: list[Entry] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._hurry = threading.Event()
        self._busy = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, lines: Sequence[Entry]) -> bool:
        """Take entries in; False when too many wait already, or the writer has stopped."""
        with self._changed:
            if self._stopping or len(self._lines) >= self._most:
                return False
            first = not self._lines
            self._lines.extend(lines)
            if first:  # The writer is awake otherwise, and gathers.
                self._changed.notify_all()
        return True

    def flush(self, seconds: float = _STOP_SECONDS) -> bool:
        """Wait until all that was put in is written; False if that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lines and not self._busy, seconds)

    def stop(self) -> None:
        """Write what waits, and end."""
        with self._changed:
            self._stopping = True
            self._hurry.set()
            self._changed.notify_all()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines or self._stopping)
                if not self._lines:
                    return
            self._hurry.wait(_GATHER_SECONDS)
            with self._changed:
                batch, self._lines = self._lines[:_BATCH], self._lines[_BATCH:]
                self._busy = True
            try:
                self._write(batch)
            except Exception:
                # The thread is the only one: it must outlive whatever happens to one batch.
                log.exception(f"{self._name}.batch_lost", entries=len(batch))

"""Whose turn it is to write into SQLite, which has one writer: the threads of a process wait here."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref

from sqlalchemy.exc import OperationalError


class Turn:
    """One writer at a time among the threads of this process.

    Waiting for the lock of the file is asking for it again and again, with a connection in one's hands: of many writers
    all but one wait here instead, asleep and with nothing in theirs. Whoever holds the turn may take it again: what
    comes of a transaction within another is for SQLite to say.
    """

    def __init__(self, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self.waited = 0.0
        """Seconds that the holder has waited already."""
        self._renew()
        held = weakref.ref(self)

        def renew() -> None:
            turn = held()
            if turn is not None:
                turn._renew()  # Its holder, if it had one, stayed with the parent.

        os.register_at_fork(after_in_child=renew)

    def __enter__(self) -> None:
        """Raises OperationalError as SQLite does, when the patience is over."""
        since = time.monotonic()
        if not self._lock.acquire(timeout=self._patience_seconds):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        self.waited = time.monotonic() - since

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.RLock()

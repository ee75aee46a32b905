"""What every connection to a SQLite file needs, whoever opens it."""

from __future__ import annotations

import time
from sqlite3 import Connection, OperationalError
from typing import cast


def prepare(dbapi_connection: object, patience_seconds: float, *pragmas: str) -> None:
    """Set a new connection up: transactions are ours to begin, locks are waited for, the file is in WAL mode."""
    connection = cast(Connection, dbapi_connection)
    connection.isolation_level = None  # The driver's own BEGIN comes too late for reads, and its COMMIT before DDL.
    connection.execute(f"PRAGMA busy_timeout={int(patience_seconds * 1000)}")
    _use_wal(connection, patience_seconds)
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: Connection, patience_seconds: float) -> None:
    """Switch the file to WAL mode, which lasts. SQLite does not wait for locks here, whatever the busy timeout, so two
    who open a new file at once would collide."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)  # A lock of another process tells nobody when it goes.
        else:
            return

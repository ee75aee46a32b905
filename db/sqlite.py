"""What every connection to a SQLite file needs, whoever opens it."""

from __future__ import annotations

import random
import time
from sqlite3 import SQLITE_BUSY, Connection, OperationalError
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


def begin_writing(dbapi_connection: object, patience_seconds: float, waited: float = 0.0) -> None:
    """Begin a transaction that holds the write lock. Raises sqlite3.OperationalError (locked) after the patience, of
    which `waited` seconds are gone already.

    SQLite's own wait sleeps for ever longer, up to 100 ms at a time, so whoever waits long is passed by whoever comes
    fresh: with eight threads that write without pause single ones waited for 2 s. Asking again every few milliseconds
    shares the lock far more evenly, and a failed attempt costs some microseconds.
    """
    connection = cast(Connection, dbapi_connection)
    deadline = time.monotonic() + patience_seconds - waited
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except OperationalError as error:
                if error.sqlite_errorcode & 0xFF != SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(0.001, 0.004))  # noqa: S311  # Seconds; no secret, only out of step.
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(patience_seconds * 1000)}")

"""Engines and units of work."""

from __future__ import annotations

import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from db import sqlite
from db.counting import keep_counts
from db.encryption import FieldCipher
from db.search_keys import keep_search_keys
from db.turn import Turn

UnitOfWork = Callable[[], AbstractContextManager[Session]]
"""``with unit_of_work() as session``: commits at the end, rolls back on any exception, always closes."""

PATIENCE_SECONDS = 5
"""How long anybody waits for a connection or a lock before an error: a caller may hear silence for no longer."""
STATEMENT_SECONDS = 30
"""PostgreSQL ends a single statement after so long; our longest, a batch of the import, takes under a second."""

_ONLY_READS = "elderline_only_reads"  # Kept with each SQLite connection: whether it refuses writes now.
_ACCESS = "elderline_access"  # Execution option that tells the listener below how a SQLite transaction begins.
_TURN = "elderline_turn"  # And this one whose turn it is to write.


USUAL_ZONE = ZoneInfo("Asia/Shanghai")


def make_engine(url: str, cipher: FieldCipher, zone: ZoneInfo = USUAL_ZONE, **options: Any) -> Engine:
    """Make an engine whose sealed columns use `cipher`, and whose days are those of `zone`. Nothing connects yet.

    SQLite runs in WAL mode, so that readers never wait for the writer, with foreign keys enforced and five seconds of
    patience for a lock. Its commits survive the death of any process; the last ones before a loss of power may be lost
    (``synchronous=NORMAL``), which PostgreSQL does not lose. PostgreSQL gives up connecting, waiting for a lock or for
    a pooled connection after five seconds, and checks pooled connections before use.
    A process that forks leaves its connections to the parent. Threads may share the engine, never a session.
    """
    target = make_url(url)
    pool = {"pool_size": 10, "max_overflow": 20, "pool_timeout": PATIENCE_SECONDS}
    if target.get_backend_name() == "sqlite":
        options = {**(pool if target.database not in (None, "", ":memory:") else {}), **options}
        engine = create_engine(target, connect_args={"timeout": PATIENCE_SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        target = target.set(drivername="postgresql+psycopg")
        options = {"pool_pre_ping": True, **pool, **options}
        engine = create_engine(target, connect_args=_postgresql_limits(), **options)
    engine.dialect.local_zone = zone  # type: ignore[attr-defined]  # Read back by make_unit_of_work.
    engine.dialect.field_cipher = cipher  # type: ignore[attr-defined]  # Read back by db.encryption.Sealed.
    _leave_connections_to_parent(engine)
    return engine


def make_unit_of_work(engine: Engine) -> UnitOfWork:
    """Give the factory of units of work that write.

    On SQLite each takes the write lock as it begins: a transaction that reads first and writes later would fail at
    once, without patience, when another wrote in between. So keep them short, and read with `make_reading`.
    The threads of a process wait for their turn before they take a connection: each waiting for the lock with one
    in its hands, some thirty writers at once left none for those who only read.
    """
    turn = Turn(PATIENCE_SECONDS) if engine.dialect.name == "sqlite" else None
    factory = sessionmaker(engine.execution_options(**{_ACCESS: "write", _TURN: turn}), expire_on_commit=False)
    keep_counts(factory, getattr(engine.dialect, "local_zone", USUAL_ZONE))
    keep_search_keys(factory)

    @contextmanager
    def unit_of_work() -> Iterator[Session]:
        with turn or nullcontext(), factory.begin() as session:
            yield session

    return unit_of_work


def make_reading(engine: Engine) -> UnitOfWork:
    """Give the factory of units of work that only read: they never wait for a writer, and the database refuses a write
    (sqlalchemy.exc.OperationalError or InternalError). Nothing is written.

    On PostgreSQL they end with a commit of nothing: at a rollback psycopg forgets, and has the server forget, all
    statements that it had prepared, and each would be planned anew every time.
    """
    factory = sessionmaker(reading_engine(engine), expire_on_commit=False)
    prepares = engine.dialect.name == "postgresql"

    @contextmanager
    def reading() -> Iterator[Session]:
        with factory() as session:
            yield session
            if prepares:
                session.expunge_all()  # What somebody changed in memory alone stays there.
                session.commit()

    return reading


def reading_engine(engine: Engine, statement_by_statement: bool = False) -> Engine:
    """Give a view of `engine`, on the same pool, whose transactions the database keeps from writing.

    `statement_by_statement` spares a single query the BEGIN and the ROLLBACK, each of which is an exchange with the
    server on PostgreSQL; it then no longer keeps writes out.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_ACCESS: "single" if statement_by_statement else "read"})
    if statement_by_statement:
        return engine.execution_options(isolation_level="AUTOCOMMIT")
    return engine.execution_options(postgresql_readonly=True)


def _prepare_sqlite(connection: object, _record: object) -> None:
    sqlite.prepare(
        connection,
        PATIENCE_SECONDS,
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "mmap_size=1073741824",  # 1 GiB of the file is read without copying: a look-up touches a dozen random pages.
        "cache_size=-16384",  # 16 MiB a connection for the upper levels of the indexes.
    )


def _sqlite_begin(connection: Connection) -> None:
    """Begin on the driver's own connection: a detour through SQLAlchemy costs more than a look-up by index."""
    access = connection.get_execution_options().get(_ACCESS)
    if access == "single":
        return
    raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
    only_reads = access == "read"
    if connection.info.get(_ONLY_READS) is not only_reads:
        raw.execute(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
        connection.info[_ONLY_READS] = only_reads
    try:
        if access == "write":
            sqlite.begin_writing(raw, PATIENCE_SECONDS, waited=connection.get_execution_options()[_TURN].waited)
        else:
            raw.execute("BEGIN")
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN", None, error) from error  # As SQLAlchemy itself would say it.


def _postgresql_limits() -> dict[str, Any]:
    """Give libpq's limits: no wait for the server is without a bound, not even on a link that died silently."""
    limits: dict[str, object] = {
        "lock_timeout": PATIENCE_SECONDS * 1000,
        "statement_timeout": STATEMENT_SECONDS * 1000,
        "idle_in_transaction_session_timeout": 60_000,
        "jit": "off",  # Compiling took longer than our longest reports, each time anew.
    }
    return {
        "connect_timeout": PATIENCE_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # Milliseconds.
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }


def _leave_connections_to_parent(engine: Engine) -> None:
    """After a fork (RQ forks for each job) the child starts with an empty pool: a connection has one owner."""
    held = weakref.ref(engine)

    def forget() -> None:
        kept = held()
        if kept is not None:
            kept.dispose(close=False)

    os.register_at_fork(after_in_child=forget)

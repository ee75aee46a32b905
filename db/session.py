"""Engines and units of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from db.encryption import FieldCipher

UnitOfWork = Callable[[], AbstractContextManager[Session]]
"""``with unit_of_work() as session``: commits at the end, rolls back on any exception, always closes."""


def make_engine(url: str, cipher: FieldCipher, **options: Any) -> Engine:
    """Make an engine whose sealed columns use `cipher`.

    SQLite runs in WAL mode, so that readers never wait for the writer, with foreign keys enforced and five seconds of
    patience for a lock; PostgreSQL gives up connecting after five seconds and checks pooled connections before use.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 5}, **options)
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    else:
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        options = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "pool_timeout": 5, **options}
        engine = create_engine(url, connect_args={"connect_timeout": 5}, **options)
    engine.dialect.field_cipher = cipher  # type: ignore[attr-defined]  # Read back by db.encryption.Sealed.
    return engine


def make_unit_of_work(engine: Engine) -> UnitOfWork:
    """Give the factory of units of work on `engine`."""
    factory = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def unit_of_work() -> Iterator[Session]:
        with factory.begin() as session:
            yield session

    return unit_of_work


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN is ours: the driver's own comes too late for reads.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()

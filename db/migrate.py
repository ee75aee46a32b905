"""Brings a database to the form that this version of the code knows, and tells which form it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, event, make_url, text

from db import sqlite

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x656C6465726C696E  # PostgreSQL advisory lock: "elderlin" in ASCII. Two who migrate at once go one by one.
_PATIENCE_SECONDS = 120  # Another process may be migrating a large table.


class SchemaTooNew(RuntimeError):
    """The database was migrated by a newer version of the code, which alone can go back."""


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up to `revision`, all in one transaction: it is done wholly or not at all. Safe to run again, and by
    several processes at once. Raises SchemaTooNew."""
    with _migrating(url) as config:
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate down to `revision` (``base``: nothing left), all in one transaction. Raises SchemaTooNew."""
    with _migrating(url) as config:
        command.downgrade(config, revision)


def current(url: str) -> str | None:
    """Give the revision that the database is at; None for one that was never migrated."""
    engine = create_engine(_driver(url), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Give the newest revision that this version of the code knows."""
    newest = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert newest is not None  # noqa: S101  # The folder of migrations is part of the package.
    return newest


def draft(url: str, message: str) -> None:
    """Write a new migration from the difference between the models and the database at `url` (for developers)."""
    with _migrating(url) as config:
        command.revision(config, message, autogenerate=True)


@contextmanager
def _migrating(url: str) -> Iterator[Config]:
    engine = create_engine(_driver(url), poolclass=NullPool)
    on_sqlite = engine.dialect.name == "sqlite"
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if not on_sqlite:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _refuse_newer(connection)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config
        if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise RuntimeError(f"the migration would leave a row of {broken[0]} pointing nowhere")


def _refuse_newer(connection: Connection) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(f"the database is at revision {found}, which this version does not know: update the code")


def _prepare_sqlite(connection: object, _record: object) -> None:
    # Foreign keys stay off: changing a table on SQLite rebuilds it, and dropping the old one would delete its children.
    sqlite.prepare(connection, _PATIENCE_SECONDS, "foreign_keys=OFF")


def _driver(url: str) -> str:
    target = make_url(url)
    if target.get_backend_name() == "postgresql":
        target = target.set(drivername="postgresql+psycopg")
    return target.render_as_string(hide_password=False)

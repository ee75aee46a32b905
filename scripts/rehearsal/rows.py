"""The rows of a town's database: kept as they are, and brought back within a millisecond.

SQLite's own backup would do, too, but it makes every connection read the schema anew and prepare each statement again:
with a hundred tables that takes longer than the talk. So only the tables that somebody wrote to are filled again.
"""

from __future__ import annotations

import re
import sqlite3
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event

_WRITES: Final = re.compile(
    r"\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+[\"`]?(\w+)", re.I
)
_READS: Final = re.compile(r"\s*(?:SELECT|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
_numbers = count()


class Kept:
    """All rows as they were at one moment, in memory."""

    def __init__(self) -> None:
        self.address = f"file:rehearsal-{next(_numbers)}?mode=memory&cache=shared"
        self.rows = sqlite3.connect(self.address, uri=True)


class Rows:
    """The rows of the file that `engine` writes to. Used between talks only."""

    def __init__(self, file: Path, engine: Engine) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, uri=True)
        self._connection.execute("PRAGMA synchronous=OFF")
        numbered = "SELECT name FROM sqlite_master WHERE name='sqlite_sequence'"
        self._numbered = {str(name) for (name,) in self._connection.execute(numbered)}
        self._written: set[str] = set()
        self._as: Kept | None = None
        event.listen(engine, "before_cursor_execute", self._watch)

    def keep(self) -> Kept:
        """Keep them as they are."""
        kept = Kept()
        self._connection.backup(kept.rows)
        self._as = None  # Whatever is brought back next may be another.
        return kept

    def bring_back(self, kept: Kept) -> None:
        """Make them what they were."""
        if self._as is not kept:
            kept.rows.backup(self._connection)
        elif self._written:
            self._fill_again(kept, sorted(self._written | self._numbered))
        self._written.clear()
        self._as = kept

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _fill_again(self, kept: Kept, tables: list[str]) -> None:
        rows = self._connection
        rows.execute("ATTACH ? AS kept", (kept.address,))
        rows.execute("BEGIN IMMEDIATE")
        try:
            for table in tables:
                rows.execute(f'DELETE FROM main."{table}"')  # noqa: S608  # A name that this database gave us.
                rows.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')  # noqa: S608
        finally:
            rows.execute("COMMIT")
            rows.execute("DETACH kept")

    def _watch(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if found := _WRITES.match(statement):
            self._written.add(found[1])
        elif not _READS.match(statement):
            self._as = None  # Whatever it does: everything is brought back.

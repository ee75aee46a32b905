"""A made-up register of elders of any size, put into an empty database in bulk: for benches only."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from db.encryption import FieldCipher

MARK = "BENCH"
"""Codes of made-up elders begin with it. A database that holds any other elder is refused."""
_BLOCK = 10_000
_NAMES = 5_000
_AT = "2026-01-01 00:00:00.000000"
_ELDER = (
    "id, code, name, name_index, sex, form_of_address, birth_date, district, hearing, dialect, payer_class, "
    "caller_class, lives_alone, straight_to_person, language, state, created_at, updated_at"
)
_PHONE = "id, elder_id, number, number_index, kind"
_INSERT_ELDER = (
    f"INSERT INTO elders ({_ELDER}) VALUES (?1, printf('{MARK}%07d', ?1), ?2, ?3, ?4, '', ?5, ?6, 'normal', '', "  # noqa: S608
    f"'self_paid', ?7, 0, 0, 'zh-CN', 'active', '{_AT}', '{_AT}')"
)
_INSERT_PHONE = f"INSERT INTO elder_phones ({_PHONE}) VALUES (?1, ?1, ?2, ?3, 'home')"  # noqa: S608
_STRANGERS = f"SELECT count(*) FROM elders WHERE code NOT LIKE '{MARK}%'"  # noqa: S608


class NotEmpty(RuntimeError):
    """The database holds elders who are not made up: a bench must not touch it."""


_Row = tuple[int, bytes, bytes, str, str, str, str, bytes, bytes]
"""Id, sealed name, its index, sex, birth date, district, caller class, sealed number, its index."""


def number_of(at: int) -> str:
    """Give the number of the made-up elder `at` (1 to 6,999,999), E.164: fixed lines in Lanzhou's form, 2 to 8."""
    return f"+86931{2_000_000 + at:07d}"


def load_register(url: str, cipher: FieldCipher, size: int, progress: Callable[[int], object] = lambda _: None) -> None:
    """Fill a migrated database with `size` (at most 5,900,000) made-up elders, one phone each, in place of any made up
    before. The indexes are rebuilt after the rows are in, which is several times faster. At the end all of it is on the
    disk, so that no writing of gigabytes goes on behind what is measured then. Raises NotEmpty."""
    rows = _rows(cipher, size)
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        _into_sqlite(str(target.database), rows, progress)
    else:
        _into_postgresql(target.set(drivername="postgresql").render_as_string(False), rows, progress)


def _rows(cipher: FieldCipher, size: int) -> Iterator[_Row]:
    names = [chr(0x4E00 + at % 97) + chr(0x5000 + at // 97) + chr(0x6000 + at % 53) for at in range(_NAMES)]
    sealed = [(cipher.seal(name, "elder.name"), cipher.name_index(name)) for name in names]
    for at in range(1, size + 1):
        number = number_of(at)
        name, name_index = sealed[at * 7919 % _NAMES]
        yield (
            at, name, name_index, "female" if at % 2 else "male", f"{1930 + at % 36}-0{1 + at % 9}-15",
            f"街道{at % 25}", "elder" if at % 6 else "frail", cipher.seal(number, "elder_phone.number"),
            cipher.number_index(number),
        )  # fmt: skip


def _into_sqlite(path: str, rows: Iterator[_Row], progress: Callable[[int], object]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    _refuse_real_people(connection.execute(_STRANGERS).fetchone())
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")  # What is lost in a crash here is made again.
    connection.execute("BEGIN")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('elders', 'elder_phones')"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("DELETE FROM elder_phones")
    connection.execute("DELETE FROM elders")
    while block := list(islice(rows, _BLOCK)):
        connection.executemany(_INSERT_ELDER, (row[:7] for row in block))
        connection.executemany(_INSERT_PHONE, ((row[0], row[7], row[8]) for row in block))
        progress(len(block))
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())


def _into_postgresql(dsn: str, rows: Iterator[_Row], progress: Callable[[int], object]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        _refuse_real_people(connection.execute(_STRANGERS.encode()).fetchone())
        # A table that is emptied in the same transaction is written without a log (wal_level=minimal).
        with connection.transaction():
            connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
            connection.execute("TRUNCATE elders, elder_phones CASCADE")
            indexes = connection.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('elders', 'elder_phones')"
                " AND indexname LIKE 'ix_%'"
            ).fetchall()
            for name, _ in indexes:
                connection.execute(f"DROP INDEX {name}".encode())
            _copy(connection, rows, progress)
            for _, definition in indexes:
                connection.execute(definition.encode())
        connection.execute("ANALYZE elders, elder_phones")
        connection.execute("CHECKPOINT")


def _copy(
    connection: psycopg.Connection[tuple[object, ...]], rows: Iterator[_Row], progress: Callable[[int], object]
) -> None:
    """COPY block by block, in PostgreSQL's text form."""
    while block := list(islice(rows, _BLOCK)):
        elders = [
            f"{at}\t{MARK}{at:07d}\t\\\\x{name.hex()}\t\\\\x{name_index.hex()}\t{sex}\t\t{born}\t{district}\tnormal\t\t"
            f"self_paid\t{caller_class}\tf\tf\tzh-CN\tactive\t{_AT}Z\t{_AT}Z\n"
            for at, name, name_index, sex, born, district, caller_class, _, _ in block
        ]
        phones = [f"{row[0]}\t{row[0]}\t\\\\x{row[7].hex()}\t\\\\x{row[8].hex()}\thome\n" for row in block]
        for table, columns, lines in (("elders", _ELDER, elders), ("elder_phones", _PHONE, phones)):
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN (FREEZE)".encode()) as copy:
                copy.write("".join(lines))
        progress(len(block))


def _refuse_real_people(found: tuple[object, ...] | None) -> None:
    if found is None or found[0]:
        raise NotEmpty("the database holds elders who are not made up; a bench needs one of its own")

"""Writing to the database what waits in Redis: each entry exactly once, and none holds up the others.

Whoever writes holds a lock of the database's own, which ends with its holder: a router that is killed while it writes
leaves nothing behind that its successor would have to wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from db.session import UnitOfWork
from routing.calls import keys
from routing.calls.batches import write_batch

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

_BATCH = 500
_REFUSED_MOST = 1_000
_LOCK = 0x656C6465726C
"""PostgreSQL's advisory locks are numbers that whoever shares the database agrees on: "elderl"."""
_DEAD_SECONDS = 10
"""A machine that vanished with a transaction open loses its lock after so long; a process that died, at once."""
_TAKE_OFF = """
local head = redis.call('lrange', KEYS[1], 0, #ARGV - 1)
for place, line in ipairs(ARGV) do
    if head[place] ~= line then return 0 end
end
redis.call('ltrim', KEYS[1], #ARGV, -1)
return 1
"""
"""Takes off the head of the list what was written, unless somebody else has done so."""


def write_unwritten(unit_of_work: UnitOfWork, redis: Redis) -> int:
    """Write what waits in Redis, oldest first; give the number written. One process at a time does so.

    Raises redis.RedisError, or SQLAlchemyError when the database is still away; then the rest keeps waiting. An entry
    that the database refuses by itself is put aside for a person, so that it holds up no other.
    """
    written = 0
    while redis.llen(keys.UNWRITTEN):
        batch: list[bytes] = []
        try:
            with unit_of_work() as session:
                connection = session.connection()
                if not _alone(connection):
                    break
                batch = cast("list[bytes]", redis.lrange(keys.UNWRITTEN, 0, _BATCH - 1))
                write_batch(connection, batch)
        except (StatementError, KeyError, ValueError, TypeError, AttributeError):
            if not batch or not _one_by_one(unit_of_work, redis, batch):
                raise
        else:
            _take_off(redis, batch)
        written += len(batch)
    return written


def _alone(connection: Connection) -> bool:
    """Whether this transaction is the one that may write what waits, until it ends."""
    if connection.dialect.name != "postgresql":
        return True  # A unit of work on SQLite holds the only lock for writing.
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{_DEAD_SECONDS}s'"))
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}))


def _one_by_one(unit_of_work: UnitOfWork, redis: Redis, batch: Sequence[bytes]) -> bool:
    """Write a batch that failed as a whole line by line, and put aside the lines that cannot be written."""
    for line in batch:
        try:
            with unit_of_work() as session:
                connection = session.connection()
                if not _alone(connection):
                    return False
                write_batch(connection, [line])
        except (IntegrityError, DataError, KeyError, ValueError, TypeError, AttributeError) as error:
            log.error("unwritten.refused", error=type(error).__name__)  # noqa: TRY400  # The trace may hold a number.
            redis.rpush(keys.REFUSED, line)
            redis.ltrim(keys.REFUSED, -_REFUSED_MOST, -1)
        except StatementError:
            return False
        _take_off(redis, [line])
    return True


def _take_off(redis: Redis, lines: Sequence[bytes]) -> None:
    if lines:
        redis.eval(_TAKE_OFF, 1, keys.UNWRITTEN, *lines)

"""Writing to the database what waits in Redis: each entry exactly once, and none holds up the others."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

import structlog
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from db.session import UnitOfWork
from routing.calls import keys
from routing.calls.batches import write_batch

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

_BATCH = 500
_LOCK_MS = 60_000
_REFUSED_MOST = 1_000
_UNLOCK = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"


def write_unwritten(unit_of_work: UnitOfWork, redis: Redis) -> int:
    """Write what waits in Redis, oldest first; give the number written. One process at a time does so.

    Raises redis.RedisError, or SQLAlchemyError when the database is still away; then the rest keeps waiting. An entry
    that the database refuses by itself is put aside for a person, so that it holds up no other.
    """
    token = uuid.uuid4().hex
    if not redis.set(keys.UNWRITTEN_LOCK, token, nx=True, px=_LOCK_MS):
        return 0
    try:
        return _write_all(unit_of_work, redis)
    finally:
        redis.eval(_UNLOCK, 1, keys.UNWRITTEN_LOCK, token)


def _write_all(unit_of_work: UnitOfWork, redis: Redis) -> int:
    written = 0
    while batch := cast("list[bytes]", redis.lrange(keys.UNWRITTEN, 0, _BATCH - 1)):
        try:
            with unit_of_work() as session:
                write_batch(session.connection(), batch)
        except (StatementError, KeyError, ValueError, TypeError, AttributeError):
            if not _one_by_one(unit_of_work, redis, batch):
                raise
        else:
            redis.ltrim(keys.UNWRITTEN, len(batch), -1)
        written += len(batch)
    return written


def _one_by_one(unit_of_work: UnitOfWork, redis: Redis, batch: list[bytes]) -> bool:
    """Write a batch that failed as a whole line by line, and put aside the lines that cannot be written."""
    for line in batch:
        try:
            with unit_of_work() as session:
                write_batch(session.connection(), [line])
        except (IntegrityError, DataError, KeyError, ValueError, TypeError, AttributeError) as error:
            log.error("unwritten.refused", error=type(error).__name__)  # noqa: TRY400  # The trace may hold a number.
            redis.rpush(keys.REFUSED, line)
            redis.ltrim(keys.REFUSED, -_REFUSED_MOST, -1)
        except StatementError:
            return False
        redis.lpop(keys.UNWRITTEN)
    return True

"""Writing entries to the database: at once, or later from Redis, and each exactly once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from db.encryption import FieldCipher
from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.session import UnitOfWork
from routing.calls import keys

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

_BATCH = 200
_LOCK_MS = 60_000
_REFUSED_MOST = 1_000
_UNLOCK = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) end return 0"


def write_entry(session: Session, line: str | bytes) -> None:
    """Write one entry, unless the database has it. Raises KeyError or ValueError for what is no entry."""
    values = json.loads(line)
    _WRITERS[values.pop("kind")](session, values)


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
                for line in batch:
                    write_entry(session, line)
                    session.flush()
        except (IntegrityError, DataError, StatementError, KeyError, ValueError, TypeError) as error:
            if getattr(error, "connection_invalidated", False) or not _one_by_one(unit_of_work, redis, batch):
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
                write_entry(session, line)
        except (IntegrityError, DataError, KeyError, ValueError, TypeError) as error:
            log.error("unwritten.refused", error=type(error).__name__)  # noqa: TRY400  # The trace may hold a number.
            redis.rpush(keys.REFUSED, line)
            redis.ltrim(keys.REFUSED, -_REFUSED_MOST, -1)
        except StatementError:
            return False
        redis.lpop(keys.UNWRITTEN)
    return True


def _moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def _began(session: Session, values: Mapping[str, Any]) -> None:
    call = session.get(CallRecord, values["id"])
    if call is None:
        call = CallRecord(id=values["id"], node=values["node"], direction=values["direction"])
        session.add(call)
    number = values.get("number")
    number = call.number or values.get("number")
    call.dialled = call.dialled or values.get("dialled", "")
    call.number = number
    call.number_index = _index(session, number) if number else None
    call.elder_id = values.get("elder_id") or call.elder_id
    call.started_at = call.started_at or cast(datetime, _moment(values["started_at"]))


def _note(session: Session, values: Mapping[str, Any]) -> None:
    at = cast(datetime, _moment(values["at"]))
    same = select(JourneyEvent.id).where(
        JourneyEvent.call_id == values["call_id"], JourneyEvent.at == at, JourneyEvent.what == values["what"]
    )
    if session.scalar(same) is None:
        session.add(JourneyEvent(call_id=values["call_id"], at=at, what=values["what"], detail=values["detail"]))


def _ended(session: Session, values: Mapping[str, Any]) -> None:
    call = session.get(CallRecord, values["call_id"])
    if call is None:
        started = _moment(values["at"] or values["answered_at"]) or datetime.now(UTC)
        call = CallRecord(id=values["call_id"], node=values["node"], direction="inbound", started_at=started)
        session.add(call)
    call.ended_at = call.ended_at or _moment(values["at"])
    call.answered_at = call.answered_at or _moment(values["answered_at"])
    call.outcome = values["outcome"] or call.outcome or ""
    call.agent_extension = values["agent"] or call.agent_extension
    call.recording = values["recording"] or call.recording


def _ticket(session: Session, values: Mapping[str, Any]) -> None:
    if session.get(TicketRecord, values["id"]) is None:
        times = {name: _moment(values[name]) for name in ("joined_at", "ended_at")}
        session.add(TicketRecord(**(dict(values) | times)))


def _index(session: Session, number: str) -> bytes | None:
    cipher = getattr(session.get_bind().dialect, "field_cipher", None)
    return cipher.number_index(number) if isinstance(cipher, FieldCipher) else None


_WRITERS: dict[str, Callable[[Session, Mapping[str, Any]], None]] = {
    "began": _began,
    "note": _note,
    "ended": _ended,
    "ticket": _ticket,
}

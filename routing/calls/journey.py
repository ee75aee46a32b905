"""The journey of a call as it is written down, for flows: it never fails the caller."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from db.session import UnitOfWork
from routing.calls import entries, keys
from routing.calls.batches import write_batch
from routing.calls.behind import Behind
from routing.calls.unwritten import write_unwritten

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

_KEPT_MOST = 10_000


@dataclass(frozen=True)
class CallFacts:
    """What is known when a call begins; `number` (E.164) is the far end, `started_at` an epoch in seconds."""

    id: str
    node: str
    direction: str
    dialled: str
    started_at: float
    number: str | None = field(default=None, repr=False)
    elder_id: int | None = None


class Journey:
    """Writes calls and their steps. Threads may share one.

    When the database is away an entry waits in Redis; when Redis is away too, in this process, up to a bound at which
    the oldest are dropped and counted in the log. `write_unwritten` writes what waits, each entry once.

    Each entry is written before the method returns, unless `start` was called: then one thread writes the entries of
    all calls together (group commit), a moment later; only a process that is killed loses that moment's steps.
    """

    def __init__(self, unit_of_work: UnitOfWork, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._unit_of_work = unit_of_work
        self._redis = redis
        self._clock = clock
        self._kept: deque[str] = deque()
        self._lock = Lock()
        self._behind: Behind[str] | None = None

    def start(self) -> None:
        """Write behind from now on, until `stop`."""
        self._behind = self._behind or Behind(self._write_now)

    def stop(self) -> None:
        """Write what waits in this process, and write at once again."""
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.stop()

    def flush(self) -> bool:
        """Wait until what this process was told is written or kept; False if that takes more than ten seconds."""
        behind = self._behind
        return behind is None or behind.flush()

    def began(self, call: CallFacts, what: str = "call.began", detail: str = "") -> None:
        """Write that a call began, with its first step."""
        self._write(entries.began(asdict(call)), entries.note(call.id, call.started_at, what, detail))

    def note(self, call_id: str, what: str, detail: str = "") -> None:
        """Write a step of a call: `what` is a word as welcome.greeted, `detail` holds no personal data."""
        self._write(entries.note(call_id, self._clock(), what, detail))

    def ended(self, call_id: str, outcome: str, detail: str = "") -> None:
        """Write how a call ended, as self_served; the router itself writes when the caller's channel went."""
        now = self._clock()
        self._write(entries.ended(call_id, now, outcome=outcome), entries.note(call_id, now, f"call.{outcome}", detail))

    def write_unwritten(self) -> int:
        """Write what waits; give the number of entries written. Raises as `unwritten.write_unwritten`."""
        self._hand_over()
        return write_unwritten(self._unit_of_work, self._redis)

    def _write(self, *lines: str) -> None:
        behind = self._behind
        if behind is None or not behind.put(lines):
            self._write_now(lines)

    def _write_now(self, lines: Sequence[str]) -> None:
        try:
            with self._unit_of_work() as session:
                write_batch(session.connection(), lines, fresh=True)
        except SQLAlchemyError as error:
            log.warning("journey.database_away", error=type(error).__name__, entries=len(lines))
            self._keep(lines)

    def _keep(self, lines: Sequence[str]) -> None:
        with self._lock:
            self._kept.extend(lines)
            while len(self._kept) > _KEPT_MOST:
                self._kept.popleft()
                log.error("journey.entry_dropped", waiting=len(self._kept))
        try:
            self._hand_over()
        except RedisError as error:
            log.warning("journey.redis_away", error=type(error).__name__, waiting=len(self._kept))

    def _hand_over(self) -> None:
        """Move what this process keeps to Redis. Raises RedisError, and then keeps it."""
        with self._lock:
            if self._kept:
                self._redis.rpush(keys.UNWRITTEN, *self._kept)
                self._kept.clear()

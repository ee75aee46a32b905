"""The case of an SOS: opened when the call arrives, whatever is broken."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, cast

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from routing.orders.cases import Cases
from routing.orders.sos import UNTOLD, Raised

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

KEPT = "elderline:unwritten:sos"
"""Redis list of cases that the database has not got yet, as JSON."""
_MOST = 1_000
"""Kept in this process while Redis is away too; that many SOS calls in one outage have never been heard of."""


class SosCases:
    """Opens a case in the database; else keeps it in Redis, else in this process, and writes it later, once.

    The key is the call's id, so a case that was written after all is not opened twice. Threads may share one.
    """

    def __init__(self, cases: Cases, redis: Redis, clock: Callable[[], datetime]) -> None:
        self._cases = cases
        self._redis = redis
        self._clock = clock
        self._kept: deque[str] = deque(maxlen=_MOST)
        self._lock = Lock()

    def open(self, call_id: str, elder_id: int | None, raised: Raised = UNTOLD) -> int | None:
        """Give the case's id, or None when it is kept to be written later. Never raises."""
        now = self._clock()
        try:
            return self._write(call_id, elder_id, now, raised)
        except Exception:  # Whatever is broken, the cry for help goes on to a person.
            log.exception("sos.case_kept", call_id=call_id)
        line = json.dumps({"call_id": call_id, "elder_id": elder_id, "at": now.timestamp(), "raised": asdict(raised)})
        try:
            self._redis.rpush(KEPT, line)
        except RedisError:
            with self._lock:
                self._kept.append(line)
        return None

    def write_kept(self) -> int:
        """Write what was kept; give how many. Raises redis.RedisError or SQLAlchemyError while they are still away."""
        with self._lock:
            while self._kept:
                self._redis.rpush(KEPT, self._kept[0])
                self._kept.popleft()
        written = 0
        while (line := cast("bytes | None", self._redis.lindex(KEPT, 0))) is not None:
            self._write_line(line)
            self._redis.lrem(KEPT, 1, cast(str, line))
            written += 1
        return written

    def _write_line(self, line: bytes) -> None:
        try:
            kept = json.loads(line)
            raised = Raised(**kept.get("raised", {}))
            self._write(kept["call_id"], kept["elder_id"], datetime.fromtimestamp(kept["at"], UTC), raised)
        except SQLAlchemyError:
            raise
        except (KeyError, TypeError, ValueError):
            log.exception("sos.kept_case_unreadable")

    def _write(self, call_id: str, elder_id: int | None, at: datetime, raised: Raised) -> int:
        return self._cases.open(
            f"sos-{call_id}", "sos", elder_id=elder_id, call_id=call_id, opened_at=at, actor="caller",
            note=raised.words, steps=raised.steps(),
        ).id  # fmt: skip

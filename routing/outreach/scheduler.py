"""The clock of the jobs: queues each periodic job when its time has come, and hears how automatic calls went."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import LockError, RedisError

from routing.calls.messages import LIVE, MessageError, PlacedCallEnded, decode
from routing.outreach.jobs import (
    WAITS_SECONDS,
    Jobs,
    assign_night,
    begin_imports,
    climb,
    find_notes,
    keep_house,
    make_planned,
    make_reports,
    refresh_standings,
    send_sms,
    sweep_callbacks,
    sweep_campaigns,
    sweep_medicine,
    sweep_offers,
    sweep_visits,
    sweep_well_being,
    warn_certificates,
)

log = structlog.get_logger(__name__)

HEARTBEAT = "elderline:heartbeat:scheduler"
HEARTBEAT_SECONDS = 10
LOCK = "elderline:lock:scheduler"
LOCK_SECONDS = 10
"""The scheduler that holds the lock works; another takes over so long after it died."""
TICK_SECONDS = 0.5
REDIS_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Periodic:
    """A job and how often it is queued, in seconds."""

    job: Callable[[], object]
    every: float


PERIODIC = (
    Periodic(sweep_callbacks, 1),
    Periodic(sweep_offers, 2),
    Periodic(send_sms, 2),
    Periodic(keep_house, 30),
    Periodic(climb, 20),
    Periodic(find_notes, 300),
    Periodic(sweep_visits, 30),
    Periodic(sweep_well_being, 3),
    Periodic(sweep_medicine, 3),
    Periodic(sweep_campaigns, 2),
    Periodic(begin_imports, 2),
    Periodic(warn_certificates, 1800),
    Periodic(make_planned, 60),
    Periodic(make_reports, 60),
    Periodic(assign_night, 300),
    Periodic(refresh_standings, 600),
)


class Scheduler:
    """One of any number: who holds the lock in Redis queues the jobs. `epoch` gives seconds since 1970."""

    def __init__(
        self,
        redis: Redis,
        jobs: Jobs,
        periodic: Sequence[Periodic] = PERIODIC,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._jobs = jobs
        self._periodic = periodic
        self._epoch = epoch
        self._lock = redis.lock(LOCK, timeout=LOCK_SECONDS, blocking=False, thread_local=False)
        self._done: dict[str, int] = {}

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Redis away: tried again each second, for as long as it takes."""
        while not stop.is_set():
            try:
                self._work(stop)
            except RedisError:
                log.exception("scheduler.redis_away")
                stop.wait(REDIS_AGAIN_SECONDS)
        try:
            if self._lock.owned():
                self._lock.release()
        except (LockError, RedisError):
            log.info("scheduler.lock_not_released")

    def tick(self) -> int:
        """Queue what is due, if this scheduler holds the lock; give how many jobs were queued."""
        if not self._leads():
            return 0
        now = self._epoch()
        self._redis.set(HEARTBEAT, str(now), ex=HEARTBEAT_SECONDS)
        return sum(self._queue(each, int(now // each.every)) for each in self._periodic)

    def hear(self, line: bytes | str) -> None:
        """Queue the noting of an outcome, if this is one. An outcome that nobody heard is found by the sweep."""
        try:
            message = decode(line)
        except MessageError:
            return
        if isinstance(message, PlacedCallEnded):
            self._jobs.settle(message.cause, message.outcome)

    def _work(self, stop: threading.Event) -> None:
        listener = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py says no types here.
        try:
            listener.subscribe(LIVE)
            while not stop.is_set():
                self.tick()
                heard: dict[str, Any] | None = listener.get_message(timeout=TICK_SECONDS)
                if heard is not None:
                    self.hear(heard["data"])
        finally:
            listener.close()

    def _leads(self) -> bool:
        """Take or keep the lock. Whoever lost it (a long pause) stands back and tries again."""
        try:
            if self._lock.owned():
                return bool(self._lock.reacquire())
        except LockError:
            log.warning("scheduler.lost_the_lock")
        return bool(self._lock.acquire(blocking=False))

    def _queue(self, each: Periodic, slot: int) -> bool:
        """Queue a job once per slot of time. The slot is in its id: a job that died with its worker, whose record RQ
        keeps for minutes, does not stand in the way of the next, and two schedulers do not queue one twice."""
        name = each.job.__name__
        if self._done.get(name) == slot:
            return False
        self._done[name] = slot
        return self._jobs.put(each.job, f"{name}-{slot}", ttl=WAITS_SECONDS)

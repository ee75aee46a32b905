"""Logging in, and what it costs to guess: nobody is kept from their own desk by somebody who guesses elsewhere.

Three bounds, each for its own danger (docs/security.md):

- one account from one place: five wrong passwords, and this place waits a quarter of an hour (Redis);
- one account from everywhere: twenty wrong ones from places where its user never logged in raise a guard, and for a
  quarter of an hour only familiar places may log in (database);
- one place at many accounts: the limit of requests by address (agent_console).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select

from db.models import AuditEntry, User
from db.session import UnitOfWork
from routing.staff.passwords import Passwords
from routing.staff.sessions import Sessions

log = structlog.get_logger(__name__)

FAILURES: Final = 5
WAIT_SECONDS: Final = 900
GUARD_AFTER: Final = 20
GUARD_LASTS: Final = timedelta(seconds=WAIT_SECONDS)
BUCKETS: Final = 1 << 16
"""Counters at the most, whoever guesses from wherever: two pairs that share one wait for each other, one in 65,536."""


class Tries(Protocol):
    """Counts tries by bucket."""

    def count(self, bucket: int) -> int: ...
    def forget(self, bucket: int) -> None: ...


class RedisTries:
    """Counts in Redis, for all processes; while it is away each process counts for itself."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own: dict[int, tuple[int, float]] = {}

    def count(self, bucket: int) -> int:
        """Count one try, and give how many there were within the wait."""
        key = f"elderline:login:{bucket}"
        try:
            pipe = self._redis.pipeline(transaction=True)
            pipe.set(key, 0, ex=WAIT_SECONDS, nx=True)
            pipe.incr(key)
            return int(pipe.execute()[1])
        except RedisError as error:
            log.warning("login.counted_here", error=type(error).__name__)
            number, until = self._own.get(bucket, (0, 0.0))
            now = time.monotonic()
            kept = (number + 1, until) if now < until else (1, now + WAIT_SECONDS)
            self._own[bucket] = kept  # At most `BUCKETS` of them.
            return kept[0]

    def forget(self, bucket: int) -> None:
        """Forget the tries of a bucket."""
        self._own.pop(bucket, None)
        try:
            self._redis.delete(f"elderline:login:{bucket}")
        except RedisError as error:
            log.warning("login.not_forgotten", error=type(error).__name__)


@dataclass(frozen=True)
class LetIn:
    """Who logged in, and the key of the session that began."""

    user_id: int
    key: str


class LogIn:
    """Checks who logs in. `index` is a keyed hash: what is known of places is of no use to whoever steals it."""

    def __init__(  # noqa: PLR0917  # The ports of one service.
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        passwords: Passwords,
        sessions: Sessions,
        tries: Tries,
        index: Callable[[str, str], bytes],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions
        self._tries = tries
        self._index = index

    def enter(self, login: str, password: str, address: str) -> LetIn | None:
        """Begin a session, if log-in and password fit and nothing speaks against it; whatever does not gives None.

        The slow hash is computed between two units of work, so that no lock of the database is held meanwhile.
        """
        place = self._index("place", address)
        bucket = int.from_bytes(self._index("login", f"{login}\0{address}")[:2], "big") % BUCKETS
        tried = self._tries.count(bucket)  # First, so that of many guesses at once none goes uncounted.
        with self._reading() as work:
            known = work.scalar(select(User).where(User.login == login))
        fits = self._passwords.fits(known.password_hash if known else None, password)
        if known is None or tried > FAILURES:
            return None  # Even the right password waits, so that guessing on gains nothing.
        renewed = self._passwords.hash(password) if fits and self._passwords.is_outdated(known.password_hash) else ""
        now, actor = self._clock(), f"user:{known.id}"
        with self._unit_of_work() as work:
            user = work.get_one(User, known.id, with_for_update=True)
            familiar = self._sessions.is_familiar(work, user.id, place)
            guarded = user.locked_until is not None and user.locked_until > now and not familiar
            late = user.one_time_until is not None and user.one_time_until <= now
            if not fits:
                if tried == FAILURES:
                    work.add(AuditEntry(at=now, actor=actor, action="login.place_waits", subject=actor))
                if not familiar:
                    self._raise_guard(user, now, actor, work.add)
                return None
            if guarded or late or not user.active or user.password_hash != known.password_hash:
                return None
            if renewed:
                user.password_hash = renewed
            user.failures = 0
            key = self._sessions.begin(work, user.id, place)
            work.add(AuditEntry(at=now, actor=actor, action="login", subject=actor))
        self._tries.forget(bucket)
        return LetIn(user.id, key)

    def _raise_guard(self, user: User, now: datetime, actor: str, add: Callable[[AuditEntry], None]) -> None:
        user.failures += 1
        if user.failures >= GUARD_AFTER:
            user.failures, user.locked_until = 0, now + GUARD_LASTS
            add(AuditEntry(at=now, actor=actor, action="login.guarded", subject=actor))

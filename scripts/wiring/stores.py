"""What every process opens: the database, Redis, the cipher of personal fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy import Engine

from db.encryption import FieldCipher
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.calls.messages import LIVE, Message, encode
from routing.settings import Settings

log = structlog.get_logger(__name__)

REDIS_SECONDS = 3.0
"""A command to Redis that takes longer than this fails; callers then go to the dialplan's own fallback."""


@dataclass(frozen=True)
class Stores:
    """Open stores. Threads may share them."""

    settings: Settings
    cipher: FieldCipher
    engine: Engine
    unit_of_work: UnitOfWork
    reading: UnitOfWork
    redis: redis.Redis

    def publish(self, message: Message) -> None:
        """Tell whoever listens live. A page that misses it shows the truth when it asks next, so nobody else fails."""
        try:
            self.redis.publish(LIVE, encode(message))
        except RedisError as error:
            log.warning("live.not_published", error=type(error).__name__)


def open_stores(settings: Settings) -> Stores:
    """Open the stores; nothing is asked of them yet. Raises FieldKeyError when a key is missing."""
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher, settings.zone)
    client = redis.Redis.from_url(
        settings.redis, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS, health_check_interval=30,
        retry=Retry(NoBackoff(), 1),  # The library's own retries would add up to silence for a caller.
    )  # fmt: skip
    return Stores(settings, cipher, engine, make_unit_of_work(engine), make_reading(engine), client)


def now() -> datetime:
    """The clock of all services."""
    return datetime.now(UTC)


Clock = Callable[[], datetime]

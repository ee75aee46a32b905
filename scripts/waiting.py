"""Wait, within a bound, for what a part needs before it starts: so that no order of starting has to be kept."""

from __future__ import annotations

import time

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db.encryption import FieldCipher
from db.session import make_engine
from routing.settings import Settings

_SECONDS = 30.0
_POLL_SECONDS = 0.1


class NotThere(Exception):
    """What a part needs did not come in time; the text says what."""


def wait_for_stores(settings: Settings, seconds: float = _SECONDS) -> None:
    """Return once Redis and the database answer. Raises NotThere after `seconds`; the supervisor then tries again."""
    deadline = time.monotonic() + seconds
    while (lacking := _lacking(settings)) is not None:
        if time.monotonic() > deadline:
            raise NotThere(f"{lacking}, for {seconds:.0f} s")
        time.sleep(_POLL_SECONDS)


def _lacking(settings: Settings) -> str | None:
    try:
        with redis.Redis.from_url(settings.redis, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer ({error})"
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return f"the database does not answer ({getattr(error, 'orig', None) or type(error).__name__})"
    finally:
        engine.dispose()
    return None

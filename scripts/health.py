"""Is every part well? What ``/healthz`` answers, and what `./scripts/up` waits for."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import psutil
import redis
from rq import Queue, Worker
from rq.worker.base import BaseWorker
from sqlalchemy.exc import SQLAlchemyError

from db.encryption import FieldCipher, FieldKeyError
from db.session import make_engine, make_reading
from routing.figures import left
from routing.hours.policy import standing
from routing.hours.register import HotlinePlace, HoursRegister
from routing.outreach.jobs import QUEUE
from routing.outreach.sms.due import oldest_due
from routing.outreach.sms.standing import judge, told
from routing.settings import Settings
from routing.voice.jobs import QUEUE as VOICE_QUEUE
from scripts.manager_line import ManagerError, ask
from scripts.restarts import Restarts

_SECONDS = 2.0
"""Each check gives up after so many seconds: an answer that comes late is no answer to a health check."""
HEARTBEAT = "elderline:heartbeat:{part}"
"""Redis key that `part` keeps writing, with an expiry that outlives a few of its rounds."""


class PartHealth(TypedDict):
    """One part's state; `detail` is a short sentence without personal data."""

    ok: bool
    detail: str


class Unwell(Exception):
    """A part does not do its work; the text says how that shows."""


def check(settings: Settings) -> dict[str, PartHealth]:
    """Ask every part. Never raises for a part that is down, and takes a few seconds at most."""
    checks: dict[str, Callable[[Settings], str]] = {
        "asterisk": _asterisk,
        "redis": _redis,
        "database": _database,
        "ivr": _ivr,
        "router": lambda known: _heartbeat(known, "router"),
        "worker": _worker,
        "scheduler": lambda known: _heartbeat(known, "scheduler"),
        "voice": _voice,
        "sms": _sms,
        "hours": _hours,
    }
    if settings.sms_simulated:
        checks["sms_carrier"] = lambda known: _listens(known.sms_carrier_port)
    if settings.sms_simulated == "kannel":
        checks["kannel"] = lambda known: _listens(known.kannel_port)
    restarts = Restarts(settings.var_dir / "run")
    # A heartbeat may be one of before its part died; who waits for the next try is not at work.
    return {
        part: {"ok": False, "detail": why} if (why := restarts.waiting(part)) else _ask(one, settings)
        for part, one in checks.items()
    }


def _ask(one: Callable[[Settings], str], settings: Settings) -> PartHealth:
    try:
        return {"ok": True, "detail": one(settings)}
    except (Unwell, ManagerError, FieldKeyError) as error:
        return {"ok": False, "detail": str(error)}
    except redis.RedisError as error:
        return {"ok": False, "detail": f"Redis: {error}"}
    except SQLAlchemyError as error:
        # The driver's own words: SQLAlchemy's would show the statement with its values.
        return {"ok": False, "detail": f"database: {type(error).__name__}: {getattr(error, 'orig', None)}"}
    except OSError as error:
        return {"ok": False, "detail": str(error)}


def _asterisk(settings: Settings) -> str:
    if ask(settings, "Ping", _SECONDS).get("Response") != "Success":
        raise Unwell("Asterisk does not answer a ping")
    return "answers on its manager interface"


def _connect(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.redis, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)


def _redis(settings: Settings) -> str:
    with _connect(settings) as client:
        client.ping()
    return "answers"


def _heartbeat(settings: Settings, part: str) -> str:
    with _connect(settings) as client:
        if not client.exists(HEARTBEAT.format(part=part)):
            raise Unwell(f"no heartbeat of the {part}")
    return "beats"


def _worker(settings: Settings) -> str:
    with _connect(settings) as client:
        return f"{_at_work(Queue(QUEUE, connection=client))} at work"


def _voice(settings: Settings) -> str:
    """Tell whether texts that were written are spoken: until they are, callers hear what was there before."""
    with _connect(settings) as client:
        queue = Queue(VOICE_QUEUE, connection=client)
        _at_work(queue)
        waiting = queue.count
    return f"at work, {waiting} texts wait" if waiting else "at work"


def _at_work(queue: Queue) -> int:
    workers = [worker for worker in Worker.all(queue=queue) if _lives(worker)]
    if not workers:
        raise Unwell("no worker is registered")
    return len(workers)


def _lives(worker: BaseWorker) -> bool:
    """Tell whether a worker still runs: the keys of a killed one outlive it by minutes. Other machines we trust."""
    return worker.hostname != socket.gethostname() or (worker.pid is not None and psutil.pid_exists(worker.pid))


def _ivr(settings: Settings) -> str:
    """Tell whether calls are taken, and of calls beyond the limit: callers wait for the few agents' phones then."""
    socket.create_connection(("127.0.0.1", settings.agi_port), timeout=_SECONDS).close()
    try:
        with _connect(settings) as client:
            counted = left(client)["ivr"]
    except redis.RedisError:  # Has a part of its own.
        counted = {}
    beyond = counted.get("calls_turned_away", 0)
    told = f"; since its start {beyond} beyond its limit of {settings.max_calls} went to the fallback" if beyond else ""
    return "accepts calls" + told


def _listens(port: int) -> str:
    socket.create_connection(("127.0.0.1", port), timeout=_SECONDS).close()
    return "answers"


def _database(settings: Settings) -> str:
    oldest = _oldest_sms(settings)  # A real table: it fails when the database is there but not migrated.
    return "answers" if oldest is None else "answers, with messages in the outbox"


def _sms(settings: Settings) -> str:
    """Tell how the link to the carrier stands, if we have it, and what waits that might go."""
    words = ""
    now = datetime.now(UTC)
    if settings.smpp_address:
        with _connect(settings) as client:
            standing = judge(told(client), now, timedelta(minutes=settings.sms_away_minutes))
        if not standing.well:
            raise Unwell(standing.words)
        words = f"{standing.words}; "
    oldest = _oldest_sms(settings)
    if oldest is None:
        return f"{words}outbox is empty"
    waited = (now - oldest).total_seconds()
    if waited > settings.sms_away_minutes * 60:
        raise Unwell(f"{words}a message has waited {waited:.0f} s in the outbox: the carrier is away, or takes none")
    return f"{words}oldest message has waited {waited:.0f} s"


def _hours(settings: Settings) -> str:
    """Tell how the hotline stands. Holidays that are not known yet are no fault, but whoever looks is told of them."""
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher)
    try:
        work = make_reading(engine)
        place = HotlinePlace(settings.zone, settings.country, settings.area_code)
        calendar = HoursRegister(work, work, place, settings.duty_numbers).plan().calendar
    finally:
        engine.dispose()
    now = datetime.now(UTC)
    stands, known = standing(calendar, now), calendar.known_until
    words = "open" if stands.open else "closed"
    if stands.until is not None:
        words += f" until {stands.until.astimezone(settings.zone):%Y-%m-%d %H:%M}"
    if known is None or not calendar.hours:
        return words
    if now.astimezone(settings.zone).date() > known:
        return f"{words}; public holidays are not known after {known}: days count as plain weekdays"
    return f"{words}; public holidays known until {known}"


def _oldest_sms(settings: Settings) -> datetime | None:
    """Give when the message was queued that has waited longest in the outbox."""
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher)
    try:
        with make_reading(engine)() as work:
            return oldest_due(work, datetime.now(UTC))
    finally:
        engine.dispose()

"""What a process counts about itself, left in Redis for /metrics: the console is another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from threading import Event, Thread
from typing import Any, cast

import structlog
from redis import Redis
from redis.exceptions import RedisError

from routing.histogram import Spread

log = structlog.get_logger(__name__)

KEY = "elderline:metrics:{part}"
"""Hash, name of a figure -> its value."""
EVERY_SECONDS = 5.0
LASTS_SECONDS = 30
"""Figures of a part that no longer runs are gone by then."""
PARTS = ("ivr", "ivr_leaving", "router")
"""A restarted ivr has its last calls as `ivr_leaving` (the latest one, if there are several)."""


@dataclass(frozen=True)
class Figure:
    """One figure; those that only grow count from the start of the process."""

    name: str
    meaning: str
    grows: bool = True


FIGURES = (
    Figure("calls_active", "Calls in flows now", grows=False),
    Figure("calls_taken", "Calls that flows took"),
    Figure("calls_failed", "Calls that ended in something unforeseen, so that the dialplan's fallback took over"),
    Figure("calls_unheard", "Connections without an AGI header: probes, mostly"),
    Figure("calls_turned_away", "Calls beyond the limit, which went to the fallback"),
    Figure("sounds_failed", "Sounds and prompts that could not be played"),
    Figure("ami_reconnects", "Logins to Asterisk after the first"),
    Figure("ami_timeouts", "Actions that Asterisk did not answer in time"),
    Figure("ami_refused", "Actions that Asterisk answered with an error"),
    Figure("ami_callback_errors", "Events of Asterisk that we failed on"),
    Figure("ami_discarded", "Lines and packets of Asterisk over their bound"),
)
SPREADS = (Figure("router_event_lag_seconds", "From Asterisk's stamping an event to the router's having handled it"),)
_TOTAL = "microseconds"


@contextmanager
def published(redis: Redis, part: str, count: Callable[[], Mapping[str, int]]) -> Iterator[None]:
    """Meanwhile leave what `count` gives every five seconds, from a thread. Without Redis the figures are missing."""
    stop = Event()

    def work() -> None:
        while True:
            try:
                put(redis, part, count())
            except RedisError as error:
                log.debug("figures.not_left", error=type(error).__name__)
            if stop.wait(EVERY_SECONDS):
                return

    thread = Thread(target=work, name="figures", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(EVERY_SECONDS)


def put(redis: Redis, part: str, counted: Mapping[str, int]) -> None:
    """Leave the figures of one part. Raises RedisError."""
    name = KEY.format(part=part)
    fields: dict[Any, Any] = dict(counted)
    with redis.pipeline() as pipe:
        pipe.hset(name, mapping=fields)
        pipe.expire(name, LASTS_SECONDS)
        pipe.execute()


def left(redis: Redis) -> Mapping[str, Mapping[str, int]]:
    """Give the figures by part, then by name. Raises RedisError."""
    hashes = {part: cast("dict[Any, Any]", redis.hgetall(KEY.format(part=part))) for part in PARTS}
    return {part: {_text(name): int(value) for name, value in found.items()} for part, found in hashes.items()}


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def spread_figures(name: str, spread: Spread) -> dict[str, int]:
    """Write a spread as figures: cumulative counts by upper bound, and the sum in microseconds."""
    counts = {f"{name}:{bound:g}": count for bound, count in spread.cumulative().items()}
    return counts | {f"{name}:{_TOTAL}": round(spread.total * 1_000_000)}


def spread_of(counted: Mapping[str, int], name: str) -> Spread | None:
    """Read a spread that a part has left; None if it left none."""
    found = {each.partition(":")[2]: value for each, value in counted.items() if each.startswith(f"{name}:")}
    total = found.pop(_TOTAL, 0)
    counts, so_far = {}, 0
    for bound, cumulative in sorted((float(each), value) for each, value in found.items()):
        counts[bound] = cumulative - so_far
        so_far = cumulative
    return Spread(counts, total / 1_000_000) if inf in counts else None

"""Who listens to whom at this moment: written by the router, and read so that nothing is shown that is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from routing.calls import keys
from routing.calls.agents import AgentBoard
from routing.calls.records import read_all

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "supervise-"
"""+ request: the Uniqueid of the channel of whoever listens."""
_BEGINS_WITHIN = 10.0
"""Seconds in which a phone that is to be rung has a channel, or never."""


@dataclass(frozen=True)
class Supervision:
    """The phone of extension `at` and the talk of agent `extension`, in one of the ways of `Ear`."""

    request: str
    extension: str
    call_id: str
    at: str
    ear: str
    by: str
    since: float
    leg: str = ""
    """Its channel as ``node|name``; empty before there is one."""
    on: bool = False
    """Answered: whoever holds it hears the talk. Before that it rings."""


class SupervisionBoard:
    """The supervisions in Redis, for threads. `all` may raise redis.RedisError."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock

    def all(self) -> tuple[Supervision, ...]:
        """Give those whose phone rings or listens: one counts only while its very channel is among the phone's."""
        stored = cast("dict[bytes, bytes]", self._redis.hgetall(keys.SUPERVISIONS))
        if not stored:
            return ()
        legs = {each.extension: each.legs for each in AgentBoard(self._redis).all()}
        found = [each for each in read_all(Supervision, stored.values()) if self._is_so(each, legs.get(each.at, ()))]
        return tuple(sorted(found, key=lambda each: each.since))

    def _is_so(self, each: Supervision, legs: tuple[str, ...]) -> bool:
        return each.leg in legs if each.leg else self._clock() - each.since < _BEGINS_WITHIN

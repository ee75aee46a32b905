"""One active router, and a heartbeat that tells everyone that it lives."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

import structlog
from redis.exceptions import RedisError

from routing.calls import keys
from routing.calls.errands import stopping
from routing.calls.switchboard import Switchboard

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

LEASE_SECONDS = 4.0
_RENEW_SECONDS = 1.0
_BEAT_SECONDS = 5.0
_ANSWER_SECONDS = 2.0
_RENEW = """
local holder = redis.call('get', KEYS[1])
if holder == ARGV[1] or not holder then redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2]) return 1 end
return 0
"""
_GIVE_UP = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class LeaseLost(RuntimeError):
    """Another router is the active one; this process must end, and may start again as standby."""


class Lease:
    """The right to be the active router. While Redis is away nobody can take it, so whoever has it goes on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._token = uuid.uuid4().hex

    async def acquire(self) -> None:
        """Wait until the lease is ours. Redis tells nobody when a key expires, so ask every second."""
        told = False
        while not await self._renew():
            if not told:
                log.info("router.standby")
                told = True
            if stopping():
                raise asyncio.CancelledError
            await asyncio.sleep(_RENEW_SECONDS)

    async def keep(self) -> None:
        """Renew until cancelled. Raises LeaseLost."""
        while not stopping():
            await asyncio.sleep(_RENEW_SECONDS)
            try:
                if not await self._ask():
                    raise LeaseLost("another router took over")
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("router.lease_not_renewed", error=type(error).__name__)

    async def give_up(self) -> None:
        """Let a standby take over at once."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await cast("Awaitable[int]", self._redis.eval(_GIVE_UP, 1, keys.ROUTER_LEASE, self._token))
        except (RedisError, OSError, TimeoutError):
            log.warning("router.lease_left_to_expire")

    async def _renew(self) -> bool:
        try:
            return await self._ask()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("router.redis_away", error=type(error).__name__)
            return False

    async def _ask(self) -> bool:
        async with asyncio.timeout(_ANSWER_SECONDS):
            milliseconds = str(int(LEASE_SECONDS * 1000))
            answer = self._redis.eval(_RENEW, 1, keys.ROUTER_LEASE, self._token, milliseconds)
            return bool(await cast("Awaitable[int]", answer))


async def beat(redis: Redis, switchboard: Switchboard, clock: Callable[[], float]) -> None:
    """Beat until cancelled: a key in Redis for our own processes, a global variable for the dialplan."""
    while not stopping():
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await redis.set(keys.HEARTBEAT, str(int(clock())), ex=keys.HEARTBEAT_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("router.beat_not_in_redis", error=type(error).__name__)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await switchboard.beat(clock())
        except TimeoutError:
            log.warning("router.beat_not_in_asterisk")
        if not stopping():
            await asyncio.sleep(_BEAT_SECONDS)

"""The router's way to Redis: changes are noted at once and written a moment later, together and in one transaction.

The router decides in memory and never waits for Redis between an agent's becoming free and the next ring. While Redis
is away the router goes on; of each key only the latest value is kept, so what waits stays small.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import structlog
from redis.exceptions import RedisError

from routing.calls import keys
from routing.calls.errands import stopping
from routing.calls.messages import COMMANDS, LIVE, Message, encode

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

_WRITE_SECONDS = 5.0
_RETRY_SECONDS = 0.5
_LIVE_MOST = 2_000
_ENTRIES_MOST = 100_000


class Ledger:
    """Notes changes (never blocks, never fails) and writes them in order while `run` runs.

    What is acknowledged here is acknowledged in the same transaction as its effect. At the bounds the oldest are
    dropped: live events, since who listens can read the present state, and entries for the database, loudly.
    """

    def __init__(self, redis: Redis, on_entries: Callable[[], None] = lambda: None) -> None:
        """`on_entries` is called when entries for the database have reached Redis."""
        self._redis = redis
        self._on_entries = on_entries
        self._hashes: dict[tuple[str, str], str | None] = {}
        self._leases: dict[str, tuple[str, int] | None] = {}
        self._live: deque[str] = deque(maxlen=_LIVE_MOST)
        self._entries: deque[str] = deque()
        self._done: set[str] = set()
        self._wake = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def keep(self, hash_name: str, field: str, value: str | None) -> None:
        """Set a field of a hash; None deletes it."""
        self._hashes[(hash_name, field)] = value
        self._changed()

    def lease(self, key: str, holder: str, seconds: float) -> None:
        """Set a key that expires by itself."""
        self._leases[key] = (holder, max(1, round(seconds)))
        self._changed()

    def release(self, key: str) -> None:
        """Take a lease back."""
        self._leases[key] = None
        self._changed()

    def publish(self, event: Message) -> None:
        """Tell whoever listens."""
        self._live.append(encode(event))
        self._changed()

    def enter(self, entry: str) -> None:
        """Give an entry to the database, by way of the list of unwritten ones."""
        if len(self._entries) >= _ENTRIES_MOST:
            self._entries.popleft()
            log.error("ledger.entry_dropped", waiting=len(self._entries))
        self._entries.append(entry)
        self._changed()

    def acknowledge(self, message_id: str) -> None:
        """Say that the effect of a command is noted."""
        self._done.add(message_id)
        self._changed()

    async def flushed(self) -> None:
        """Wait until all that was noted so far is in Redis."""
        await self._written.wait()

    async def run(self) -> None:
        """Write what is noted, until cancelled; what Redis does not take is tried again."""
        while not stopping():
            await self._wake.wait()
            self._wake.clear()
            await self._write()
            if not self._wake.is_set():
                self._written.set()

    def _changed(self) -> None:
        self._written.clear()
        self._wake.set()

    async def _write(self) -> None:
        hashes, self._hashes = self._hashes, {}
        leases, self._leases = self._leases, {}
        live, self._live = self._live, deque(maxlen=_LIVE_MOST)
        entries, self._entries = self._entries, deque()
        done, self._done = self._done, set()
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._transact(hashes, leases, live, entries, done)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("ledger.redis_away", error=type(error).__name__, entries=len(entries))
            self._hashes = hashes | self._hashes
            self._leases = leases | self._leases
            self._live.extendleft(reversed(live))
            self._entries.extendleft(reversed(entries))
            self._done |= done
            self._wake.set()
            await asyncio.sleep(_RETRY_SECONDS)
            return
        if entries:
            self._on_entries()

    async def _transact(
        self,
        hashes: Mapping[tuple[str, str], str | None],
        leases: Mapping[str, tuple[str, int] | None],
        live: deque[str],
        entries: deque[str],
        done: set[str],
    ) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            for (name, field), value in hashes.items():
                if value is None:
                    pipe.hdel(name, field)
                else:
                    pipe.hset(name, field, value)
            for key, lease in leases.items():
                if lease is None:
                    pipe.delete(key)
                else:
                    pipe.set(key, lease[0], ex=lease[1])
            if entries:
                pipe.rpush(keys.UNWRITTEN, *entries)
            for line in live:
                pipe.publish(LIVE, line)
            if done:
                pipe.xack(COMMANDS, keys.GROUP, *sorted(done))
            await cast("Awaitable[list[Any]]", pipe.execute())

"""As much of Redis as the router uses, in memory: it survives the router, and does each transaction whole."""

from __future__ import annotations

import asyncio
from typing import Any

from routing.calls import keys
from routing.calls.messages import Message, decode, encode


class MemoryRedis:
    """Hashes, keys, lists, one stream with one group. `live` is what was published."""

    def __init__(self) -> None:
        self.hashes: dict[str, dict[bytes, bytes]] = {}
        self.values: dict[str, bytes] = {}
        self.lists: dict[str, list[str]] = {}
        self.live: list[Message] = []
        self._stream: list[tuple[bytes, dict[bytes, bytes]]] = []
        self._read = 0
        self._pending: dict[bytes, dict[bytes, bytes]] = {}
        self._added = asyncio.Event()

    # What the tests do

    def command(self, message: Message) -> None:
        """Put a command on the stream."""
        self._stream.append((b"%d-0" % (len(self._stream) + 1), {b"message": encode(message).encode()}))
        self._added.set()

    def of(self, name: str) -> dict[bytes, bytes]:
        return self.hashes.setdefault(name, {})

    # What the router does

    async def eval(self, script: str, _count: int, key: str, token: str, *_more: str) -> int:
        if "'px'" in script:
            if self.values.get(key, token.encode()) != token.encode():
                return 0
            self.values[key] = token.encode()
            return 1
        return int(self.values.pop(key, None) is not None)

    async def xgroup_create(self, *_args: Any, **_more: Any) -> bool:
        return True

    async def hgetall(self, name: str) -> dict[bytes, bytes]:
        return dict(self.of(name))

    async def hget(self, name: str, field: str) -> bytes | None:
        return self.of(name).get(field.encode())

    async def set(self, key: str, value: str, ex: int | None = None, nx: bool = False) -> bool:
        return self.put(key, value, nx)

    def put(self, key: str, value: str, nx: bool = False) -> bool:
        if nx and key in self.values:
            return False
        self.values[key] = value.encode()
        return True

    async def xreadgroup(
        self, _group: str, _consumer: str, streams: dict[str, str], count: int, block: int | None
    ) -> list[Any]:
        (stream, start), *_ = streams.items()
        if start == "0":
            return [[stream, list(self._pending.items())[:count]]]
        if self._read == len(self._stream) and block:
            self._added.clear()
            try:
                await asyncio.wait_for(self._added.wait(), block / 1000)
            except TimeoutError:
                return []
        new = self._stream[self._read : self._read + count]
        self._read += len(new)
        self._pending |= dict(new)
        return [[stream, new]] if new else []

    def pipeline(self, transaction: bool = True) -> Pipeline:
        return Pipeline(self)

    async def aclose(self) -> None:
        """There is nothing to close."""

    def acknowledge(self, ids: tuple[str, ...]) -> None:
        for each in ids:
            self._pending.pop(each.encode(), None)


class Pipeline:
    """Orders that are done together, at `execute`."""

    def __init__(self, redis: MemoryRedis) -> None:
        self._redis = redis
        self._orders: list[Any] = []

    async def __aenter__(self) -> Pipeline:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._orders.clear()

    def hset(self, name: str, field: str, value: str) -> None:
        self._orders.append(lambda: self._redis.of(name).update({field.encode(): value.encode()}))

    def hdel(self, name: str, field: str) -> None:
        self._orders.append(lambda: self._redis.of(name).pop(field.encode(), None))

    def set(self, key: str, value: str, ex: int | None = None, nx: bool = False) -> None:
        self._orders.append(lambda: self._redis.put(key, value, nx))

    def get(self, key: str) -> None:
        self._orders.append(lambda: self._redis.values.get(key))

    def delete(self, key: str) -> None:
        self._orders.append(lambda: self._redis.values.pop(key, None))

    def rpush(self, key: str, *entries: str) -> None:
        assert key == keys.UNWRITTEN
        self._orders.append(lambda: self._redis.lists.setdefault(key, []).extend(entries))

    def publish(self, _channel: str, line: str) -> None:
        self._orders.append(lambda: self._redis.live.append(decode(line)))

    def xack(self, _stream: str, _group: str, *ids: str) -> None:
        self._orders.append(lambda: self._redis.acknowledge(ids))

    async def execute(self) -> list[Any]:
        return [order() for order in self._orders]

"""A Redis server of the tests' own, on a free port."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.routing.calls.house import House

Story = Callable[[House], Awaitable[None]]


class RedisServer:
    """A redis-server that a test may stop and start again; it keeps its append-only file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = f"redis-server --port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec --save"
        command = [*words.split(), "", "--dir", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = Redis.from_url(self.url)
        give_up = time.monotonic() + 10
        while True:
            try:
                client.ping()
            except RedisError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.02)  # The server tells nobody when it listens.
            else:
                client.close()
                return

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def tell(redis: Redis, redis_server: RedisServer, tmp_path: Path) -> Callable[..., None]:
    """Run a story in a house of its own, within a minute."""

    def run(story: Story, **settings: object) -> None:
        async def told() -> None:
            async with House(redis_server.url, tmp_path, **settings) as house:
                await story(house)

        asyncio.run(asyncio.wait_for(told(), 60))

    return run

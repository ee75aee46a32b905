"""A whole console for the tests: a Redis of their own, a migrated database, the demo people, and the real services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from routing.settings import Settings
from tests.agent_console.console import Desk, RedisServer, make_services, make_settings, populate


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests of the console; it starts when the first test wants it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """An empty Redis."""
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def settings(redis: Redis, redis_server: RedisServer, sqlite_url: str, tmp_path: Path) -> Settings:
    """Settings of a development instance with stores of the test's own; Redis is empty."""
    del redis
    return make_settings(sqlite_url, redis_server.url, tmp_path)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """The console's application with the demo people in it."""
    services = make_services(settings)
    populate(services)
    desk = Desk(services)
    yield desk
    desk.close()

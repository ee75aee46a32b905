"""A whole console for the tests: a migrated database, the demo people, and the real services."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from routing.settings import Settings
from tests.agent_console.console import Desk, forget_what_happened, make_services, make_settings, populate
from tests.agent_console.served import Served, start
from tests.ports import free_port
from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def _populated(_migrated_sqlite: Path, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo people, made once; each test gets a copy."""
    path = tmp_path_factory.mktemp("populated") / "elderline.db"
    shutil.copy(_migrated_sqlite, path)
    services = make_services(make_settings(f"sqlite:///{path}", redis_server.url, path.parent))
    populate(services)
    with services.unit_of_work() as work:
        work.connection().engine.dispose()
    return path


@pytest.fixture
def settings(redis: Redis, redis_server: RedisServer, _populated: Path, tmp_path: Path) -> Settings:
    """Settings of a development instance with the demo people in a database of the test's own; Redis is empty."""
    del redis
    for file in _populated.parent.glob("elderline.db*"):
        shutil.copy(file, tmp_path / file.name)
    return make_settings(f"sqlite:///{tmp_path / 'elderline.db'}", redis_server.url, tmp_path)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """The console's application, without a server."""
    desk = Desk(make_services(settings))
    yield desk
    desk.close()


@pytest.fixture(scope="session")
def _served(redis_server: RedisServer, _populated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    for file in _populated.parent.glob("elderline.db*"):
        shutil.copy(file, folder / file.name)
    with run_served(make_settings(f"sqlite:///{folder / 'elderline.db'}", redis_server.url, folder), folder) as served:
        yield served


@contextmanager
def run_served(settings: Settings, folder: Path) -> Iterator[Served]:
    """Run the console under gunicorn."""
    services = make_services(settings)
    port, log = free_port(), folder / "console.log"
    process = start(settings, port, log)
    yield Served(port, log, services)
    process.terminate()
    process.wait(20)
    services.redis.close()


@pytest.fixture
def served_on_postgresql(
    postgresql_url: str, redis: Redis, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Served]:
    """The console under gunicorn with the demo people in PostgreSQL."""
    del redis
    settings = make_settings(postgresql_url, redis_server.url, tmp_path)
    populate(make_services(settings))
    with run_served(settings, tmp_path) as served:
        yield served


@pytest.fixture
def served(_served: Served, redis: Redis) -> Served:
    """The console under gunicorn, one for all tests: with the demo people, and with nothing that has happened yet."""
    del redis
    forget_what_happened(_served.services)
    return _served

"""What tests share: databases (each test has its own, migrated), a Redis, an Asterisk, a line and a caller."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis
from sqlalchemy import Engine

from db import migrate
from db.encryption import FieldCipher, new_key
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from scripts.postgresql_server import PostgresqlServer
from tests.asterisk_node import AsteriskNode, running_node
from tests.ports import free_port
from tests.redis_server import RedisServer

if TYPE_CHECKING:
    from tests.phones.line import Line
    from tests.phones.phone import Phone

_numbers = count(1)

# No test is timed, except by the generous bound of pytest-timeout: a busy machine must not fail a true property.
settings.register_profile(
    "elderline",
    deadline=None,
    # The same examples in each run, so that what is found does not depend on the day; others by hand.
    derandomize="ELDERLINE_TESTS_ANEW" not in os.environ,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("elderline")


@pytest.fixture(scope="session")
def cipher() -> FieldCipher:
    """A cipher with keys of this run."""
    return FieldCipher(new_key(), new_key())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One PostgreSQL for the whole run; it starts when the first test wants it. It holds the database `migrated`."""
    server = PostgresqlServer(free_port())
    server.start()
    migrate.upgrade(server.create("migrated"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _migrated_sqlite: Path) -> str:
    """URL of a migrated SQLite file of the test's own."""
    shutil.copy(_migrated_sqlite, tmp_path / "elderline.db")
    return f"sqlite:///{tmp_path / 'elderline.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """URL of a migrated PostgreSQL database of the test's own."""
    name = f"test_{next(_numbers)}"
    yield postgresql_server.create(name, template="migrated")
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a migrated database of the test's own: the test runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(database_url: str, cipher: FieldCipher) -> Iterator[Engine]:
    """An engine on both kinds of database."""
    engine = make_engine(database_url, cipher)
    yield engine
    engine.dispose()


@pytest.fixture
def unit_of_work(engine: Engine) -> UnitOfWork:
    """Units of work that write, on both kinds of database."""
    return make_unit_of_work(engine)


@pytest.fixture
def reading(engine: Engine) -> UnitOfWork:
    """Units of work that only read, on both kinds of database."""
    return make_reading(engine)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for all tests; it starts when the first test wants it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[Redis]:
    """An empty Redis."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    """An Asterisk of the module's own, as the hotline configures it, with nothing of ours behind it."""
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture(scope="module")
def line(node: AsteriskNode) -> Iterator[Line]:
    """Where the carrier's phones are, as far as this Asterisk knows."""
    from tests.phones.line import Line  # PJSIP is only for those who call.

    line = Line(int(node.settings.carrier_address.split(":")[1]))
    yield line
    line.close()


@pytest.fixture
def caller(line: Line) -> Iterator[Phone]:
    """A phone of the carrier's."""
    from tests.phones.phone import Phone

    phone = Phone(line, "13900000001", answers=False)
    phone.plug_in()
    yield phone
    phone.unplug()

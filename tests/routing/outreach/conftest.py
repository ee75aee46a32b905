"""A hotline whose parts are killed in their steps, and the one telephone that it rings."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.demo import DEMO
from routing.numbers import as_dialled
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.ports import free_port
from tests.routing.outreach.dying_hotline import DyingHotline, flows

Houses = Callable[[str], DyingHotline]


@pytest.fixture(scope="module")
def carrier_port() -> int:
    """Where the one telephone listens, for both hotlines."""
    return free_port(socket.SOCK_DGRAM)


@pytest.fixture(scope="module")
def houses(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, carrier_port: int
) -> Iterator[Houses]:
    """A hotline on each kind of database, started when the first test wants it; only one has its parts running."""
    built: dict[str, DyingHotline] = {}
    with contextlib.ExitStack() as leaving:

        def on(database: str) -> DyingHotline:
            for kind, other in built.items():
                if kind != database:
                    other.stop_parts(but=("redis",))
            if database not in built:
                settings: dict[str, Any] = {"carrier_address": f"127.0.0.1:{carrier_port}"}
                if database == "postgresql":
                    server = request.getfixturevalue("postgresql_server")
                    settings["database_url"] = server.create("killed", template="migrated")
                house = DyingHotline(tmp_path_factory.mktemp("killed"), **settings)
                leaving.callback(house.stop)
                house.start("redis", "asterisk")
                leaving.enter_context(flows(house))
                built[database] = house
            return built[database]

        yield on


@pytest.fixture
def house(houses: Houses, request: pytest.FixtureRequest) -> DyingHotline:
    return houses(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="module")
def telephone(carrier_port: int) -> Iterator[Phone]:
    line = Line(carrier_port)
    phone = Phone(line, as_dialled(DEMO.wang.number))
    phone.plug_in()
    yield phone
    line.close()

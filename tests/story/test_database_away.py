"""PostgreSQL goes away while people call: they reach a person, and each call has its record when it is back.

A file of its own, since a process has one line of phones at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from db.demo import DEMO
from scripts.postgresql_server import PostgresqlServer
from tests.ports import free_port
from tests.story.scene import Scene, open_scene
from tests.story.test_recovery import RECORDED_SECONDS, about, ended, leaves, tickets

pytestmark = [
    pytest.mark.asterisk, pytest.mark.phones, pytest.mark.postgresql, pytest.mark.slow, pytest.mark.timeout(500),
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    with PostgresqlServer(free_port()) as server:
        yield server


@pytest.fixture(scope="module")
def scene(server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    url = server.create("hotline")
    folder = tmp_path_factory.mktemp("scene")
    with open_scene(folder, "redis", "asterisk", "ivr", "router", database_url=url) as scene:
        yield scene


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(scene: Scene) -> Iterator[None]:
    """The log may say here, with all there is to say, that the database is away."""
    yield
    scene.everybody_leaves()


def test_calls_while_the_database_is_away_are_recorded_once_when_it_returns(
    scene: Scene, server: PostgresqlServer
) -> None:
    agent = scene.agent()
    served, gives_up = scene.person(DEMO.quiet.number), scene.person(DEMO.wang.number)
    server.halt()
    scene.dial(served)
    served.hears_something()
    served.phone.press("0")
    served.hears_tone(1000)
    agent.hears_tone(440)
    since = time.monotonic()
    served_until = leaves(scene, served)
    agent.phone.wait_for("hung_up", 60, since)
    scene.dial(gives_up)
    gave_up = leaves(scene, gives_up)
    server.resume()
    scene.until("both have ended", lambda: ended(scene, 2), RECORDED_SECONDS)
    scene.until("the ticket has ended", lambda: tickets(scene))
    first, second = sorted(scene.calls().values(), key=lambda call: call.started_at)
    assert [(each.outcome, each.agent_extension) for each in (first, second)] == [
        ("answered", "1001"), ("abandoned", None),
    ]  # fmt: skip
    about(first.ended_at, served_until)
    about(second.ended_at, gave_up)
    assert tickets(scene)[first.id] == [("answered", "1001")]

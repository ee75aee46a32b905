"""What the tests of talks with a real Asterisk and real phones share: a stage, and how a story is played on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.asterisk_node import AsteriskNode
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.redis_server import RedisServer
from tests.routing.calls.stage import WITHIN, Stage

RING_SECONDS = 40.0
"""Long enough for whatever a test does while a phone rings, on a busy machine."""


@pytest.fixture
def stage(node: AsteriskNode, line: Line, redis: Redis, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(node, line, redis_server, tmp_path, wrap_up_seconds=0.0, rest_seconds=1.0, ring_seconds=RING_SECONDS)
    yield stage
    stage.engine.dispose()


async def wait(phone: Phone, what: str, since: float = 0.0, seconds: float = WITHIN) -> float:
    return (await asyncio.to_thread(phone.wait_for, what, seconds, since)).at


def play(stage: Stage, story: Callable[[], Awaitable[None]]) -> None:
    """Play a story over a router that runs meanwhile."""

    async def run() -> None:
        async with stage.flow(), stage.router():
            try:
                await story()
            finally:
                await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))

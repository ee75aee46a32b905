"""Houses to tell stories in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis import Redis

from tests.redis_server import RedisServer
from tests.routing.calls.house import House

Story = Callable[[House], Awaitable[None]]


@pytest.fixture
def tell(redis: Redis, redis_server: RedisServer, tmp_path: Path) -> Callable[..., None]:
    """Run a story in a house of its own, within a minute."""

    def run(story: Story, **settings: object) -> None:
        async def told() -> None:
            async with House(redis_server.url, tmp_path, **settings) as house:
                await story(house)

        asyncio.run(asyncio.wait_for(told(), 60))

    return run

"""The members of a real Asterisk's own queue are the agents logged in, whatever they do and whatever dies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from routing.calls.messages import AgentState, SetAgentState
from tests.asterisk_node import AsteriskNode, make_node
from tests.phones.line import Line
from tests.redis_server import RedisServer
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]
_MEMBER = re.compile(r"PJSIP/(\S+) .*\(dynamic\)")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    node = make_node(tmp_path_factory.mktemp("node"))
    node.sounds = tmp_path_factory.mktemp("sounds")  # Nobody listens here, so nothing needs to be said.
    node.start()
    yield node
    node.stop()


@pytest.fixture
def stage(node: AsteriskNode, line: Line, redis: Redis, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(node, line, redis_server, tmp_path)
    yield stage
    stage.engine.dispose()


async def members_are(stage: Stage, **wanted: bool) -> None:
    """Wait until the queue has these extensions, and no others, and each is paused or not."""
    there: dict[str, bool] = {}
    for _ in range(100):
        text = await asyncio.to_thread(stage.node.cli, "queue show fallback")
        there = {found[1]: "(paused" in line for line in text.splitlines() if (found := _MEMBER.search(line))}
        if there == {name.removeprefix("x"): paused for name, paused in wanted.items()}:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{wanted} are to be members, {there} are")


def test_members_follow_the_agents_through_all_that_happens(stage: Stage) -> None:
    async def first() -> None:
        one = await stage.agent("1001")
        await members_are(stage, x1001=False)
        await stage.agent("1002")
        await stage.agent("1003", ready=False)
        await members_are(stage, x1001=False, x1002=False, x1003=True)
        stage.make_paused("1001")
        await members_are(stage, x1001=True, x1002=False, x1003=True)
        stage.make_ready("1001")
        stage.board.command(SetAgentState("1002", AgentState.LOGGED_OFF))
        await members_are(stage, x1001=False, x1003=True)
        stage.make_ready("1002")
        await asyncio.to_thread(one.unplug)
        await members_are(stage, x1002=False, x1003=True)

    async def killed_and_back() -> None:
        await stage.until(lambda: len(stage.floor.agents) == 3)
        await members_are(stage, x1002=False, x1003=True)

    async def without_memory() -> None:
        # Pauses are forgotten with Redis; who is registered is logged in.
        await members_are(stage, x1002=False, x1003=False)
        await stage.clear()
        await members_are(stage)

    async def run() -> None:
        async with stage.flow():
            async with stage.router():
                await first()
            await asyncio.to_thread(stage.node.cli, "queue remove member PJSIP/1002 from fallback")
            await asyncio.to_thread(stage.node.cli, "queue add member PJSIP/1001 to fallback")
            async with stage.router():
                await killed_and_back()
            stage.redis.flushall()
            async with stage.router():
                await without_memory()

    asyncio.run(asyncio.wait_for(run(), 100))

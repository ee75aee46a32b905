"""Ready, rest, after-work done and a test of the headset, dialled by a real telephone at a real Asterisk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from routing.calls.messages import AgentState
from tests.asterisk_node import AsteriskNode
from tests.ears import RATE, tone_level
from tests.ears.wav import as_samples
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.redis_server import RedisServer
from tests.routing.calls.live import play, wait
from tests.routing.calls.stage import Stage
from tests.story.scene import LOUD_ENOUGH

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

LOW, LAST_OF_READY, LAST_OF_REST = 300, 784, 523
OWN_HZ = 1000
NOTES_SECONDS = 600.0
"""Of after-work; nobody in this test waits for its end."""


@pytest.fixture
def stage(node: AsteriskNode, line: Line, redis: Redis, redis_server: RedisServer, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(node, line, redis_server, tmp_path, wrap_up_seconds=NOTES_SECONDS, rest_seconds=1.0)
    yield stage
    stage.engine.dispose()


async def asks(stage: Stage, phone: Phone, code: str) -> int:
    """Dial a code, hear it out, and give the tone that was heard last."""
    since = time.monotonic()
    await asyncio.to_thread(phone.dial, f"sip:{code}@{stage.server}")
    await wait(phone, "hung_up", since)
    heard = as_samples(phone.heard())
    levels: dict[int, float] = {}
    for end in range(len(heard), RATE // 5, -RATE // 10):
        levels = {hz: tone_level(heard[end - RATE // 5 : end], hz) for hz in (LOW, LAST_OF_READY, LAST_OF_REST)}
        if max(levels.values()) > LOUD_ENOUGH:
            break
    return max(levels, key=lambda hz: levels[hz])


def test_a_telephone_without_a_page_asks_for_ready_rest_and_the_end_of_after_work(stage: Stage) -> None:
    async def story() -> None:
        agent = await stage.agent("1001", answers=True)
        assert await asks(stage, agent, "*12") == LOW, "there is no after-work to end"
        await stage.until(lambda: stage.state("1001") is AgentState.READY)
        assert await asks(stage, agent, "*11") == LAST_OF_REST
        await stage.until(lambda: stage.state("1001") is AgentState.PAUSED)
        assert await asks(stage, agent, "*12") == LOW, "a break is no after-work"
        await stage.until(lambda: stage.state("1001") is AgentState.PAUSED)
        assert await asks(stage, agent, "*10") == LAST_OF_READY
        await stage.until(lambda: stage.state("1001") is AgentState.READY)

        caller = await stage.caller("13900000071")
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        ends = time.monotonic()
        await asyncio.to_thread(caller.hang_up)
        await wait(agent, "hung_up", ends)
        await stage.until(lambda: stage.state("1001") is AgentState.WRAP_UP)
        assert await asks(stage, agent, "*12") == LAST_OF_READY
        await stage.until(lambda: stage.state("1001") is AgentState.READY)

    play(stage, story)


def test_the_echo_is_for_whoever_is_not_ready_and_nobody_is_offered_a_call_in_it(stage: Stage) -> None:
    async def story() -> None:
        agent = await stage.agent("1001", tone_hz=OWN_HZ)
        since = time.monotonic()
        await asyncio.to_thread(agent.dial, f"sip:600@{stage.server}")
        await wait(agent, "hung_up", since)
        assert not any(event.what == "connected" and event.at > since for event in agent.events)
        await stage.until(lambda: stage.state("1001") is AgentState.READY)

        assert await asks(stage, agent, "*11") == LAST_OF_REST
        since = time.monotonic()
        await asyncio.to_thread(agent.dial, f"sip:600@{stage.server}")
        await wait(agent, "connected", since)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        stage.make_ready("1001")
        await stage.caller("13900000072")
        await stage.waiting(1)
        while tone_level(as_samples(agent.heard()[-RATE // 2 :]), OWN_HZ) < LOUD_ENOUGH:
            assert time.monotonic() - since < 20, "nothing came back"
            await asyncio.sleep(0.1)
        await stage.until(lambda: stage.floor.agents["1001"].wanted is AgentState.READY)
        assert stage.state("1001") is AgentState.TALKING
        assert [each.attempts for each in stage.floor.tickets.values()] == [0]
        hung_up = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(agent, "ringing", hung_up)

    play(stage, story)

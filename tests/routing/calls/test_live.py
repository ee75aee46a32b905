"""The router over a real Asterisk with real SIP phones: what rings, how soon, and what Asterisk is left with."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from routing.calls.messages import (
    AgentState,
    CallerClass,
    PlaceCall,
)
from routing.calls.tickets import send
from tests.asterisk_node import AsteriskNode, make_node
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.redis_server import RedisServer
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    node = make_node(tmp_path_factory.mktemp("node"))
    node.sounds = tmp_path_factory.mktemp("sounds")  # Nobody listens here, so nothing needs to be said.
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def line(node: AsteriskNode) -> Iterator[Line]:
    host, _, port = node.settings.carrier_address.partition(":")
    line = Line(int(port), rtp_first=33000, address=host)

    yield line

    line.close()


@pytest.fixture
def impatient(
    node: AsteriskNode, line: Line, redis: Redis, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Stage]:
    """Phones ring for two seconds only, and an agent's rest is long enough to do something meanwhile."""
    made = Stage(node, line, redis_server, tmp_path, wrap_up_seconds=0.0, rest_seconds=4.0, ring_seconds=2.0)
    yield made
    made.engine.dispose()


def test_a_caller_reaches_the_agent_who_then_gets_the_next(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001")
        first = await stage.caller("13900000011")
        await wait(agent, "ringing")
        await stage.until(lambda: stage.state("1001") is AgentState.RINGING)
        second = await stage.caller("13900000012")
        await asyncio.to_thread(agent.answer)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        await stage.waiting(1)
        freed = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(first, "hung_up")
        await wait(agent, "ringing", freed)
        await asyncio.to_thread(second.hang_up)
        await stage.until(lambda: stage.state("1001") is AgentState.READY and not stage.floor.tickets)

    play(stage, story)


def test_not_answered_and_refused_go_back_to_hold_and_ring_elsewhere(impatient: Stage) -> None:
    async def story() -> None:
        silent = await impatient.agent("1001")
        busy = await impatient.agent("1002")
        busy.refuses = 486
        caller = await impatient.caller("13900000013")
        rung = await wait(silent, "ringing")  # Who has been idle for longest.
        given_up = await wait(silent, "hung_up")
        silent.answers = True
        refused = await wait(busy, "refused", rung)
        await wait(silent, "ringing", refused)  # After its rest.
        await wait(silent, "connected", given_up)
        await impatient.until(lambda: impatient.state("1001") is AgentState.TALKING)
        assert caller.busy
        assert [event.what for event in silent.events].count("ringing") == 2
        assert [event.what for event in busy.events].count("refused") == 1
        await impatient.until(lambda: len(impatient.steps("ticket.returned")) == 2)  # They are written behind the call.

    play(impatient, story)
    assert impatient.steps("ticket.returned") == ["1001: NOANSWER", "1002: BUSY"]


def test_a_caller_who_hangs_up_while_it_rings_frees_the_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001")
        caller = await stage.caller("13900000014")
        await wait(agent, "ringing")
        await asyncio.to_thread(caller.hang_up)
        await wait(agent, "hung_up")
        await stage.until(lambda: stage.state("1001") is AgentState.READY and not stage.floor.tickets)
        assert stage.floor.agents["1001"].misses == 0

    play(stage, story)


def test_an_sos_overtakes_and_an_unplugged_phone_is_not_routed_to(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001")
        gone = await stage.agent("1002")
        await asyncio.to_thread(gone.unplug)
        await stage.until(lambda: stage.state("1002") is AgentState.UNREACHABLE)
        talker = await stage.caller("13900000015")
        await wait(agent, "ringing")
        await asyncio.to_thread(agent.answer)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        elder = await stage.caller("13900000016")
        sos = await stage.caller("13900000017", "12340")
        await stage.waiting(2)
        freed = time.monotonic()
        await asyncio.to_thread(talker.hang_up)
        await wait(agent, "ringing", freed)
        await asyncio.to_thread(agent.answer)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING and len(stage.floor.tickets) == 1)
        assert [each.caller_class for each in stage.floor.tickets.values()] == [CallerClass.ELDER]
        assert elder.busy
        assert sos.busy

    play(stage, story)


def test_a_router_killed_with_callers_in_hold_and_in_talk_is_taken_over(stage: Stage) -> None:  # noqa: F811
    async def first() -> None:
        agent = await stage.agent("1001")
        await stage.caller("13900000018")
        await wait(agent, "ringing")
        await asyncio.to_thread(agent.answer)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        await stage.caller("13900000019")
        await stage.waiting(1)

    async def second() -> None:
        agent, talker, _ = stage.phones
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING and len(stage.floor.waiting()) == 1)
        assert talker.busy
        freed = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(agent, "ringing", freed)

    async def run() -> None:
        async with stage.flow():
            async with stage.router():
                await first()
            async with stage.router():
                try:
                    await second()
                finally:
                    await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))


def test_an_automatic_call_is_dialled_and_settled_once(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        elder = Phone(stage.line, "13900000020")
        stage.phones.append(elder)
        elder.plug_in()
        for _ in range(2):
            call = PlaceCall("after-1.1", "13900000020", "after_service", "1", 10.0, time.time() + 60)
            send(stage.redis, call)
        await wait(elder, "connected")
        await wait(elder, "hung_up")
        await stage.until(lambda: stage.outcomes() == ["answered"])
        elder.answers, elder.refuses = False, 486
        send(stage.redis, PlaceCall("after-1.2", "13900000020", "after_service", "1", 10.0, time.time() + 60))
        await stage.until(lambda: stage.outcomes() == ["answered", "busy"])

    play(stage, story)


@pytest.mark.slow
def test_free_to_ring_is_short(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """From the agent's hanging up to the next ring at the agent's phone; the bound is ten times what we aim at."""
    took: list[float] = []

    async def story() -> None:
        agent = await stage.agent("1001", answers=True)
        talks, waits = [await stage.caller(number) for number in ("13900000031", "13900000032")]
        for _ in range(12):
            await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
            await stage.waiting(1)
            freed = time.monotonic()
            await asyncio.to_thread(agent.hang_up)
            took.append(await wait(agent, "ringing", freed) - freed)
            await wait(talks, "hung_up", freed)
            await asyncio.to_thread(talks.dial, f"sip:12349@{stage.server}")
            await wait(talks, "connected", freed)
            talks, waits = waits, talks
            # PJSIP has 64 sockets, frees those of a call half a second late, and tells nobody.
            await asyncio.sleep(0.25)

    play(stage, story)
    with capsys.disabled():
        print(f" free to ring: median {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms")
    assert statistics.median(took) < 0.6

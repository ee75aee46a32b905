"""A supervisor listens, whispers and leaves from the console's page, on a real Asterisk: by what each phone hears."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from db.migrate import upgrade
from routing.calls.messages import AgentState
from tests.agent_console.console import Desk, csrf, make_services, make_settings, populate
from tests.redis_server import RedisServer
from tests.routing.calls.hearing import hears
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

CALLER, AGENT, SUPERVISOR = 440, 1000, 1400
PAGE = "/supervisor/talks"


@pytest.fixture
def desk(redis_server: RedisServer, tmp_path: Path) -> Desk:
    settings = make_settings(f"sqlite:///{tmp_path / 'console.db'}", redis_server.url, tmp_path)
    upgrade(settings.database)
    services = make_services(settings)
    populate(services)
    return Desk(services)


def test_listen_and_whisper_from_the_page(stage: Stage, desk: Desk) -> None:  # noqa: F811
    client = desk.logged_in("supervisor")

    def press(path: str, **form: str) -> None:
        answer = client.post(f"{PAGE}/{path}", data={"csrf_token": csrf(client, PAGE), **form})
        assert answer.status_code == 302, answer.get_data(as_text=True)

    def shows(words: str) -> bool:
        return words in client.get(f"{PAGE}/now").get_data(as_text=True)

    async def story() -> None:
        agent = await stage.agent("1001", answers=True, tone_hz=AGENT)
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=SUPERVISOR)
        caller = await stage.caller("13900000075", tone_hz=CALLER)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        (talk,) = stage.talk_table.values()
        assert shows("现在没有人监听")
        for ear, said, agent_hears in (
            ("listen", "监听中", (CALLER,)),
            ("whisper", "耳语中", (CALLER, SUPERVISOR)),
        ):
            asked = time.monotonic()
            await asyncio.to_thread(press, talk.call_id, at="1003", ear=ear, reason="新人")
            await wait(boss, "connected", asked)
            await hears(boss, CALLER, AGENT)
            await hears(agent, *agent_hears)
            await hears(caller, AGENT)
            await stage.until(lambda said=said: shows(said))
            await asyncio.to_thread(press, "end/1003")
            await wait(boss, "hung_up", asked)
            await stage.until(lambda: shows("现在没有人监听"))
            await stage.until(lambda: stage.state("1003") is AgentState.PAUSED)
        await hears(agent, CALLER)
        assert caller.busy
        assert agent.busy

    play(stage, story)

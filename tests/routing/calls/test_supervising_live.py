"""Listening, whispering and barging in on a real Asterisk, by what each phone hears; and tickets that are moved."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest

from routing.calls.listening_messages import ChangeEar
from routing.calls.messages import AgentState, CallerClass
from routing.calls.supervise_messages import Ear, MoveTicket, Supervise
from routing.calls.supervisions import SupervisionBoard
from routing.calls.tickets import send
from tests.routing.calls.hearing import hears
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

CALLER, AGENT, SUPERVISOR = 440, 1000, 1400


def test_listen_whisper_and_barge(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001", answers=True, tone_hz=AGENT)
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=SUPERVISOR)
        caller = await stage.caller("13900000071", tone_hz=CALLER)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        await hears(caller, AGENT)
        hear = {
            Ear.LISTEN: ((AGENT,), (CALLER,)),
            Ear.WHISPER: ((AGENT,), (CALLER, SUPERVISOR)),
            Ear.BARGE: ((AGENT, SUPERVISOR), (CALLER, SUPERVISOR)),
        }
        for ear, (caller_hears, agent_hears) in hear.items():
            asked = time.monotonic()
            wish = Supervise(uuid.uuid4().hex, "1001", "1003", ear, "user:2")
            send(stage.redis, wish)
            send(stage.redis, wish)
            await wait(boss, "connected", asked)
            await hears(boss, CALLER, AGENT)
            await hears(caller, *caller_hears)
            await hears(agent, *agent_hears)
            await stage.until(lambda: stage.state("1003") is AgentState.TALKING)
            await asyncio.to_thread(boss.hang_up)
            await wait(boss, "hung_up", asked)
            await stage.until(lambda: stage.state("1003") is AgentState.PAUSED)
            await hears(caller, AGENT)
        assert len([event for event in boss.events if event.what == "ringing"]) == len(hear)
        assert caller.busy
        assert agent.busy

    play(stage, story)


def test_the_way_is_changed_in_the_midst_of_the_talk(stage: Stage) -> None:  # noqa: F811
    """By the router's order, as the page gives it, and by the keys of the phone; what is shown is what is heard."""

    async def story() -> None:
        agent = await stage.agent("1001", answers=True, tone_hz=AGENT)
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=SUPERVISOR)
        caller = await stage.caller("13900000076", tone_hz=CALLER)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        board = SupervisionBoard(stage.redis)
        asked = time.monotonic()
        send(stage.redis, Supervise(uuid.uuid4().hex, "1001", "1003", Ear.LISTEN, "user:2"))
        await wait(boss, "connected", asked)
        for ear, key, caller_hears, agent_hears in (
            (Ear.LISTEN, None, (AGENT,), (CALLER,)),
            (Ear.WHISPER, None, (AGENT,), (CALLER, SUPERVISOR)),
            (Ear.BARGE, None, (AGENT, SUPERVISOR), (CALLER, SUPERVISOR)),
            (Ear.WHISPER, "5", (AGENT,), (CALLER, SUPERVISOR)),
            (Ear.LISTEN, "4", (AGENT,), (CALLER,)),
            (Ear.BARGE, "6", (AGENT, SUPERVISOR), (CALLER, SUPERVISOR)),
        ):
            if key:
                await asyncio.to_thread(boss.press, key)
            else:
                send(stage.redis, ChangeEar("1003", ear, "user:2"))
            await stage.until(lambda ear=ear: [each.ear for each in board.all() if each.on] == [ear.value])
            await hears(agent, *agent_hears)
            await hears(caller, *caller_hears)
            await hears(boss, CALLER, AGENT)
        assert not any(event.what == "hung_up" for event in (*boss.events, *agent.events, *caller.events))
        assert len([event for event in boss.events if event.what == "ringing"]) == 1

    play(stage, story)


def test_the_end_of_the_talk_ends_the_supervision(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001", answers=True, tone_hz=AGENT)
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=SUPERVISOR)
        caller = await stage.caller("13900000072", tone_hz=CALLER)
        await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
        send(stage.redis, Supervise(uuid.uuid4().hex, "1001", "1003", Ear.LISTEN, "user:2"))
        await hears(boss, CALLER, AGENT)
        ends = time.monotonic()
        await asyncio.to_thread(caller.hang_up)
        await wait(agent, "hung_up", ends)
        await wait(boss, "hung_up", ends)

    play(stage, story)


def test_a_ticket_moved_to_the_front_is_next(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001", ready=False)
        for number in ("13900000073", "13900000074"):
            await stage.caller(number)
        await stage.waiting(2)
        first, second = sorted(stage.floor.tickets.values(), key=lambda each: each.joined_at)
        send(stage.redis, MoveTicket(second.ticket_id, caller_class="elder", front=True, by="user:2"))
        await stage.until(lambda: stage.floor.tickets[second.ticket_id].ahead_seconds > 0)
        assert stage.floor.tickets[second.ticket_id].joined_at == second.joined_at
        stage.make_ready("1001")
        await wait(agent, "ringing")
        assert stage.floor.tickets[second.ticket_id].offered_to == "1001"
        assert first.caller_class is CallerClass.ELDER

    play(stage, story)

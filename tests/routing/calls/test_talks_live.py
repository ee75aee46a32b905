"""Talks on a real Asterisk with real phones: hold, consult, conference, transfer, and what each party hears."""

from __future__ import annotations

import asyncio
import time

import pytest

from routing.calls.messages import AgentState
from routing.calls.talk import Talk
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from tests.phones.phone import Phone
from tests.routing.calls.hearing import hears
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import WITHIN, Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

CALLER, FIRST, SECOND, GUEST = 440, 1000, 1400, 700
"""The tones of each, in Hz."""


async def in_talk(stage: Stage, number: str) -> tuple[Phone, Phone, Talk]:  # noqa: F811
    """A caller and agent 1001, who hear each other."""
    agent = await stage.agent("1001", answers=True, tone_hz=FIRST)
    caller = await stage.caller(number, tone_hz=CALLER)
    await stage.until(lambda: stage.state("1001") is AgentState.TALKING and len(stage.talks()) == 1)
    await hears(caller, FIRST)
    await hears(agent, CALLER)
    return caller, agent, next(iter(stage.talks().values()))


async def ask(stage: Stage, talk: Talk, action: TalkAction, then: TalkStage, **whom: str) -> Talk:  # noqa: F811
    """Ask for something, and wait for the stage that follows."""
    extension = stage.talks()[talk.call_id].extension
    stage.control(ControlTalk(talk.call_id, extension, action, by="user:1", **whom))
    await stage.until(lambda: talk.call_id in stage.talks() and stage.talks()[talk.call_id].stage is then)
    return stage.talks()[talk.call_id]


def test_hold_and_resume_as_often_as_one_likes(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000051")
        for _ in range(2):
            await ask(stage, talk, TalkAction.HOLD, TalkStage.PARKED)
            await hears(caller, "music")
            await hears(agent)
            assert stage.state("1001") is AgentState.TALKING
            await ask(stage, talk, TalkAction.RESUME, TalkStage.TALKING)
            await hears(caller, FIRST)
            await hears(agent, CALLER)
        ends = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: stage.state("1001") is AgentState.READY and not stage.talks())

    play(stage, story)


def test_consult_return_consult_conference_and_the_first_agent_leaves(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000052")
        other = await stage.agent("1002", answers=True, tone_hz=SECOND)
        for action in (TalkAction.RETURN, TalkAction.CONFER):
            await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
            await hears(caller, "music")
            await hears(agent, SECOND)
            await hears(other, FIRST)
            await stage.until(lambda: stage.talks()[talk.call_id].partner_leg != "")
            await stage.until(lambda: stage.state("1002") is AgentState.TALKING)
            if action is TalkAction.RETURN:
                await ask(stage, talk, action, TalkStage.TALKING)
                await hears(caller, FIRST)
                await hears(agent, CALLER)
                await stage.until(lambda: stage.state("1002") is AgentState.READY)
        await ask(stage, talk, TalkAction.CONFER, TalkStage.CONFERENCE)
        await hears(caller, FIRST, SECOND)
        await hears(agent, CALLER, SECOND)
        await hears(other, CALLER, FIRST)
        await asyncio.to_thread(agent.hang_up)
        await hears(caller, SECOND)
        await hears(other, CALLER)
        await stage.until(lambda: stage.talks()[talk.call_id].extension == "1002")
        ends = time.monotonic()
        await asyncio.to_thread(other.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: not stage.talks())

    play(stage, story)


def test_an_attended_transfer_and_the_next_talk_of_the_first_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000053")
        other = await stage.agent("1002", answers=True, tone_hz=SECOND)
        await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
        await hears(other, FIRST)
        handed = time.monotonic()
        await stage.until(lambda: stage.talks()[talk.call_id].partner_leg != "")
        await ask(stage, talk, TalkAction.COMPLETE, TalkStage.TALKING)
        await wait(agent, "hung_up", handed)
        await hears(caller, SECOND)
        await hears(other, CALLER)
        assert stage.talks()[talk.call_id].extension == "1002"
        await stage.until(lambda: stage.state("1001") is AgentState.READY)
        await ask(stage, talk, TalkAction.HOLD, TalkStage.PARKED)
        await hears(caller, "music")
        ends = time.monotonic()
        await asyncio.to_thread(caller.hang_up)
        await wait(other, "hung_up", ends)
        await stage.until(lambda: not stage.talks() and stage.state("1002") is AgentState.READY)

    play(stage, story)


def test_blind_transfers_keep_the_place_and_come_back_when_nobody_answers(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000054")
        relative = Phone(stage.line, "13900000059", tone_hz=GUEST)
        relative.refuses = 486
        stage.phones.append(relative)
        relative.plug_in()
        left = time.monotonic()
        other = await stage.agent("1002", answers=True, tone_hz=SECOND)
        agent.answers = False
        stage.control(ControlTalk(talk.call_id, "1001", TalkAction.TRANSFER, number="13900000059", by="user:1"))
        await wait(agent, "hung_up", left)
        await wait(relative, "refused", left)
        await hears(caller, SECOND)
        await stage.until(lambda: talk.call_id in stage.talks() and stage.talks()[talk.call_id].extension == "1002")
        again = stage.talks()[talk.call_id]
        assert (again.joined_at, again.caller_class) == (talk.joined_at, talk.caller_class)
        assert again.ticket_id != talk.ticket_id
        relative.refuses = 0
        stage.control(ControlTalk(talk.call_id, "1002", TalkAction.TRANSFER, number="13900000059", by="user:1"))
        await hears(caller, GUEST)
        await hears(relative, CALLER)
        await wait(other, "hung_up", left)
        ends = time.monotonic()
        await asyncio.to_thread(relative.hang_up)
        await wait(caller, "hung_up", ends)

    play(stage, story)


def test_a_conference_with_an_outside_number_goes_on_without_the_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000055")
        rescue = Phone(stage.line, "120", tone_hz=GUEST, answers=False)
        stage.phones.append(rescue)
        rescue.plug_in()
        stage.control(ControlTalk(talk.call_id, "1001", TalkAction.CONFER, number="120", by="user:1"))
        await wait(rescue, "ringing")
        await hears(caller, FIRST)
        await asyncio.to_thread(rescue.answer)
        await stage.until(lambda: stage.talks()[talk.call_id].stage is TalkStage.CONFERENCE)
        await hears(caller, FIRST, GUEST)
        await hears(rescue, FIRST, CALLER)
        await asyncio.to_thread(agent.hang_up)
        await hears(caller, GUEST)
        ends = time.monotonic()
        await asyncio.to_thread(rescue.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: not stage.talks())

    play(stage, story)


@pytest.mark.parametrize("consults", [False, True])
def test_an_agent_who_leaves_a_caller_on_hold_leaves_them_to_the_next(stage: Stage, consults: bool) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000056")
        other = await stage.agent("1002", tone_hz=SECOND)
        left = time.monotonic()
        if consults:
            await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
            await wait(other, "ringing", left)
        else:
            await ask(stage, talk, TalkAction.HOLD, TalkStage.PARKED)
        await hears(caller, "music")
        stage.make_paused("1001")
        await stage.until(lambda: stage.floor.agents["1001"].wanted is AgentState.PAUSED)
        left = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(other, "ringing", left)
        assert [ticket.joined_at for ticket in stage.floor.tickets.values()] == [talk.joined_at]
        await asyncio.to_thread(other.answer)
        await hears(caller, SECOND)
        ends = time.monotonic()
        await asyncio.to_thread(other.hang_up)
        await wait(caller, "hung_up", ends)

    play(stage, story)


def test_a_router_killed_in_a_consultation_drops_nobody_and_the_next_takes_it_up(stage: Stage) -> None:  # noqa: F811
    async def run() -> None:
        async with stage.flow():
            async with stage.router():
                caller, agent, talk = await in_talk(stage, "13900000057")
                other = await stage.agent("1002", answers=True, tone_hz=SECOND)
                await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
                await hears(other, FIRST)
                await stage.until(lambda: stage.talks()[talk.call_id].partner_leg != "")
                await asyncio.wait_for(stage.floor.ledger.flushed(), WITHIN)
            await hears(caller, "music")
            await hears(agent, SECOND)
            async with stage.router():
                try:
                    await stage.until(lambda: talk.call_id in stage.talks() and stage.state("1002"))
                    await ask(stage, talk, TalkAction.CONFER, TalkStage.CONFERENCE)
                    await hears(caller, FIRST, SECOND)
                    await asyncio.to_thread(other.hang_up)
                    await hears(caller, FIRST)
                finally:
                    await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))


def test_when_the_consulted_leaves_while_no_router_runs_agent_and_caller_go_on(stage: Stage) -> None:  # noqa: F811
    async def run() -> None:
        async with stage.flow():
            async with stage.router():
                caller, agent, talk = await in_talk(stage, "13900000058")
                other = await stage.agent("1002", answers=True, tone_hz=SECOND)
                await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
                await hears(other, FIRST)
                await asyncio.wait_for(stage.floor.ledger.flushed(), WITHIN)
            await asyncio.to_thread(other.hang_up)
            await hears(caller, FIRST)
            await hears(agent, CALLER)
            async with stage.router():
                try:
                    await stage.until(
                        lambda: talk.call_id in stage.talks() and stage.talks()[talk.call_id].stage is TalkStage.TALKING
                    )
                    await stage.until(lambda: stage.state("1002") is AgentState.READY)
                finally:
                    await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))


def test_the_hold_key_of_the_agents_own_phone_plays_music(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, _ = await in_talk(stage, "13900000050")
        await asyncio.to_thread(agent.hold)
        await hears(caller, "music")
        assert stage.state("1001") is AgentState.TALKING

    play(stage, story)

"""An SOS on a real Asterisk with real phones: 120 and the family come into the talk, and it goes on whoever leaves."""

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
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

CALLER, AGENT, RESCUE, DAUGHTER = 440, 1000, 700, 1400
"""The tones of each, in Hz."""


def plugged_in(stage: Stage, number: str, tone_hz: int, *, answers: bool = True, refuses: int = 0) -> Phone:  # noqa: F811
    """A phone of the carrier's."""
    phone = Phone(stage.line, number, tone_hz=tone_hz, answers=answers)
    phone.refuses = refuses
    stage.phones.append(phone)
    phone.plug_in()
    return phone


async def in_talk(stage: Stage, number: str) -> tuple[Phone, Phone, Talk]:  # noqa: F811
    """A caller and agent 1001, who hear each other."""
    agent = await stage.agent("1001", answers=True, tone_hz=AGENT)
    caller = await stage.caller(number, tone_hz=CALLER)
    await stage.until(lambda: stage.state("1001") is AgentState.TALKING and len(stage.talks()) == 1)
    await hears(agent, CALLER)
    return caller, agent, next(iter(stage.talks().values()))


def ask(stage: Stage, talk: Talk, number: str, party: str) -> None:  # noqa: F811
    """One press of the agent's on the page."""
    stage.control(
        ControlTalk(talk.call_id, "1001", TalkAction.CONFER, number=number, by="user:1", party=party)
    )  # fmt: skip


def guests(stage: Stage, talk: Talk) -> dict[str, bool]:  # noqa: F811
    """Who rings for the talk (False) and who is in it (True)."""
    known = stage.talks().get(talk.call_id)
    return {each.party: bool(each.leg) for each in known.everyone} if known else {}


def test_120_and_the_family_by_one_press_each_and_the_others_go_on_without_the_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000151")
        rescue = plugged_in(stage, "120", RESCUE, answers=False)
        daughter = plugged_in(stage, "13900000159", DAUGHTER)
        ask(stage, talk, "120", "120")
        await wait(rescue, "ringing")
        await hears(caller, AGENT)  # They stay in the talk while it rings.
        ask(stage, talk, "13900000159", "contact:7")
        await stage.until(lambda: guests(stage, talk) == {"120": False, "contact:7": True})
        await asyncio.to_thread(rescue.answer)
        await stage.until(lambda: guests(stage, talk) == {"120": True, "contact:7": True})
        assert stage.talks()[talk.call_id].stage is TalkStage.CONFERENCE
        await hears(caller, AGENT, RESCUE, DAUGHTER)
        await hears(agent, CALLER, RESCUE, DAUGHTER)
        await hears(rescue, CALLER, AGENT, DAUGHTER)
        await hears(daughter, CALLER, AGENT, RESCUE)
        await asyncio.to_thread(agent.hang_up)
        await hears(caller, RESCUE, DAUGHTER)
        await hears(rescue, CALLER, DAUGHTER)
        await stage.until(lambda: stage.talks()[talk.call_id].stage is TalkStage.CONFERENCE)
        await asyncio.to_thread(rescue.hang_up)
        await hears(caller, DAUGHTER)
        ends = time.monotonic()
        await asyncio.to_thread(daughter.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: not stage.talks())

    play(stage, story)


@pytest.mark.parametrize(("refuses", "why"), [(486, "busy"), (0, "no_answer")])
def test_120_that_is_busy_or_silent_is_told_and_the_talk_goes_on(stage: Stage, refuses: int, why: str) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000152")
        rescue = plugged_in(stage, "120", RESCUE, answers=False, refuses=refuses)
        ask(stage, talk, "120", "120")
        await wait(rescue, "refused" if refuses else "ringing")
        await stage.until(lambda: stage.steps("talk.not_joined"))
        assert stage.steps("talk.not_joined") == [f"120: {why}"]
        assert guests(stage, talk) == {}
        await hears(caller, AGENT)
        await hears(agent, CALLER)
        rescue.refuses, rescue.answers = 0, True
        ask(stage, talk, "120", "120")
        await hears(caller, AGENT, RESCUE)
        ask(stage, talk, "120", "120")  # Another press rings nobody twice.
        plugged_in(stage, "13900000159", DAUGHTER)
        ask(stage, talk, "13900000159", "contact:7")
        await stage.until(lambda: guests(stage, talk) == {"120": True, "contact:7": True})
        assert len(stage.talks()[talk.call_id].guests) == 2

    stage.settings = stage.settings.model_copy(update={"guest_ring_seconds": 4.0})
    play(stage, story)


def test_a_caller_who_hangs_up_while_120_rings_leaves_120_to_the_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000153")
        rescue = plugged_in(stage, "120", RESCUE, answers=False)
        ask(stage, talk, "120", "120")
        await wait(rescue, "ringing")
        await asyncio.to_thread(caller.hang_up)
        await stage.until(lambda: stage.talks()[talk.call_id].channel == "")
        await asyncio.to_thread(rescue.answer)
        await hears(agent, RESCUE)
        await hears(rescue, AGENT)
        ends = time.monotonic()
        await asyncio.to_thread(rescue.hang_up)
        await asyncio.to_thread(agent.hang_up)
        await wait(agent, "hung_up", ends)
        await stage.until(lambda: not stage.talks() and stage.state("1001") is AgentState.READY)

    play(stage, story)


def test_an_agent_who_gives_up_while_120_rings_stops_the_ringing(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000154")
        rescue = plugged_in(stage, "120", RESCUE, answers=False)
        ask(stage, talk, "120", "120")
        rang = await wait(rescue, "ringing")
        await asyncio.to_thread(agent.hang_up)
        await wait(caller, "hung_up", rang)
        await wait(rescue, "hung_up", rang)
        await stage.until(lambda: not stage.talks())

    play(stage, story)


def test_an_agent_with_a_telephone_alone_dials_120_into_the_talk(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000155")
        rescue = plugged_in(stage, "120", RESCUE)
        police = plugged_in(stage, "110", DAUGHTER)
        await asyncio.to_thread(agent.press, "*120")
        await stage.until(lambda: guests(stage, talk) == {"120": True})
        await hears(caller, AGENT, RESCUE)
        await asyncio.to_thread(agent.press, "*110")
        await stage.until(lambda: guests(stage, talk) == {"120": True, "110": True})
        await hears(caller, AGENT, RESCUE, DAUGHTER)
        await hears(police, CALLER, AGENT, RESCUE)
        await hears(rescue, CALLER, AGENT, DAUGHTER)

    play(stage, story)


def test_a_router_that_is_killed_while_120_rings_is_followed_by_one_that_knows(stage: Stage) -> None:  # noqa: F811
    async def run() -> None:
        async with stage.flow():
            async with stage.router():
                caller, agent, talk = await in_talk(stage, "13900000156")
                rescue = plugged_in(stage, "120", RESCUE, answers=False)
                ask(stage, talk, "120", "120")
                await wait(rescue, "ringing")
                await asyncio.wait_for(stage.floor.ledger.flushed(), 40)
            await asyncio.to_thread(rescue.answer)
            await hears(caller, AGENT, RESCUE)
            async with stage.router():
                try:
                    await stage.until(lambda: guests(stage, talk) == {"120": True})
                    await asyncio.to_thread(agent.hang_up)
                    await hears(caller, RESCUE)
                finally:
                    await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))

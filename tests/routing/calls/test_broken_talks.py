"""A phone that dies in a talk on a real Asterisk: its caller goes back to somebody, and keeps their place."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import select

from db.models.calls import JourneyEvent, TicketRecord
from db.session import make_unit_of_work
from routing.calls.messages import AgentState
from tests.phones.lone_phone import lone_phone
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]


def test_a_phone_that_dies_in_a_talk_leaves_its_caller_to_the_next_agent(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        with lone_phone(stage.server, "1001", "secret1001") as phone:
            await stage.until(lambda: stage.state("1001") is AgentState.READY)
            caller = await stage.caller("13900000041")
            await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
            later = await stage.caller("13900000042")
            await stage.waiting(1)
            joined = next(iter(stage.floor.tickets.values())).joined_at
            next_agent = await stage.agent("1002", ready=False)
            phone.cut()
            cut = time.monotonic()
            stage.make_ready("1002")
            await wait(next_agent, "ringing", seconds=30.0)
            first = next(iter(stage.floor.tickets.values()))
            assert first.joined_at >= joined
            await asyncio.to_thread(next_agent.answer)
            await wait(next_agent, "connected")
            await asyncio.to_thread(next_agent.hang_up)
            await wait(later, "hung_up", cut)
            back = time.monotonic()
            await wait(next_agent, "ringing", back, 30.0)
            assert caller.busy
            ticket = next(iter(stage.floor.tickets.values()))
            assert ticket.joined_at < joined, "the caller kept the place from before the talk"
            assert ticket.attempts == 2
            await asyncio.to_thread(next_agent.answer)
            await wait(next_agent, "connected", back)
            await asyncio.to_thread(next_agent.hang_up)
            await wait(caller, "hung_up")
            await stage.until(lambda: written() == 3)  # The ends are gathered for a moment before they are written.

    def written() -> int:
        with make_unit_of_work(stage.engine)() as session:
            return len(session.scalars(select(TicketRecord)).all())

    play(stage, story)
    with make_unit_of_work(stage.engine)() as session:
        ends = [(row.end, row.agent_extension) for row in session.scalars(select(TicketRecord))]
        words = [row.what for row in session.scalars(select(JourneyEvent))]
    assert sorted(ends) == [("answered", "1001"), ("answered", "1002"), ("answered", "1002")]
    assert words.count("talk.broken") == 1


def test_a_normal_end_by_either_ends_the_call(stage: Stage) -> None:  # noqa: F811
    async def story() -> None:
        agent = await stage.agent("1001", answers=True)
        for who_ends in (0, 1):
            caller = await stage.caller("13900000043")
            await stage.until(lambda: stage.state("1001") is AgentState.TALKING)
            ends = time.monotonic()
            parties = (agent, caller)
            await asyncio.to_thread(parties[who_ends].hang_up)
            await wait(parties[1 - who_ends], "hung_up", ends)
            await stage.until(lambda: stage.state("1001") is AgentState.READY)
            assert stage.floor.tickets == {}
            assert stage.talks() == {}

    play(stage, story)


def test_whatever_a_phone_says_instead_of_answering_the_caller_goes_back_and_the_agent_rests(stage: Stage) -> None:  # noqa: F811
    """Busy, declined, not found, not available now; and a phone that says nothing at all."""

    async def story() -> None:
        agent = await stage.agent("1001", ready=False)
        caller = await stage.caller("13900000044")
        await stage.waiting(1)
        for code in (486, 603, 404, 480):
            agent.refuses = code
            since = time.monotonic()
            stage.make_ready("1001")
            await wait(agent, "refused", since)
            await stage.until(lambda: stage.floor.agents["1001"].misses >= 1)
            await stage.until(lambda: stage.state("1001") is AgentState.PAUSED)  # After the second in a row.
            assert "missed" in stage.floor.agents["1001"].wanted_reason
            await stage.waiting(1)
        assert caller.busy
        assert len(stage.floor.tickets) == 1

    play(stage, story)

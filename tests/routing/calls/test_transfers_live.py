"""Transfers between agents on a real Asterisk with real phones: who hears whom, and what is left on record."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import select

from db.models.calls import TicketRecord
from db.session import make_unit_of_work
from routing.calls.messages import AgentState
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from tests.routing.calls.hearing import hears
from tests.routing.calls.live import play, stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import Stage
from tests.routing.calls.test_talks_live import CALLER, FIRST, SECOND, ask, in_talk

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

THIRD = 700
"""The tone of a third agent, in Hz."""


def tickets(stage: Stage) -> list[tuple[str, str, str | None, float]]:  # noqa: F811
    """Give call, end, agent and joining time of all tickets on record, in the order of their ends."""
    with make_unit_of_work(stage.engine)() as session:
        rows = session.scalars(select(TicketRecord).order_by(TicketRecord.ended_at, TicketRecord.id))
        return [(row.call_id, row.end, row.agent_extension, row.joined_at.timestamp()) for row in rows]


@pytest.mark.parametrize("to_skill", [False, True])
def test_a_blind_transfer_to_an_agent_or_a_skill_joins_caller_and_the_next(stage: Stage, to_skill: bool) -> None:  # noqa: F811
    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000061")
        idle = await stage.agent("1002", answers=True, tone_hz=THIRD)  # Idle for longer, and not meant.
        wanted = await stage.agent("1003", answers=True, tone_hz=SECOND)
        whom = {"skill": "dialect"} if to_skill else {"agent": "1003"}
        left = time.monotonic()
        stage.control(ControlTalk(talk.call_id, "1001", TalkAction.TRANSFER, by="user:1", **whom))
        await wait(agent, "hung_up", left)
        await hears(caller, SECOND)
        await hears(wanted, CALLER)
        await stage.until(lambda: talk.call_id in stage.talks() and stage.talks()[talk.call_id].extension == "1003")
        await stage.until(lambda: stage.state("1001") is AgentState.READY)
        assert stage.talks()[talk.call_id].joined_at == talk.joined_at
        assert [event for event in idle.events if event.what == "ringing"] == []
        ends = time.monotonic()
        await asyncio.to_thread(wanted.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: not stage.talks() and stage.state("1003") is AgentState.READY)
        await stage.until(lambda: len(tickets(stage)) == 2)  # Ends are gathered for a moment before they are written.
        first, second = tickets(stage)
        assert first[:3] == (talk.call_id, "answered", "1001")
        assert second[:3] == (talk.call_id, "answered", "1003")
        assert second[3] == pytest.approx(first[3], abs=0.001)
        await stage.until(lambda: len(stage.steps("ticket.answered")) == 2)
        assert [step.partition(":")[0] for step in stage.steps("ticket.offered")] == ["1001", "1003"]
        assert len(stage.steps("talk.transfer")) == 1

    stage.skills = {"1003": ("dialect",)}
    play(stage, story)


def test_an_agent_who_hangs_up_while_consulting_has_transferred_nobody(stage: Stage) -> None:  # noqa: F811
    """The caller goes back to hold in the place they had, and who was consulted is let go (docs/architecture.md)."""

    async def story() -> None:
        caller, agent, talk = await in_talk(stage, "13900000062")
        other = await stage.agent("1002", answers=True, tone_hz=SECOND)
        await ask(stage, talk, TalkAction.CONSULT, TalkStage.CONSULTING, agent="1002")
        await hears(other, FIRST)
        await hears(caller, "music")
        await stage.until(lambda: stage.talks()[talk.call_id].partner_leg != "")
        for extension in ("1001", "1002"):
            stage.make_paused(extension)
            await stage.until(lambda of=extension: stage.floor.agents[of].wanted is AgentState.PAUSED)
        left = time.monotonic()
        await asyncio.to_thread(agent.hang_up)
        await wait(other, "hung_up", left)
        await stage.waiting(1)
        (ticket,) = stage.floor.tickets.values()
        assert (ticket.call_id, ticket.joined_at, ticket.caller_class) == (
            talk.call_id,
            talk.joined_at,
            talk.caller_class,
        )
        assert ticket.ticket_id != talk.ticket_id
        await hears(caller, "music")
        stage.make_ready("1002")
        await hears(caller, SECOND)
        await hears(other, CALLER)
        ends = time.monotonic()
        await asyncio.to_thread(other.hang_up)
        await wait(caller, "hung_up", ends)
        await stage.until(lambda: len(tickets(stage)) >= 2)

    play(stage, story)

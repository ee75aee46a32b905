"""A node that takes orders and answers no question: callers in hold there are not left waiting for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from routing.calls.messages import AgentState, SetAgentState, TicketJoined
from routing.calls.reconcile import KNOWN_SECONDS
from tests.routing.asterisk.fake_ami import silence
from tests.routing.calls.house import WITHIN, House


@pytest.mark.parametrize("question", ["CoreShowChannels", "PJSIPShowContacts"])
def test_a_node_that_answers_no_question_keeps_nobody_in_hold(tell, question: str) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await house.settle_down()
        await house.kill_router()
        house.ami.answer(question, silence)
        house.limits = replace(house.limits, action_seconds=2 * WITHIN)
        asked = len(house.ami.sent("CoreShowChannels"))
        starting = asyncio.create_task(house.start_router())
        await house.ami.received("CoreShowChannels", asked + 1)
        await house.register("1001")
        house.board.command(SetAgentState("1001", AgentState.READY))
        await house.ami.until(lambda: house.redirects() != [], within=WITHIN)
        assert house.redirects()[0].text("Channel") == caller.channel
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)

    assert KNOWN_SECONDS == 5
    tell(story)

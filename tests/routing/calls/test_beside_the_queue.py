"""While Asterisk's own queue serves callers beside the router, as after an outage: nobody is wronged by it."""

from __future__ import annotations

import time

from routing.calls.messages import AgentChanged, AgentState, CallerClass, TicketJoined, TicketOffered, TicketReturned
from tests.routing.calls.house import House
from tests.routing.calls.played_node import Caller


def test_an_agent_whose_phone_the_queue_rang_first_has_missed_nothing(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        leg = await house.rings(caller, "1001")
        rung_by_queue = Caller("PJSIP/1001-0000eeee", "17.9")
        await house.ami.push(
            "Newchannel", **(rung_by_queue.ids | {"Linkedid": "17.1"}), ChannelStateDesc="Down", Context="", Exten=""
        )
        await house.fails(caller, "1001", "BUSY", leg)
        await house.told(TicketReturned, ticket_id=caller.ticket_id)
        await house.hang_up(rung_by_queue, "17.1")
        await house.told(TicketOffered, 2, ticket_id=caller.ticket_id)
        assert house.router.floor.agents["1001"].misses == 0
        assert not [each for each in house.live if isinstance(each, AgentChanged) and each.state is AgentState.RESTING]

    tell(story)


def test_an_agent_who_declines_has_missed_the_call_though_the_leg_goes_later(tell) -> None:
    """Asterisk may say that the call was declined before it says that the leg is gone."""

    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        leg = await house.rings(caller, "1001")
        await house.fails(caller, "1001", "BUSY")
        await house.told(TicketReturned, ticket_id=caller.ticket_id)
        await house.hang_up(leg, caller.uniqueid)
        await house.told(AgentChanged, extension="1001", state=AgentState.RESTING)
        assert house.router.floor.agents["1001"].misses == 1

    tell(story)


def test_whoever_the_queue_gives_back_has_the_place_that_they_had(tell) -> None:
    async def story(house: House) -> None:
        since = int(time.time()) - 60
        await house.wait_in_hold()
        given_back = await house.call()
        house.channels[given_back.channel]["Context"] = "hold"
        await house.ami.push(
            "UserEvent", UserEvent="Holding", **given_back.ids, CallId=given_back.uniqueid, TicketId="", Class="elder",
            Since=since,
        )  # fmt: skip
        joined = await house.told(TicketJoined, call_id=given_back.uniqueid)
        assert joined.joined_at == since
        await house.ready("1001")
        assert (await house.told(TicketOffered)).call_id == given_back.uniqueid

    tell(story)


def test_a_time_that_cannot_be_gives_no_place(tell) -> None:
    async def story(house: House) -> None:
        for number, since in enumerate(("", "yesterday", "1", str(int(time.time()) + 9_000))):
            caller = await house.call()
            before = time.time()
            await house.ami.push(
                "UserEvent", UserEvent="Holding", **caller.ids, CallId=caller.uniqueid, TicketId="", Class="frail",
                Since=since,
            )  # fmt: skip
            joined = await house.told(TicketJoined, call_id=caller.uniqueid)
            assert before - 1 <= joined.joined_at <= time.time(), number
            assert joined.caller_class is CallerClass.FRAIL

    tell(story)

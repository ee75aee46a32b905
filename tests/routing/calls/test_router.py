"""The router on a played node and a real Redis: who rings, and what becomes of each ticket and agent."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.session import make_unit_of_work
from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallFinished,
    EndTicket,
    HangUpCall,
    TicketEnd,
    TicketEnded,
    TicketJoined,
    TicketOffered,
    TicketReturned,
)
from routing.calls.tickets import send
from tests.routing.calls.house import House, ends, in_talk


def test_a_caller_reaches_an_agent_and_the_agent_the_next_caller(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        moved = (await house.ami.received("Redirect"))[0]
        assert (moved.text("Channel"), moved.text("Context"), moved.text("Exten")) == (
            caller.channel,
            "connect",
            "1001",
        )
        set_before = {each.text("Variable"): each.text("Value") for each in house.ami.sent("Setvar")}
        assert set_before["AGENT"] == "1001"
        assert set_before["RING_SECONDS"] == "20"
        assert set_before["RECORD"] == f"{caller.uniqueid}-1"
        names = [each.text("Action") for each in house.ami.actions if each.text("Channel") == caller.channel]
        assert names == ["Setvar", "Setvar", "Setvar", "Redirect"]
        second = await house.wait_in_hold()
        await house.settle_down()
        assert len(house.redirects()) == 1, "an agent who talks gets no second call"
        await house.hang_up(leg, caller.uniqueid)
        await house.hang_up(caller)
        await house.told(TicketOffered, ticket_id=second.ticket_id, extension="1001")
        await house.told(CallFinished, call_id=caller.uniqueid)
        assert (await house.told(TicketEnded, ticket_id=caller.ticket_id)).end is TicketEnd.ANSWERED
        await house.until(lambda: ends(house) == [(caller.ticket_id, "answered", "1001")])
        with make_unit_of_work(house.engine)() as session:
            steps = list(session.scalars(select(JourneyEvent).order_by(JourneyEvent.at)))
            words = [row.what for row in steps]
            ticket = session.get(TicketRecord, caller.ticket_id)
            call = session.get(CallRecord, caller.uniqueid)
            assert (call.outcome, call.agent_extension, call.recording) == ("answered", "1001", f"{caller.uniqueid}-1")
        assert words[:3] == ["ticket.joined", "ticket.offered", "ticket.answered"]
        assert ticket.reason.startswith("elder waited 0 s; priority ")
        assert "1001 idle " in ticket.reason
        assert steps[1].detail == f"1001: {ticket.reason}"

    tell(story)


def test_wrap_up_is_honoured_and_can_be_ended(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        await house.hang_up(leg, caller.uniqueid)
        await house.hang_up(caller)
        await house.told(AgentChanged, extension="1001", state=AgentState.WRAP_UP)
        second = await house.wait_in_hold()
        await house.settle_down()
        assert len(house.redirects()) == 1
        house.ask("1001", AgentState.READY)
        await house.told(TicketOffered, ticket_id=second.ticket_id, extension="1001")

    tell(story, wrap_up_seconds=600)


def test_wrap_up_ends_by_itself(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        second = await house.wait_in_hold()
        await house.hang_up(leg, caller.uniqueid)
        await house.told(AgentChanged, extension="1001", state=AgentState.WRAP_UP)
        await house.told(TicketOffered, ticket_id=second.ticket_id, extension="1001")

    tell(story, wrap_up_seconds=0.3)


@pytest.mark.parametrize("status", ["NOANSWER", "BUSY", "CHANUNAVAIL"])
def test_an_unanswered_ticket_returns_and_the_next_agent_rings(tell, status: str) -> None:
    async def story(house: House) -> None:
        await house.ready("1001", "1002")
        caller = await house.wait_in_hold()
        first = (await house.told(TicketOffered, ticket_id=caller.ticket_id)).extension
        leg = await house.rings(caller, first) if status != "CHANUNAVAIL" else None
        await house.fails(caller, first, status, leg)
        assert (await house.told(TicketReturned, ticket_id=caller.ticket_id)).status == status
        await house.told(AgentChanged, extension=first, state=AgentState.RESTING)
        second = await house.told(TicketOffered, 2, ticket_id=caller.ticket_id)
        assert second.extension != first
        assert house.tickets.get(caller.ticket_id).attempts == 2

    tell(story)


def test_the_second_miss_in_a_row_pauses_with_a_notice(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        for count in (1, 2):
            await house.told(TicketOffered, count, ticket_id=caller.ticket_id)
            leg = await house.rings(caller, "1001")
            await house.fails(caller, "1001", "NOANSWER", leg)
        paused = await house.told(AgentChanged, extension="1001", state=AgentState.PAUSED)
        assert "missed" in paused.reason
        assert (await house.told(TicketReturned, 2)).ticket_id == caller.ticket_id

    tell(story, rest_seconds=0.1)


def test_a_caller_who_leaves_before_the_redirect_is_abandoned_once(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await house.hang_up(caller)
        assert (await house.told(TicketEnded, ticket_id=caller.ticket_id)).end is TicketEnd.ABANDONED
        await house.ready("1001")
        await house.until(lambda: ends(house) == [(caller.ticket_id, "abandoned", None)])
        assert house.redirects() == []
        assert house.tickets.waiting() == ()

    tell(story)


def test_a_caller_who_leaves_during_the_redirect_frees_the_agent(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.call()
        await asyncio.to_thread(house.tickets.open, house.need(caller))
        house.channels.pop(caller.channel)  # Gone on the node, and the event is still on its way.
        house.channels[caller.channel + "x"] = {}
        await house.ami.push("UserEvent", UserEvent="Holding", **caller.ids, **caller.said, Class="elder")
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        await house.hang_up(caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ABANDONED)
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        second = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=second.ticket_id, extension="1001")

    tell(story)


def test_a_caller_who_leaves_while_it_rings_frees_the_agent_without_a_miss(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        leg = await house.rings(caller, "1001")
        await house.told(AgentChanged, extension="1001", state=AgentState.RINGING)
        await house.ami.push("UserEvent", UserEvent="CallGone", **caller.ids, **caller.said, Answered=0)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ABANDONED)
        await house.hang_up(caller)
        await house.hang_up(leg, caller.uniqueid)
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        assert house.agent("1001").misses == 0
        await house.until(lambda: ends(house) == [(caller.ticket_id, "abandoned", None)])

    tell(story)


def test_a_caller_in_hold_without_a_ticket_is_taken_in(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.call()
        await house.ami.push(
            "UserEvent", UserEvent="Holding", **caller.ids, CallId=caller.uniqueid, TicketId="", Class=""
        )
        offered = await house.told(TicketOffered, call_id=caller.uniqueid)
        assert offered.extension == "1001"

    tell(story)


def test_two_agents_get_two_callers_and_skills_count(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001", "1002")
        speaker = await house.wait_in_hold(skills=("dialect",))
        other = await house.wait_in_hold(skills=("meal",))
        await house.told(TicketOffered, ticket_id=speaker.ticket_id, extension="1002")
        await house.told(TicketOffered, ticket_id=other.ticket_id, extension="1001")
        third = await house.wait_in_hold()
        await house.settle_down()
        assert house.tickets.get(third.ticket_id).attempts == 0
        assert len(house.redirects()) == 2

    tell(story)


def test_an_agent_who_dials_out_is_not_routed_to(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        leg = type(await house.call())("PJSIP/1001-0000ffff", "17.9")
        await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Ring", Context="from-agents", Exten="1002")
        await house.told(AgentChanged, extension="1001", state=AgentState.TALKING)
        caller = await house.wait_in_hold()
        await house.settle_down()
        assert house.redirects() == []
        await house.hang_up(leg)
        await house.told(TicketOffered, ticket_id=caller.ticket_id, extension="1001")

    tell(story)


def test_a_lost_registration_is_unreachable_and_comes_back_as_it_was(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        await house.until(lambda: house.members == {"PJSIP/1001": False})
        house.ask("1001", AgentState.PAUSED)
        await house.told(AgentChanged, extension="1001", state=AgentState.PAUSED)
        await house.until(lambda: house.members == {"PJSIP/1001": True})
        await house.register("1001", "Removed")
        await house.until(lambda: house.members == {})
        await house.told(AgentChanged, extension="1001", state=AgentState.UNREACHABLE)
        await house.register("1001", "Created")
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.PAUSED)
        await house.register("1001-web")
        house.ask("1001", AgentState.READY)
        await house.until(lambda: house.members == {"PJSIP/1001": False, "PJSIP/1001-web": False})
        house.ask("1001", AgentState.LOGGED_OFF)
        await house.until(lambda: house.members == {})

    tell(story)


def test_a_browser_that_registers_makes_nobody_ready(tell) -> None:
    async def story(house: House) -> None:
        await house.register("1001-web")
        await house.settle_down()
        assert house.agent("1001").wanted is AgentState.LOGGED_OFF, "the page has a button for it"
        await house.register("1001")
        await house.told(AgentChanged, extension="1001", state=AgentState.READY)

    tell(story)


def test_a_command_ends_a_ticket_or_a_call(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        send(house.redis, EndTicket(caller.ticket_id, TicketEnd.SELF_SERVED))
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.SELF_SERVED)
        send(house.redis, HangUpCall(caller.uniqueid))
        assert (await house.ami.received("Hangup"))[0].text("Channel") == caller.channel

    tell(story)


def test_bad_commands_stop_nothing(tell) -> None:
    async def story(house: House) -> None:
        house.redis.xadd("elderline:commands", {"message": "{"})
        house.redis.xadd("elderline:commands", {"other": "x"})
        house.redis.xadd("elderline:commands", {"message": '{"type":"AgentChanged","extension":"1","state":"x"}'})
        house.ask("9999", AgentState.READY)
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await house.settle_down()
        await house.until(lambda: house.redis.xpending("elderline:commands", "router")["pending"] == 0)

    tell(story)

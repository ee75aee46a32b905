"""An SOS before all else: on a played node and a real Redis."""

from __future__ import annotations

from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallerClass,
    Intent,
    TicketEnd,
    TicketEnded,
    TicketJoined,
    TicketOffered,
)
from routing.calls.tickets import send
from tests.routing.calls.house import House, in_talk


def test_an_sos_goes_before_those_who_wait_longer(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        elder = await house.wait_in_hold(caller_class=CallerClass.FRAIL)
        sos = await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        await house.told(TicketJoined, ticket_id=sos.ticket_id)
        await house.hang_up(leg, caller.uniqueid)
        offered = await house.told(TicketOffered, 2)
        assert offered.ticket_id == sos.ticket_id
        assert "SOS" in offered.reason
        assert house.tickets.get(elder.ticket_id) is not None

    tell(story)


def test_an_sos_rings_paused_agents_then_the_duty_phone_then_outside(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        house.ask("1001", AgentState.PAUSED)
        await house.told(AgentChanged, extension="1001", state=AgentState.PAUSED)
        sos = await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        await house.told(TicketOffered, ticket_id=sos.ticket_id, extension="1001")
        leg = await house.rings(sos, "1001")
        await house.fails(sos, "1001", "NOANSWER", leg)
        moved = (await house.ami.received("Redirect", 2))[1]
        assert (moved.text("Context"), moved.text("Exten")) == ("connect-duty", "13900000001")
        leg = await house.rings(sos, "13900000001", outside=True)
        await house.fails(sos, "13900000001", "BUSY", leg)
        moved = (await house.ami.received("Redirect", 3))[2]
        assert (moved.text("Context"), moved.text("Exten")) == ("connect-outside", "13900000002")
        leg = await house.rings(sos, "13900000002", outside=True)
        await house.answers(sos, leg)
        await house.told(TicketEnded, ticket_id=sos.ticket_id, end=TicketEnd.ANSWERED)
        assert house.agent("1001").misses == 0, "a paused agent owes no answer"

    tell(
        story,
        sos_widen_seconds=0.2,
        sos_outside_seconds=3,  # Late enough for a busy machine to have come to the duty phone by then.
        duty_numbers=("13900000001",),
        sos_outside_number="13900000002",
    )


def test_whoever_presses_nine_in_hold_becomes_an_sos(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await house.hold(caller, "sos")
        await house.settle_down()
        send(house.redis, house.need(caller))  # A command that comes late does not take the SOS back.
        await house.until(lambda: house.redis.xinfo_groups("elderline:commands")[0]["lag"] == 0)
        await house.settle_down()
        assert house.tickets.get(caller.ticket_id).caller_class is CallerClass.SOS

    tell(story)


def test_calls_that_asterisk_served_alone_have_their_cases(tell) -> None:
    async def story(house: House) -> None:
        sos = await house.call()
        house.cases_fail = 1
        for why in ("agi", "sos", "sos"):
            await house.ami.push(
                "UserEvent", UserEvent="FellBack", **sos.ids, CallId=sos.uniqueid, TicketId="", Why=why
            )
        await house.until(lambda: house.cases_fail == 0)
        await house.kill_router()
        assert house.cases == []
        await house.start_router()
        await house.until(lambda: house.cases == [(f"sos-{sos.uniqueid}", "sos", sos.uniqueid)])
        other = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=other.ticket_id)
        await house.ami.push("UserEvent", UserEvent="FellBack", **other.ids, **other.said, Why="heartbeat")
        await house.told(TicketEnded, ticket_id=other.ticket_id, end=TicketEnd.FALLBACK)
        await house.ami.push("UserEvent", UserEvent="MessageLeft", **other.ids, **other.said)
        await house.until(lambda: house.cases[1:] == [(f"message-{other.uniqueid}", "message", other.uniqueid)])
        await house.until(lambda: house.redis.hlen("elderline:owed_cases") == 0)

    tell(story)

"""What callers ask of a promise: to have it, once; to take its place back, to put it off, to be without it."""

from __future__ import annotations

import time

from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallerClass,
    Intent,
    OpenTicket,
    TicketEnd,
    TicketEnded,
    TicketOffered,
)
from routing.calls.records import TicketStage
from tests.routing.calls.house import House
from tests.routing.calls.played_node import NODE
from tests.routing.calls.promising import (
    dialled,
    finished,
    kept,
    nobody_is_dialled,
    promised,
    rings,
    row,
    the_promise,
)


def test_whoever_is_being_connected_gets_no_promise(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        promise = the_promise(house, caller)
        house.promises.make(promise)
        house.tickets.promise(caller.ticket_id, promise)
        await house.until(lambda: (row(house).state, row(house).last_outcome) == ("cancelled", "connected"))
        leg = await house.rings(caller, "1001")
        await house.answers(caller, leg)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ANSWERED)
        await nobody_is_dialled(house)

    tell(story)


def test_said_twice_it_is_one_promise(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.settle_down()
        promise = the_promise(house, caller)
        for _ in range(2):
            house.tickets.promise(caller.ticket_id, promise)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)
        await house.ready("1001", "1002")
        await dialled(house)
        await nobody_is_dialled(house, since=1)
        await house.until(lambda: row(house).number == promise.number)  # The router has it written.

    tell(story)


def test_who_calls_again_takes_the_place_back_and_is_not_dialled(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        again = await house.call()
        command = OpenTicket(
            promise.ticket_id, again.uniqueid, NODE, again.channel, Intent.GENERAL, CallerClass.OTHER, time.time()
        )
        house.tickets.open(command)
        headers = {"CallId": again.uniqueid, "TicketId": promise.ticket_id, "Class": "elder"}
        house.channels[again.channel]["Context"] = "hold"
        await house.ami.push("UserEvent", UserEvent="Holding", **again.ids, **headers)
        await house.until(lambda: kept(house, promise).stage is TicketStage.HELD and kept(house, promise).channel)
        taken = kept(house, promise)
        assert (taken.channel, taken.joined_at, taken.promised) == (again.channel, promise.joined_at, False)
        await house.until(lambda: (row(house).state, row(house).last_outcome) == ("cancelled", "taken_back"))
        await house.ready("1001")
        redirect = (await house.ami.received("Redirect"))[0]
        assert redirect.text("Channel") == again.channel
        await nobody_is_dialled(house)

    tell(story)


def test_taken_back_while_it_rings_the_dial_ends_and_the_agent_is_free(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        dial = await dialled(house)
        again = await house.call()
        house.tickets.open(
            OpenTicket(
                promise.ticket_id, again.uniqueid, NODE, again.channel, Intent.GENERAL, CallerClass.OTHER, time.time()
            )
        )
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        leg = await rings(house, dial)  # The node is late to tell.
        hangups = await house.ami.received("Hangup")
        assert hangups[0].text("Channel") == leg.channel
        await house.hang_up(leg)
        await finished(house, dial, "Failure", 3)
        await house.settle_down()
        assert kept(house, promise).channel == again.channel

    tell(story)


def test_deferred_it_waits_until_they_have_decided_and_cancelled_it_is_over(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        house.tickets.defer(promise.ticket_id, time.time() + 60)
        await house.until(lambda: kept(house, promise).not_before > time.time())
        await house.ready("1001")
        await nobody_is_dialled(house)
        house.tickets.cancel_promise(promise.ticket_id, "caller")
        await house.told(TicketEnded, ticket_id=promise.ticket_id, end=TicketEnd.SELF_SERVED)
        await house.until(lambda: row(house).state == "cancelled")

    tell(story)

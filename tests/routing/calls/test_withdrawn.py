"""Automatic calls that are not wanted any more: not made, or no longer ringing; one that was answered goes on."""

from __future__ import annotations

import time

from routing.calls.dialling import WITHDRAWN
from routing.calls.messages import PlaceCall, PlacedCallEnded, WithdrawCall, encode
from routing.calls.tickets import withdraw
from tests.routing.calls.house import Caller, House

CAUSE = "offer-7.1"


def place(cause: str = CAUSE, number: str = "13900000001") -> PlaceCall:
    return PlaceCall(cause, number, "offer", "7", 30.0, time.time() + 60)


def tell_router(house: House, *commands: PlaceCall | WithdrawCall) -> None:
    for command in commands:
        house.redis.xadd("elderline:commands", {"message": encode(command)})


async def ringing(house: House) -> Caller:
    """The telephone of the one call that was placed rings."""
    dial = (await house.ami.received("Originate"))[0]
    leg = Caller("PJSIP/carrier-00000001", dial.text("ChannelId"))
    house.channels[leg.channel] = leg.ids | {"Context": "placed", "ChannelStateDesc": "Ringing"}
    await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Down", Context="placed", Exten="")
    return leg


async def told_how_it_went(house: House, leg: Caller, response: str, reason: int) -> None:
    await house.ami.push(
        "OriginateResponse", ActionID=leg.uniqueid, Response=response, Reason=reason, Channel=leg.channel,
        Uniqueid=leg.uniqueid, Exten="s", Context="placed",
    )  # fmt: skip


def test_a_telephone_that_rings_is_hung_up(tell) -> None:
    async def story(house: House) -> None:
        tell_router(house, place())
        leg = await ringing(house)
        await house.settle_down()
        tell_router(house, WithdrawCall(CAUSE), WithdrawCall(CAUSE))
        assert (await house.ami.received("Hangup"))[0].text("Channel") == leg.channel
        await house.hang_up(leg)
        await told_how_it_went(house, leg, "Failure", 3)
        ended = await house.told(PlacedCallEnded, cause=CAUSE)
        assert (ended.outcome, ended.call_id) == (WITHDRAWN, leg.uniqueid)
        await house.until(lambda: [each.outcome for each in house.settled] == [WITHDRAWN])

    tell(story)


def test_a_telephone_that_has_not_begun_to_ring_is_hung_up_as_it_does(tell) -> None:
    async def story(house: House) -> None:
        tell_router(house, place())
        await house.ami.received("Originate")
        tell_router(house, WithdrawCall(CAUSE), place("another", "13900000002"))
        await house.ami.received("Originate", 2)  # Commands are read in order: the word was heard.
        leg = await ringing(house)
        assert (await house.ami.received("Hangup"))[0].text("Channel") == leg.channel
        await house.hang_up(leg)
        await told_how_it_went(house, leg, "Failure", 0)
        assert (await house.told(PlacedCallEnded, cause=CAUSE)).outcome == WITHDRAWN

    tell(story)


def test_who_has_answered_goes_on(tell) -> None:
    async def story(house: House) -> None:
        tell_router(house, place())
        leg = await ringing(house)
        await told_how_it_went(house, leg, "Success", 4)
        await house.settle_down()
        tell_router(house, WithdrawCall(CAUSE), place("another", "13900000002"))
        await house.ami.received("Originate", 2)
        assert house.ami.sent("Hangup") == []
        await house.hang_up(leg)
        assert (await house.told(PlacedCallEnded, cause=CAUSE)).outcome == "answered"

    tell(story)


def test_a_call_that_waits_for_a_line_is_not_made(tell) -> None:
    async def story(house: House) -> None:
        await house.wait_in_hold()
        await house.settle_down()
        tell_router(house, place(), WithdrawCall(CAUSE))
        assert (await house.told(PlacedCallEnded, cause=CAUSE)).outcome == WITHDRAWN
        assert house.ami.sent("Originate") == []

    tell(story)


def test_the_word_may_come_before_the_call(tell) -> None:
    async def story(house: House) -> None:
        withdraw(house.redis, CAUSE)
        tell_router(house, place())
        assert (await house.told(PlacedCallEnded, cause=CAUSE)).outcome == WITHDRAWN
        await house.until(lambda: [each.outcome for each in house.settled] == [WITHDRAWN])
        assert house.ami.sent("Originate") == []

    tell(story)

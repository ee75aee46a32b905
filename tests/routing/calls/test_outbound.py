"""Automatic calls: one dial for a cause, ever; within the lines; and the owner learns the outcome."""

from __future__ import annotations

import time

import pytest

from routing.asterisk.headers import Headers
from routing.calls import keys
from routing.calls.messages import CallFinished, PlaceCall, PlacedCallEnded, TicketOffered, encode
from tests.routing.asterisk.fake_ami import error, silence
from tests.routing.calls.house import Caller, House


def place(cause: str, number: str = "13900000001", expires: float = 60.0) -> PlaceCall:
    return PlaceCall(cause, number, "after_service", "ref-1", 30.0, time.time() + expires)


def order(house: House, *calls: PlaceCall) -> None:
    for call in calls:
        house.redis.xadd("elderline:commands", {"message": encode(call)})


async def finished(house: House, dial: Headers, response: str, reason: int) -> None:
    await house.ami.push(
        "OriginateResponse", ActionID=dial.text("ActionID"), Response=response, Reason=reason,
        Channel=dial.text("Channel"), Uniqueid=dial.text("ChannelId"), Exten="s", Context="placed",
    )  # fmt: skip


async def connected(house: House, dial: Headers) -> Caller:
    number = len(house.channels) + 1
    leg = Caller(f"PJSIP/carrier-{number:08x}", dial.text("ChannelId"))
    house.channels[leg.channel] = leg.ids | {"Context": "placed", "ChannelStateDesc": "Up"}
    await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Down", Context="placed", Exten="")
    await finished(house, dial, "Success", 4)
    return leg


def test_the_same_cause_twice_is_one_dial(tell) -> None:
    async def story(house: House) -> None:
        order(house, place("callback-1.1"), place("callback-1.1"))
        dial = (await house.ami.received("Originate"))[0]
        assert dial.text("Channel") == "PJSIP/13900000001@carrier"
        assert (dial.text("Context"), dial.text("Exten"), dial.text("CallerID")) == ("placed", "s", "12349")
        assert set(dial.all("Variable")) == {
            f"__CALL_ID={dial.text('ChannelId')}", "IVR_FLOW=after_service", "IVR_REF=ref-1",
        }  # fmt: skip
        leg = await connected(house, dial)
        await house.settle_down()
        assert house.settled == []
        await house.hang_up(leg)
        ended = await house.told(PlacedCallEnded, cause="callback-1.1")
        assert (ended.outcome, ended.call_id) == ("answered", leg.uniqueid)
        await house.told(CallFinished, call_id=leg.uniqueid)
        order(house, place("callback-1.1"))
        await house.until(lambda: [each.outcome for each in house.settled] == ["answered", "answered"])
        assert len(house.ami.sent("Originate")) == 1
        await house.until(lambda: house.redis.hgetall(keys.PLACED) == {})

    tell(story)


@pytest.mark.parametrize(("reason", "outcome"), [(3, "no_answer"), (5, "busy"), (8, "refused"), (0, "failed")])
def test_how_a_dial_went_is_settled_until_its_owner_has_it(tell, reason: int, outcome: str) -> None:
    async def story(house: House) -> None:
        order(house, place("c"))
        await finished(house, (await house.ami.received("Originate"))[0], "Failure", reason)
        assert (await house.told(PlacedCallEnded, cause="c")).outcome == outcome
        await house.until(lambda: [each.outcome for each in house.settled] == [outcome])

    tell(story)


def test_an_owner_who_was_away_is_told_after_a_restart(tell) -> None:
    async def story(house: House) -> None:
        house.settle_fails = 1
        order(house, place("c"))
        await finished(house, (await house.ami.received("Originate"))[0], "Failure", 5)
        await house.told(PlacedCallEnded, cause="c")
        await house.until(lambda: house.settle_fails == 0)
        await house.kill_router()
        assert house.settled == []
        await house.start_router()
        await house.until(lambda: [each.outcome for each in house.settled] == ["busy"])

    tell(story)


def test_a_dial_cut_off_by_a_crash_is_unknown_and_not_repeated(tell) -> None:
    async def story(house: House) -> None:
        house.ami.answer("Originate", silence)
        order(house, place("gone"), place("lives", "13900000002"))
        dials = {each.text("Channel"): each for each in await house.ami.received("Originate", 2)}
        lives = dials["PJSIP/13900000002@carrier"].text("ChannelId")
        leg = Caller("PJSIP/carrier-0000aaaa", lives)
        await house.kill_router()
        house.channels[leg.channel] = leg.ids | {"Context": "placed", "ChannelStateDesc": "Up"}
        await house.start_router()
        assert (await house.told(PlacedCallEnded, cause="gone")).outcome == "unknown"
        await house.hang_up(leg)
        assert (await house.told(PlacedCallEnded, cause="lives")).outcome == "answered"
        assert len(house.ami.sent("Originate")) == 2

    tell(story)


def test_a_refused_order_is_a_failed_call(tell) -> None:
    async def story(house: House) -> None:
        house.ami.answer("Originate", lambda action: [error(action, "Originate failed")])
        order(house, place("c"), place("bad", "139;rm"))
        assert (await house.told(PlacedCallEnded, cause="c")).outcome == "failed"
        assert (await house.told(PlacedCallEnded, cause="bad")).outcome == "failed"

    tell(story)


def test_lines_are_limited_and_nobody_is_called_twice_at_once(tell) -> None:
    async def story(house: House) -> None:
        order(house, place("a"), place("b"), place("c", "13900000002"), place("d", "13900000003"))
        first, second = await house.ami.received("Originate", 2)
        await house.settle_down()
        dialled = {each.text("Channel") for each in (first, second)}
        assert dialled == {"PJSIP/13900000001@carrier", "PJSIP/13900000002@carrier"}
        first, second = sorted((first, second), key=lambda each: each.text("Channel"))
        await finished(house, first, "Failure", 5)
        third = (await house.ami.received("Originate", 3))[2]
        assert third.text("Channel") == "PJSIP/13900000001@carrier"

    tell(story, outbound_lines=2)


def test_none_is_dialled_while_callers_wait_and_it_expires(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.settle_down()
        order(house, place("late", expires=0.5), place("c", "13900000002"))
        assert (await house.told(PlacedCallEnded, cause="late")).outcome == "expired"
        assert house.ami.sent("Originate") == []
        await house.ready("1001")
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        await house.ami.received("Originate")

    tell(story)

"""Callers in hold are spoken to when it is time, and never at the cost of their turn."""

from __future__ import annotations

import time
from dataclasses import replace

from routing.asterisk.headers import Headers
from routing.calls import keys
from routing.calls.estimate import handle_time
from routing.calls.experience import Experience, from_json
from routing.calls.messages import CallerClass, Intent, TicketAnswered, TicketOffered
from routing.calls.records import TicketStage
from tests.routing.calls.house import House

SOON = {"announce_first_seconds": 0.3, "announce_every_seconds": 20, "callback_offer_seconds": 3600}


def announced(house: House) -> list[Headers]:
    return [each for each in house.redirects() if each.text("Exten") == "announce"]


def test_who_waits_hears_their_place_which_the_ticket_keeps(tell) -> None:
    async def story(house: House) -> None:
        first = await house.wait_in_hold(joined_at=time.time() - 10)
        second = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 2)
        assert {each.text("Context") for each in announced(house)} == {"hold"}
        assert [each.text("Channel") for each in announced(house)] == [first.channel, second.channel]
        told = {each.ticket_id: each for each in house.tickets.waiting()}
        assert (told[first.ticket_id].told_ahead, told[second.ticket_id].told_ahead) == (0, 1)
        assert told[second.ticket_id].told_seconds == 270  # 180 s for the first, and 90 s as nobody waits for ever.

    tell(story, **SOON)


def test_what_they_were_told_outlives_the_router(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 1)
        before = house.tickets.get(caller.ticket_id)
        await house.kill_router()
        await house.start_router()
        await house.settle_down()
        assert house.tickets.get(caller.ticket_id) == before
        assert len(announced(house)) == 1

    tell(story, **SOON)


def test_after_the_threshold_or_when_the_estimate_goes_beyond_it_they_may_be_called_back(tell) -> None:
    """The next waits for three minutes by the estimate, the one after for four and a half."""

    async def story(house: House) -> None:
        old = await house.wait_in_hold(joined_at=time.time() - 61)
        await house.until(lambda: len(announced(house)) == 1)
        new = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 2)
        told = {each.ticket_id: each.may_be_called_back for each in house.tickets.waiting()}
        assert told == {old.ticket_id: True, new.ticket_id: True}

    tell(story, **(SOON | {"callback_offer_seconds": 240}))


def test_who_is_soon_to_be_served_is_not_offered_a_call_back(tell) -> None:
    async def story(house: House) -> None:
        new = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 1)
        assert not house.tickets.get(new.ticket_id).may_be_called_back

    tell(story, **(SOON | {"callback_offer_seconds": 240}))


def test_estimates_outlive_the_router(tell) -> None:
    """After a hundred calls of ten minutes the next caller is told ten minutes, by a router that started just now."""

    async def story(house: House) -> None:
        known = Experience()
        for _ in range(100):
            known.took(600)
        await house.kill_router()
        house.redis.hset(keys.EXPERIENCE, "calls", known.to_json(time.time()))
        await house.start_router()
        caller = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 1)
        assert house.tickets.get(caller.ticket_id).told_seconds == handle_time([600.0] * 100)
        await house.hang_up(caller)
        await house.until(lambda: from_json(house.redis.hget(keys.EXPERIENCE, "calls"), time.time()).waited)
        kept = from_json(house.redis.hget(keys.EXPERIENCE, "calls"), time.time())
        assert list(kept.handled) == [600.0] * 100, "it is kept on"
        assert [gave_up for _, gave_up in kept.waited] == [True]

    tell(story, **SOON)


def test_an_agent_who_becomes_free_takes_them_in_the_middle_of_it(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 1)
        await house.ready("1001")
        await house.told(TicketOffered, ticket_id=caller.ticket_id)
        last = (await house.ami.received("Redirect", 2))[-1]
        assert (last.text("Context"), last.text("Exten")) == ("connect", "1001")
        await house.answers(caller, await house.rings(caller, "1001"))
        await house.told(TicketAnswered, ticket_id=caller.ticket_id)

    tell(story, **SOON)


def test_their_coming_back_to_hold_changes_nothing(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.until(lambda: len(announced(house)) == 1)
        before = house.tickets.get(caller.ticket_id)
        await house.hold(caller)
        await house.settle_down()
        after = house.tickets.get(caller.ticket_id)
        assert after.quiet_until < before.quiet_until, "the conversation is over"
        assert replace(after, quiet_until=0.0) == replace(before, quiet_until=0.0)

    tell(story, **SOON)


def test_key_1_in_hold_begins_a_conversation_that_nothing_cuts_short(tell) -> None:
    """Who joined after them is told their place, and they, whose time comes sooner, are not."""

    async def story(house: House) -> None:
        presses = await house.wait_in_hold()
        await house.until(lambda: house.tickets.get(presses.ticket_id).stage is TicketStage.HELD)
        await house.ami.push("UserEvent", UserEvent="HoldKey", **presses.ids, **presses.said, Key="1")
        await house.until(lambda: house.tickets.get(presses.ticket_id).quiet_until > time.time() + 60)
        waits = await house.wait_in_hold()
        await house.until(lambda: bool(announced(house)))
        assert [each.text("Channel") for each in announced(house)] == [waits.channel]

    tell(story, **(SOON | {"announce_first_seconds": 4}))


def test_an_sos_and_whoever_rings_somewhere_are_left_in_peace(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        rings = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=rings.ticket_id)  # Before the SOS comes, who would be the first.
        await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        late = await house.wait_in_hold()
        await house.until(lambda: bool(announced(house)))
        assert {each.text("Channel") for each in announced(house)} == {late.channel}

    tell(story, **SOON)

"""Nothing is lost, and nothing happens twice, when the router, Redis or the connection to a node goes away."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
import redis as sync_redis
import redis.asyncio

from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallerClass,
    TicketEnd,
    TicketEnded,
    TicketJoined,
    TicketOffered,
    TicketReturned,
    encode,
)
from routing.calls.records import Ticket, TicketStage, to_json
from routing.calls.standing import Lease, LeaseLost, beat
from tests.redis_server import RedisServer
from tests.routing.asterisk.fake_ami import silence
from tests.routing.calls.house import House, ends, in_talk


def test_a_router_killed_while_callers_wait_is_followed_by_one_that_takes_them_up(tell) -> None:
    async def story(house: House) -> None:
        stays = await house.wait_in_hold(caller_class=CallerClass.FRAIL)
        leaves = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=leaves.ticket_id)
        await house.kill_router()
        house.channels.pop(leaves.channel)
        newcomer = await house.call()
        house.tickets.open(house.need(newcomer))
        house.channels[newcomer.channel]["Context"] = "hold"
        stranger = await house.call()  # In hold while nobody listened, and no flow could say so.
        house.channels[stranger.channel]["Context"] = "hold"
        house.contacts.add("1001")
        await house.start_router()
        offered = await house.told(TicketOffered)
        assert (offered.ticket_id, offered.extension) == (stays.ticket_id, "1001")
        await house.told(TicketEnded, ticket_id=leaves.ticket_id, end=TicketEnd.ABANDONED)
        await house.told(TicketJoined, call_id=stranger.uniqueid)
        await house.settle_down()
        waiting = {ticket.call_id: ticket.stage for ticket in house.tickets.waiting()}
        assert waiting == {stays.uniqueid: "offered", newcomer.uniqueid: "held", stranger.uniqueid: "held"}
        await house.until(lambda: ends(house) == [(leaves.ticket_id, "abandoned", None)])

    tell(story)


def test_a_router_killed_while_it_rings_knows_the_answer(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered)
        leg = await house.rings(caller, "1001")
        await house.told(AgentChanged, state=AgentState.RINGING)
        await house.kill_router()
        for each in (caller, leg):
            house.channels[each.channel] |= {"BridgeId": "b", "ChannelStateDesc": "Up"}
        stored = house.tickets.get(caller.ticket_id)
        earlier = replace(stored, offered_at=stored.offered_at - 10)  # An offer of this very moment is not looked at.
        house.redis.hset("elderline:tickets", caller.ticket_id, to_json(earlier))
        await house.start_router()
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ANSWERED)
        await house.told(AgentChanged, extension="1001", state=AgentState.TALKING)
        await house.hang_up(leg, caller.uniqueid)
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        await house.until(lambda: ends(house) == [(caller.ticket_id, "answered", "1001")])

    tell(story)


def test_a_talk_that_ended_while_the_router_was_away_frees_the_agent(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        waits = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=waits.ticket_id)
        await house.kill_router()
        house.channels.pop(leg.channel)
        house.channels.pop(caller.channel)
        await house.start_router()
        await house.told(TicketOffered, ticket_id=waits.ticket_id, extension="1001")

    tell(story)


def test_a_lost_connection_to_the_node_is_reconciled(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller, leg = await in_talk(house, "1001")
        waits = await house.wait_in_hold()
        leaves = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=leaves.ticket_id)
        house.channels.pop(leg.channel)
        house.channels.pop(caller.channel)
        house.channels.pop(leaves.channel)
        await house.ami.cut()
        await house.told(TicketOffered, ticket_id=waits.ticket_id, extension="1001")
        await house.told(TicketEnded, ticket_id=leaves.ticket_id, end=TicketEnd.ABANDONED)
        await house.ami.cut()
        await house.ami.received("CoreShowChannels", 3)
        await house.settle_down()
        await house.until(lambda: len(ends(house)) == 2)

    tell(story)


def test_an_offer_of_which_nothing_is_heard_is_looked_for(tell) -> None:
    """The Redirect was lost: the node still shows the caller in hold, so the ticket is offered again."""

    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, 2, ticket_id=caller.ticket_id)

    tell(story, ring_seconds=1)


def test_repeated_and_late_events_change_nothing(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001", "1002")
        caller = await house.wait_in_hold()
        first = (await house.told(TicketOffered, ticket_id=caller.ticket_id)).extension
        await house.hold(caller)  # Late: it tells of the moment before the offer.
        await house.hold(caller)
        await house.settle_down()
        assert len(house.redirects()) == 1
        leg = await house.rings(caller, first)
        await house.fails(caller, first, "NOANSWER", leg)
        second = (await house.told(TicketOffered, 2, ticket_id=caller.ticket_id)).extension
        failed = caller.ids | caller.said | {"Agent": first, "Status": "NOANSWER"}
        await house.ami.push("UserEvent", UserEvent="ConnectFailed", **failed)  # Repeated: the other phone rings now.
        await house.settle_down()
        assert len([each for each in house.live if isinstance(each, TicketReturned)]) == 1
        leg = await house.rings(caller, second)
        await house.answers(caller, leg)
        await house.answers(caller, leg)
        await house.hold(caller)
        house.channels[caller.channel]["Context"] = "connect"
        for _ in range(2):
            await house.hang_up(leg, caller.uniqueid)
            await house.hang_up(caller)
        await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Down", Context="", Exten="")
        await house.settle_down()
        await house.until(lambda: ends(house) == [(caller.ticket_id, "answered", second)])
        assert len([each for each in house.live if isinstance(each, TicketEnded)]) == 1
        assert house.agent(second).state is AgentState.READY

    tell(story)


def test_a_command_that_comes_twice_or_late_opens_one_ticket(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.call()
        need = house.need(caller, skills=("dialect",), elder_id=7)
        house.redis.hset("elderline:tickets", need.ticket_id, to_json(Ticket.opened(need)))
        await house.hold(caller)  # The command is late: the caller is in hold already.
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        for _ in range(3):
            house.redis.xadd("elderline:commands", {"message": encode(need)})
        await house.until(lambda: house.tickets.get(caller.ticket_id).skills == ("dialect",))
        await house.hang_up(caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id)
        house.redis.xadd("elderline:commands", {"message": encode(need)})
        await house.settle_down()
        await house.until(lambda: house.redis.xpending("elderline:commands", "router")["pending"] == 0)
        assert house.tickets.waiting() == ()
        assert len([each for each in house.live if isinstance(each, TicketJoined)]) == 1

    tell(story)


def test_callers_are_routed_while_redis_is_away(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()

    async def story() -> None:
        async with House(server.url, tmp_path) as house:
            await house.ready("1001")
            await house.settle_down()
            await asyncio.to_thread(server.stop)
            caller = await house.call()
            await house.hold(caller)
            moved = (await house.ami.received("Redirect"))[0]
            assert moved.text("Exten") == "1001"
            leg = await house.rings(caller, "1001")
            await house.answers(caller, leg)
            await house.hang_up(caller)
            await house.hang_up(leg, caller.uniqueid)
            await asyncio.to_thread(server.start)
            await house.until(lambda: ends(house) == [(caller.ticket_id, "answered", "1001")])
            await house.until(lambda: house.agent("1001").state is AgentState.READY)

    try:
        asyncio.run(asyncio.wait_for(story(), 60))
    finally:
        server.stop()


def test_only_one_router_is_active(redis: sync_redis.Redis, redis_server: RedisServer) -> None:
    async def story() -> None:
        client = redis_asyncio(redis_server)
        first, second = Lease(client), Lease(client)
        await first.acquire()
        standby = asyncio.create_task(second.acquire())
        done, _ = await asyncio.wait([standby], timeout=1.5)
        assert not done
        await first.give_up()
        await asyncio.wait_for(standby, 5)
        with pytest.raises(LeaseLost):
            await asyncio.wait_for(first.keep(), 5)
        await second.give_up()
        await client.aclose()

    asyncio.run(story())
    assert redis.get("elderline:router:lease") is None


def redis_asyncio(server: RedisServer) -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(server.url)


def test_a_router_that_is_stopped_in_the_middle_of_a_beat_ends_at_once() -> None:
    """The library for Redis swallows a cancellation that comes together with the answer (see `errands.stopping`)."""

    class Answers:
        def __init__(self) -> None:
            self.asked = asyncio.Event()

        async def set(self, *_values: object, **_options: object) -> None:
            self.asked.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

    class Nobody:
        async def beat(self, _epoch: float) -> None:
            return

    async def story() -> None:
        redis = Answers()
        beating = asyncio.create_task(beat(redis, Nobody(), lambda: 0.0))
        await redis.asked.wait()
        beating.cancel()
        done, _ = await asyncio.wait([beating], timeout=3)
        beating.cancel()
        assert done

    asyncio.run(story())


def test_who_came_to_talk_while_the_router_was_away_is_not_torn_out_of_it(tell) -> None:
    """Not even by a router that has much to say to them, and hears of an idle agent before it has looked around."""

    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await house.settle_down()
        await house.kill_router()
        stored = house.tickets.get(caller.ticket_id)
        assert stored.stage is TicketStage.HELD
        house.redis.hset("elderline:tickets", caller.ticket_id, to_json(replace(stored, joined_at=time.time() - 120)))
        house.channels[caller.channel] |= {"Context": "fallback", "BridgeId": "b"}
        house.ami.answer("CoreShowChannels", silence)
        asked = len(house.ami.sent("CoreShowChannels"))
        starting = asyncio.create_task(house.start_router())
        question = (await house.ami.received("CoreShowChannels", asked + 1))[-1]
        await house.ready("1001")
        await house.settle_down()
        await house.ami.push_bytes(*house.list_channels(question))
        await starting
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.FALLBACK)
        assert house.redirects() == []

    tell(story)

"""The same promises, held against a real Asterisk with the hotline's own configuration."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from routing.asterisk import variables
from routing.asterisk.channels import live_channels
from routing.asterisk.client import AmiClient
from routing.asterisk.errors import AmiDisconnected, AmiLoginFailed, AmiRefused
from routing.asterisk.events import (
    ChannelHungUp,
    Disconnected,
    FullyBooted,
    Holding,
    Reconnected,
    UserEventRaised,
)
from routing.asterisk.limits import AmiLimits, NodeAddress
from routing.asterisk.originate import (
    Originate,
    OriginateFinished,
    OriginateReason,
    hangup,
    is_dialling,
    originate,
    queue_add,
    queue_members,
    queue_pause,
    queue_remove,
    redirect,
    safe_value,
    setvar,
)
from routing.asterisk.queue_events import QueueMemberAdded, QueueMemberPaused, QueueMemberRemoved
from routing.asterisk.queues import QueueMember
from routing.asterisk.wire import LINE_SENT_BYTES
from tests.asterisk_node import AsteriskNode
from tests.routing.asterisk.conftest import add_extensions, dialable_node
from tests.routing.asterisk.recorder import Recorder

pytestmark = pytest.mark.asterisk

LIMITS = AmiLimits(reconnect_first_seconds=0.05, reconnect_most_seconds=0.2)


def address(node: AsteriskNode) -> NodeAddress:
    secret = node.settings.ami_secret.get_secret_value()
    return NodeAddress("a", "127.0.0.1", node.settings.ami_port, "elderline", secret)


@asynccontextmanager
async def talking(node: AsteriskNode) -> AsyncIterator[tuple[AmiClient, Recorder]]:
    """A client of a real node, which hangs up in the end what the test dialled."""
    client, recorder = AmiClient(address(node), limits=LIMITS), Recorder()
    client.subscribe(recorder)
    await client.start()
    try:
        await recorder.seen(FullyBooted)
        yield client, recorder
        for channel in await live_channels(client):
            try:
                await hangup(client, channel.channel)
            except AmiRefused:  # The other half of a Local channel goes with the first.
                continue
    finally:
        await client.stop()


async def finish_of(recorder: Recorder, action_id: str) -> OriginateFinished:
    """The end of one dial; the node is shared, so the ends of other tests' dials come by too."""
    return await recorder.seen_where(OriginateFinished, lambda event: event.action_id == action_id)


def dial(action_id: str, to: str, **changes: Any) -> Originate:
    fields = {"context": "tries-answer", "exten": "s", "timeout_seconds": 30} | changes
    return Originate(channel=f"Local/s@{to}/n", action_id=action_id, **fields)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("tries-answer", OriginateReason.ANSWERED),
        ("tries-busy", OriginateReason.BUSY),
        ("tries-congested", OriginateReason.CONGESTION),
        ("tries-rings", OriginateReason.NO_ANSWER),
        ("tries-nothing", OriginateReason.FAILED),
    ],
)
def test_a_dial_ends_as_it_went(asterisk: AsteriskNode, to: str, reason: OriginateReason) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            wait = {"timeout_seconds": 1} if reason is OriginateReason.NO_ANSWER else {}
            await originate(client, dial(f"ends-{to}", to, **wait))
            finished = await finish_of(recorder, f"ends-{to}")
            assert finished.reason is reason
            assert finished.answered is (reason is OriginateReason.ANSWERED)
            if not finished.answered:  # The node tells how the dial went before it has let go of the channel.
                await recorder.seen_where(ChannelHungUp, lambda event: event.uniqueid == finished.action_id)
            assert await is_dialling(client, finished.action_id, settle_seconds=0.1) is finished.answered
            lag = client.lag  # A real node stamps each event, and by the clock that we compare it with.
            assert lag.count > 0
            assert 0 < lag.total < 60 * lag.count

    asyncio.run(scenario())


def test_a_dial_is_acknowledged_while_the_phone_rings(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            await originate(client, dial("rings-1", "tries-rings", timeout_seconds=30))
            assert await is_dialling(client, "rings-1")
            assert not [event for event in recorder.of(OriginateFinished) if event.action_id == "rings-1"]

    asyncio.run(scenario())


def test_the_same_dial_asked_for_twice_rings_once(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            again = dial("twice-1", "tries-rings", timeout_seconds=30)
            await originate(client, again)
            assert await is_dialling(client, "twice-1")
            await originate(client, again)
            assert (await finish_of(recorder, "twice-1")).reason is OriginateReason.FAILED
            assert len([one for one in await live_channels(client) if one.uniqueid == "twice-1"]) == 1

    asyncio.run(scenario())


def test_variables_arrive_as_they_were_given_and_no_event_passes_for_another_channel(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            elder = safe_value("张三丰 ${SHELL(id)}, a=b")
            await originate(client, dial("says-1", "tries-answer", context="tries-says", variables={"ELDER": elder}))
            said = await recorder.seen_where(UserEventRaised, lambda event: event.uniqueid == "says-1")
            assert said.headers["Elder"] == elder == "张三丰 SHELLid ab"
            assert (said.uniqueid, said.linkedid) == ("says-1", "says-1")
            assert said.channel.startswith("Local/s@tries-answer")

    asyncio.run(scenario())


def test_a_caller_in_hold_is_told_redirected_and_gone(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            now = int(recorder.events[-1].at.wall.timestamp())
            await setvar(client, None, variables.ROUTER_BEAT, str(now))
            given = {variables.CALL_ID: "c-1", variables.TICKET_ID: "t-1", variables.CALLER_CLASS: "frail"}
            await originate(
                client,
                dial("hold-1", "tries-answer", context="hold", variables={f"__{k}": v for k, v in given.items()}),
            )
            held = await recorder.seen_where(Holding, lambda event: event.uniqueid == "hold-1")
            assert (held.call_id, held.ticket_id, held.caller_class) == ("c-1", "t-1", "frail")
            await redirect(client, held.channel, "tries-says", "s", variables={"ELDER": "moved"})
            said = await recorder.seen_where(UserEventRaised, lambda event: event.name == "Note")
            assert said.headers["Elder"] == "moved"
            await hangup(client, held.channel, 16)
            assert (await recorder.seen_where(ChannelHungUp, lambda event: event.channel == held.channel)).cause == 16
            with pytest.raises(AmiRefused):
                await redirect(client, held.channel, "hold", "s")

    asyncio.run(scenario())


def test_members_of_the_fallback_queue_come_pause_and_go_once_however_often_it_is_said(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, recorder):
            queue, phone = variables.QUEUE_FALLBACK, "PJSIP/1001"
            for _ in range(2):
                await queue_add(client, queue, phone, penalty=1)
            await queue_pause(client, queue, phone, paused=True, reason="lunch")
            assert QueueMember(queue, phone, 1, True) in await queue_members(client, queue)
            for _ in range(2):
                await queue_remove(client, queue, phone)
            assert QueueMember(queue, phone, 1, True) not in await queue_members(client, queue)
            await recorder.seen(QueueMemberRemoved)
            assert [len(recorder.of(kind)) for kind in (QueueMemberAdded, QueueMemberPaused, QueueMemberRemoved)] == [
                1,
                1,
                1,
            ]
            with pytest.raises(AmiRefused, match="No such queue"):
                await queue_add(client, "nowhere", phone)
            with pytest.raises(AmiRefused):
                await queue_pause(client, queue, "PJSIP/1009", paused=True)

    asyncio.run(scenario())


def test_the_longest_line_that_we_send_is_read_whole(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        async with talking(asterisk) as (client, _):
            longest = "x" * (LINE_SENT_BYTES - len("Value: "))
            await setvar(client, None, "LONGEST", longest)
            assert (await client.action("Getvar", Variable="LONGEST")).headers["Value"] == longest

    asyncio.run(scenario())


def test_a_wrong_secret_is_refused(asterisk: AsteriskNode) -> None:
    async def scenario() -> None:
        client = AmiClient(dataclasses.replace(address(asterisk), secret="wrong"), limits=LIMITS)
        with pytest.raises(AmiLoginFailed, match="Authentication failed"):
            await client.start()
        await client.stop()

    asyncio.run(scenario())


def test_a_node_that_dies_in_a_dial_comes_back_and_nothing_is_dialled_again(tmp_path: Path) -> None:
    async def scenario(node: AsteriskNode) -> None:
        async with talking(node) as (client, recorder):
            await originate(client, dial("dies-1", "tries-rings", timeout_seconds=30))
            node.kill()
            await recorder.seen(Disconnected)
            with pytest.raises(AmiDisconnected):
                await originate(client, dial("dies-2", "tries-rings"))
            await asyncio.to_thread(node.start)
            await recorder.seen(Reconnected)
            await recorder.seen(FullyBooted, 2)
            assert await live_channels(client) == []
            await asyncio.to_thread(add_extensions, node)
            await originate(client, dial("dies-3", "tries-busy"))
            assert (await finish_of(recorder, "dies-3")).reason is OriginateReason.BUSY
            assert client.stats.reconnects == 1

    with dialable_node(tmp_path) as node:
        asyncio.run(scenario(node))

"""How our client's connection begins, is lost, comes back and ends, against a scripted node."""

import asyncio
import logging
import socket
from contextlib import ExitStack
from dataclasses import replace

import pytest

from routing.asterisk.client import AmiClient
from routing.asterisk.errors import (
    AmiDisconnected,
    AmiLoginFailed,
)
from routing.asterisk.events import (
    ChannelHungUp,
    Connected,
    Disconnected,
    FullyBooted,
    Reconnected,
)
from tests.routing.asterisk.fake_ami import SECRET, FakeAmi, error, silence, success
from tests.routing.asterisk.recorder import started
from tests.routing.asterisk.sides import QUICK


def test_start_logs_in_and_tells_of_it_before_any_other_event() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            assert client.up
            await recorder.seen(FullyBooted)
            assert [type(event) for event in recorder.events] == [Connected, FullyBooted]
            assert client.stats.reconnects == 0

    asyncio.run(scenario())


def test_a_cut_fails_what_is_pending_as_sent_and_nothing_is_sent_again() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            node.answer("Redirect", silence)
            pending = asyncio.create_task(client.action("Redirect", Channel="PJSIP/1-1"))
            await node.received("Redirect")
            await node.cut()
            with pytest.raises(AmiDisconnected) as cut:
                await pending
            assert cut.value.sent
            await recorder.seen(Reconnected)
            await client.action("Ping")
            assert len(node.sent("Redirect")) == 1
            assert client.stats.reconnects == 1

    asyncio.run(scenario())


def test_an_action_while_the_node_is_away_is_refused_at_once_as_not_sent() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            await node.close()
            await recorder.seen(Disconnected)
            assert not client.up
            with pytest.raises(AmiDisconnected) as away:
                await client.action("Ping")
            assert not away.value.sent
            await node.listen()
            await recorder.seen(Reconnected)
            await client.action("Ping")

    asyncio.run(scenario())


def test_a_node_that_comes_up_after_us_is_found() -> None:
    async def scenario() -> None:
        node = FakeAmi()
        await node.listen()
        await node.close()
        async with started(node, fails=AmiDisconnected) as (client, recorder):
            assert not client.up
            await node.listen()
            await recorder.seen(Connected)
            await client.action("Ping")
            assert not recorder.of(Reconnected)
        await node.close()

    asyncio.run(scenario())


def test_a_server_that_never_answers_the_login_is_no_node() -> None:
    async def scenario() -> None:
        async with (
            FakeAmi(login=False) as node,
            started(node, replace(QUICK, action_seconds=0.1), fails=AmiDisconnected) as (client, recorder),
        ):
            await node.until(lambda: node.connections >= 2)
            assert not client.up
            assert not recorder.events

    asyncio.run(scenario())


def test_a_refused_login_is_raised_logged_without_the_secret_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            node.answer("Login", lambda action: [error(action, "Authentication failed")])
            async with started(node, replace(QUICK, login_retry_seconds=0.05), fails=AmiLoginFailed) as (_, recorder):
                await node.received("Login", 2)
                node.answer("Login", lambda action: [success(action)])
                await recorder.seen(Connected)

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
    assert "Authentication failed" in caplog.text
    assert SECRET not in caplog.text


def test_a_refused_login_is_not_tried_again_soon() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            node.answer("Login", lambda action: [error(action, "Authentication failed")])
            async with started(node, fails=AmiLoginFailed):
                # Five times the longest delay of a reconnect; that no attempt comes is no event to wait for.
                await asyncio.sleep(QUICK.reconnect_most_seconds * 5)
                assert len(node.sent("Login")) == 1

    asyncio.run(scenario())


def test_a_secret_that_cannot_be_sent_fails_the_login_and_sends_nothing() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            client = AmiClient(node.address(secret="x\r\nAction: Originate"), limits=QUICK)
            with pytest.raises(AmiLoginFailed, match="cannot be sent"):
                await client.start()
            await client.stop()
            assert not node.actions

    asyncio.run(scenario())


@pytest.mark.parametrize(("chance", "expected"), [(0.0, [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]), (1.0, [0.1, 0.2, 0.4])])
def test_delays_double_up_to_their_bound_less_what_chance_takes(chance: float, expected: list[float]) -> None:
    client = AmiClient(FakeAmi().address(), chance=lambda: chance)
    assert [client._delay(failures) for failures in range(len(expected))] == pytest.approx(expected)
    assert client._delay(10_000) <= 5.0


def test_pongs_keep_the_link() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node, replace(QUICK, ping_every_seconds=0.02)) as (_, recorder):
            await node.received("Ping", 10)
            assert node.connections == 1
            assert not recorder.of(Disconnected)

    asyncio.run(scenario())


def test_a_missing_pong_is_told_as_the_reason() -> None:
    async def scenario() -> None:
        limits = replace(QUICK, ping_every_seconds=0.02, pong_within_seconds=0.1)
        async with FakeAmi() as node, started(node, limits) as (client, recorder):
            node.answer("Ping", silence)
            gone = await recorder.seen(Disconnected)
            assert gone.reason == "no pong within 0.1 s"
            await recorder.seen(Reconnected)
            assert client.stats.timeouts >= 1

    asyncio.run(scenario())


def test_a_node_that_is_heard_is_not_cut_for_a_late_pong() -> None:
    """In a burst the answer stands behind thousands of events."""

    async def scenario() -> None:
        limits = replace(QUICK, ping_every_seconds=0.02, pong_within_seconds=0.6, pong_waits=50)
        async with FakeAmi() as node, started(node, limits) as (client, recorder):
            node.answer("Ping", silence)
            ping = (await node.received("Ping", len(node.sent("Ping")) + 1))[-1]
            while client.stats.timeouts < 3:
                await node.push("PeerStatus", Note="busy")
                await asyncio.sleep(0.01)  # The pace of the node's events.
            node.answer("Ping", lambda action: [success(action)])
            await node.push_bytes(success(ping))
            await node.received("Ping", len(node.sent("Ping")) + 5)
            assert not recorder.of(Disconnected)
            assert node.connections == 1

    asyncio.run(scenario())


def test_events_do_not_keep_a_node_that_answers_nothing_for_ever() -> None:
    async def scenario() -> None:
        limits = replace(QUICK, ping_every_seconds=0.02, pong_within_seconds=0.1, pong_waits=3)
        async with FakeAmi() as node, started(node, limits) as (client, recorder):
            node.answer("Ping", silence)
            while not recorder.of(Disconnected):
                await node.push("PeerStatus", Note="busy")
                await asyncio.sleep(0.01)  # The pace of the node's events.
            assert client.stats.timeouts <= 3

    asyncio.run(scenario())


def test_stop_ends_everything_and_may_be_called_twice() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            node.answer("Status", silence)
            pending = asyncio.create_task(client.action("Status"))
            await node.received("Status")
            await client.stop()
            await client.stop()
            with pytest.raises(AmiDisconnected):
                await pending
            with pytest.raises(AmiDisconnected):
                await client.action("Ping")
            assert not client.up
            assert not recorder.of(Disconnected)
            await node.until(lambda: node.hung_up == node.connections)
            assert {task.get_name() for task in asyncio.all_tasks()} & {"ami-node1"} == set()

    asyncio.run(scenario())


def test_a_client_is_started_once() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            with pytest.raises(RuntimeError):
                await client.start()

    asyncio.run(scenario())


def test_a_stopped_client_may_be_started_again() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            await client.stop()
            await client.start()
            await client.action("Ping")
            await recorder.seen(Reconnected)

    asyncio.run(scenario())


def test_an_address_that_cannot_be_is_told_as_unreachable_and_the_attempts_go_on() -> None:
    async def scenario() -> None:
        client = AmiClient(replace(FakeAmi().address(), port=70_000), limits=QUICK)
        with pytest.raises(AmiDisconnected, match="port"):
            await client.start()
        assert not client.up
        await client.stop()

    asyncio.run(scenario())


def test_a_host_that_takes_no_connection_is_given_up_in_time() -> None:
    async def scenario() -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            # Linux queues one more than the backlog, and leaves further ones without an answer.
            with ExitStack() as queued:
                for _ in range(3):
                    waiting = queued.enter_context(socket.socket())
                    waiting.setblocking(False)
                    waiting.connect_ex(full.getsockname())
                address = replace(FakeAmi().address(), port=full.getsockname()[1])
                client = AmiClient(address, limits=replace(QUICK, connect_seconds=0.2))
                with pytest.raises(AmiDisconnected, match="in time"):
                    await client.start()
                await client.stop()

    asyncio.run(scenario())


def test_half_a_line_and_then_nothing_is_cut_and_the_next_connection_hears_again() -> None:
    """The node stops in the middle of a word, for however long: the pong that should follow is no pong any more."""

    async def scenario() -> None:
        limits = replace(QUICK, ping_every_seconds=0.1)
        async with FakeAmi() as node, started(node, limits) as (client, recorder):
            await node.push_bytes(b"Event: Hang")
            await recorder.seen(Disconnected)
            await recorder.seen(Reconnected)
            await node.push("Hangup", Channel="PJSIP/1001-1", Uniqueid="1.1", Linkedid="1.1", Cause=16)
            assert (await recorder.seen(ChannelHungUp)).channel == "PJSIP/1001-1"
            assert client.stats.reconnects >= 1

    asyncio.run(scenario())

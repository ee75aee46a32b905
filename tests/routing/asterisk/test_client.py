"""Actions, lists and events of our client against a scripted node, with real bytes over loopback."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing.asterisk.client import AmiClient
from routing.asterisk.errors import (
    AmiOverloaded,
    AmiRefused,
    AmiTimeout,
)
from routing.asterisk.events import (
    AmiEvent,
    ChannelHungUp,
    DeviceStateChanged,
    Disconnected,
    Moment,
)
from tests.routing.asterisk.fake_ami import FakeAmi, error, listing, packet, silence, success
from tests.routing.asterisk.recorder import Recorder, started
from tests.routing.asterisk.sides import QUICK


def test_events_carry_the_node_and_the_moment_that_the_clock_gives() -> None:
    async def scenario() -> None:
        at = Moment(7.0, datetime(2026, 11, 22, tzinfo=UTC))
        async with FakeAmi() as node:
            client, recorder = AmiClient(node.address("b"), limits=QUICK, clock=lambda: at), Recorder()
            client.subscribe(recorder)
            await client.start()
            await node.push("Hangup", Channel="PJSIP/1001-1", Cause=17)
            event = await recorder.seen(ChannelHungUp)
            assert (event.node, event.at, event.channel, event.cause) == ("b", at, "PJSIP/1001-1", 17)
            await client.stop()

    asyncio.run(scenario())


def test_the_lag_is_from_the_nodes_stamp_to_the_end_of_the_last_callback() -> None:
    async def scenario() -> None:
        stamped = datetime(2026, 11, 22, tzinfo=UTC)
        now = [stamped]

        def slow(event: AmiEvent) -> None:
            if isinstance(event, ChannelHungUp):
                now[0] = stamped + timedelta(seconds=0.04)

        async with FakeAmi() as node:
            client = AmiClient(node.address("b"), limits=QUICK, clock=lambda: Moment(7.0, now[0]))
            recorder = Recorder()
            client.subscribe(slow)
            client.subscribe(recorder)
            await client.start()
            await node.push("Hangup", Channel="PJSIP/1001-1", Timestamp=f"{stamped.timestamp():.6f}")
            await node.push("Hangup", Channel="PJSIP/1001-2", Timestamp="not a time")
            await node.push("Hangup", Channel="PJSIP/1001-3")
            await recorder.seen(ChannelHungUp, 3)
            lag = client.lag
            assert lag.count == 1
            assert lag.total == pytest.approx(0.04, abs=1e-3)
            await client.stop()

    asyncio.run(scenario())


def test_answers_find_their_actions_in_whatever_order_they_come() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Getvar", silence)
            asked = [asyncio.create_task(client.action("Getvar", Variable=name)) for name in "ABC"]
            for action in reversed(await node.received("Getvar", 3)):
                await node.push_bytes(success(action, Value=action.text("Variable") * 2))
            assert [(await task).headers["Value"] for task in asked] == ["AA", "BB", "CC"]

    asyncio.run(scenario())


def test_fields_are_written_as_asterisk_reads_them() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            await client.action("Test", Async=True, Priority=1, Variable=["A=1", "B=2"], CallerID=None, Name="王")
            (sent,) = node.sent("Test")
            assert sent.text("Async") == "true"
            assert sent.text("Priority") == "1"
            assert sorted(sent.all("Variable")) == ["A=1", "B=2"]
            assert "CallerID" not in sent
            assert sent.text("Name") == "王"

    asyncio.run(scenario())


def test_the_lines_that_a_command_prints_are_given_in_order() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            lines = [("Output", "first"), ("Output", "第二: 行"), ("Output", "")]
            node.answer(
                "Command",
                lambda action: [packet(("Response", "Success"), ("ActionID", action["ActionID"]), *lines)],
            )
            assert (await client.action("Command", Command="core show version")).output == ("first", "第二: 行", "")

    asyncio.run(scenario())


def test_a_refusal_is_raised_and_counted() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Hangup", lambda action: [error(action, "No such channel")])
            with pytest.raises(AmiRefused) as refusal:
                await client.action("Hangup", Channel="PJSIP/1001-1")
            assert (refusal.value.action, refusal.value.message) == ("Hangup", "No such channel")
            assert client.stats.refused == 1

    asyncio.run(scenario())


def test_an_answer_that_comes_too_late_is_dropped_and_the_link_lives() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            node.answer("Status", silence)
            with pytest.raises(AmiTimeout, match="Status"):
                await client.action("Status", time_limit=0.05)
            (late,) = node.sent("Status")
            await node.push_bytes(success(late))
            await client.action("Ping")
            assert client.stats.timeouts == 1
            assert node.connections == 1
            assert not recorder.of(Disconnected)

    asyncio.run(scenario())


def test_a_list_is_gathered_up_to_its_end_and_is_no_event() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            states = [{"Event": "DeviceStateChange", "Device": f"PJSIP/{number}"} for number in (1001, 1002)]
            node.answer("DeviceStateList", listing("DeviceStateListComplete", *states))
            items = await client.action_list("DeviceStateList", "DeviceStateListComplete")
            assert [item["Device"] for item in items] == ["PJSIP/1001", "PJSIP/1002"]
            assert not recorder.of(DeviceStateChanged)
            node.answer("DeviceStateList", listing("DeviceStateListComplete"))
            assert await client.action_list("DeviceStateList", "DeviceStateListComplete") == []

    asyncio.run(scenario())


def test_a_refused_list_and_one_without_an_end_both_end() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("QueueStatus", lambda action: [error(action, "No such queue")])
            with pytest.raises(AmiRefused):
                await client.action_list("QueueStatus", "QueueStatusComplete")
            node.answer("QueueStatus", lambda action: [success(action)])
            with pytest.raises(AmiTimeout):
                await client.action_list("QueueStatus", "QueueStatusComplete", time_limit=0.05)

    asyncio.run(scenario())


def test_a_list_over_its_bound_is_given_up() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node, replace(QUICK, list_items=3)) as (client, _):
            item = {"Event": "Status", "Channel": "PJSIP/1-1"}
            for count, fits in ((3, True), (4, False)):
                node.answer("Status", listing("StatusComplete", *[item] * count))
                if fits:
                    assert len(await client.action_list("Status", "StatusComplete")) == count
                else:
                    with pytest.raises(AmiOverloaded):
                        await client.action_list("Status", "StatusComplete")
            await client.action("Ping")

    asyncio.run(scenario())


def test_no_more_actions_are_pending_than_the_bound() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node, replace(QUICK, pending_actions=5)) as (client, _):
            node.answer("Status", silence)
            waiting = [asyncio.create_task(client.action("Status")) for _ in range(5)]
            await node.received("Status", 5)
            with pytest.raises(AmiOverloaded):
                await client.action("Status")
            waiting[0].cancel()
            await asyncio.wait([waiting[0]])
            await client.action("Ping")
            for outcome in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(outcome, AmiTimeout | asyncio.CancelledError)
            await client.action("Ping")

    asyncio.run(scenario())


def test_one_id_is_not_pending_twice() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Status", silence)
            first = asyncio.create_task(client.action("Status", ActionID="one"))
            await node.received("Status")
            with pytest.raises(ValueError, match="pending already"):
                await client.action("Status", ActionID="one")
            with pytest.raises(AmiTimeout):
                await first
            assert len(node.sent("Status")) == 1

    asyncio.run(scenario())


def test_garbage_and_half_lines_do_not_end_the_link() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            hung_up = packet(Event="Hangup", Channel="PJSIP/1001-1", Cause=16)
            await node.push_bytes(b"\xff\xfe\x00garbage: \xe4\xbd\r\n", b": \r\n:\r\n\r\n", b"\r\n\r\nEvent\r\n\r\n")
            await node.push_bytes(hung_up[:3], hung_up[3:-3], hung_up[-3:-1], hung_up[-1:])
            await recorder.seen(ChannelHungUp)
            await client.action("Ping")
            assert node.connections == 1

    asyncio.run(scenario())


def test_an_overlong_line_costs_itself_only() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            await node.push("Hangup", Huge="x" * 200_000, Channel="PJSIP/1001-1", Cause=16)
            assert (await recorder.seen(ChannelHungUp)).channel == "PJSIP/1001-1"
            assert client.stats.discarded == 1

    asyncio.run(scenario())


def test_a_subscriber_can_leave_even_while_it_is_called() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            seen: list[AmiEvent] = []
            leave: list[Callable[[], None]] = []

            def once(event: AmiEvent) -> None:
                seen.append(event)
                leave[0]()

            leave.append(client.subscribe(once))
            await node.push("Hangup", Cause=16)
            await node.push("Hangup", Cause=17)
            await recorder.seen(ChannelHungUp, 2)
            assert len(seen) == 1

    asyncio.run(scenario())


def test_a_failing_subscriber_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):

            def fails(event: AmiEvent) -> None:
                raise RuntimeError("a fault in a subscriber")

            client.subscribe(fails)
            await node.push("Hangup", CallerIDNum="13900001234")
            await recorder.seen(ChannelHungUp)
            await client.action("Ping")
            assert client.stats.callback_errors == 1

    asyncio.run(scenario())
    assert "a fault in a subscriber" in caplog.text
    assert "13900001234" not in caplog.text

"""Several nodes, one of which may be down."""

import asyncio

import pytest

from routing.asterisk.errors import AmiDisconnected, AmiLoginFailed
from routing.asterisk.events import ChannelHungUp, Connected, Reconnected
from routing.asterisk.nodes import NodeAddress, Nodes, NodeUnknown
from tests.routing.asterisk.fake_ami import FakeAmi
from tests.routing.asterisk.recorder import Recorder
from tests.routing.asterisk.sides import QUICK


def test_events_of_all_nodes_come_with_their_names_and_actions_go_where_they_are_sent() -> None:
    async def scenario() -> None:
        async with FakeAmi() as a, FakeAmi() as b:
            nodes, recorder = Nodes([a.address("a"), b.address("b")], limits=QUICK), Recorder()
            unsubscribe = nodes.subscribe(recorder)
            assert await nodes.start() == {}
            assert nodes.names == ("a", "b")
            assert nodes.up == {"a", "b"}
            await a.push("Hangup", Channel="PJSIP/1-1")
            await recorder.seen(ChannelHungUp)
            await b.push("Hangup", Channel="PJSIP/2-2")
            await recorder.seen(ChannelHungUp, 2)
            assert [(event.node, event.channel) for event in recorder.of(ChannelHungUp)] == [
                ("a", "PJSIP/1-1"),
                ("b", "PJSIP/2-2"),
            ]
            await nodes.action("b", "Test", Name="x")
            assert (len(a.sent("Test")), len(b.sent("Test"))) == (0, 1)
            unsubscribe()
            await b.push("Hangup", Channel="PJSIP/3-3")
            await nodes.action("b", "Ping")
            assert len(recorder.of(ChannelHungUp)) == 2
            await nodes.stop()
            assert nodes.up == frozenset()

    asyncio.run(scenario())


def test_nodes_that_are_down_or_refuse_us_are_told_and_the_others_serve() -> None:
    async def scenario() -> None:
        async with FakeAmi() as a, FakeAmi() as b:
            down = FakeAmi()
            await down.listen()
            await down.close()
            addresses = [a.address("a"), b.address("b", secret="wrong"), down.address("c")]
            nodes, recorder = Nodes(addresses, limits=QUICK), Recorder()
            nodes.subscribe(recorder)
            failed = await nodes.start()
            assert {name: type(error) for name, error in failed.items()} == {"b": AmiLoginFailed, "c": AmiDisconnected}
            assert nodes.up == {"a"}
            await nodes.action("a", "Ping")
            with pytest.raises(AmiDisconnected):
                await nodes.action("c", "Ping")
            await down.listen()
            await recorder.seen(Connected, 2)
            assert nodes.up == {"a", "c"}
            await a.cut()
            assert (await recorder.seen(Reconnected)).node == "a"
            assert nodes.stats["a"].reconnects == 1
            await nodes.stop()
            await down.close()

    asyncio.run(scenario())


def test_a_node_that_is_not_configured_is_unknown() -> None:
    async def scenario() -> None:
        with pytest.raises(NodeUnknown):
            await Nodes([NodeAddress("a", "127.0.0.1", 5038, "u", "s")]).action("b", "Ping")

    asyncio.run(scenario())


def test_names_are_given_once_and_there_is_at_least_one() -> None:
    address = NodeAddress("a", "127.0.0.1", 5038, "u", "s")
    with pytest.raises(ValueError, match="two nodes"):
        Nodes([address, address])
    with pytest.raises(ValueError, match="at least one"):
        Nodes([])


def test_a_secret_is_not_shown_where_a_log_might_catch_it() -> None:
    assert "hush" not in repr(NodeAddress("a", "127.0.0.1", 5038, "u", "hush"))

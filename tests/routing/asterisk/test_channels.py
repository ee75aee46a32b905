"""What we ask of channels that live, against a scripted node."""

import asyncio

import pytest

from routing.asterisk.channels import LiveChannel, live_channels
from routing.asterisk.errors import AmiRefused
from routing.asterisk.originate import (
    hangup,
    redirect,
    setvar,
)
from tests.routing.asterisk.fake_ami import FakeAmi, error, listing
from tests.routing.asterisk.recorder import started

UNFIT = "not a|not to be set|expression|rings for|id is"


def test_a_redirect_sets_its_variables_first() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            await redirect(client, "PJSIP/c-1", "connect", "1001", variables={"RING_SECONDS": "20", "RECORD": ""})
            said = [(sent.text("Action"), sent.text("Variable"), sent.text("Value")) for sent in node.actions[1:]]
            assert said == [("Setvar", "RING_SECONDS", "20"), ("Setvar", "RECORD", ""), ("Redirect", "", "")]
            (moved,) = node.sent("Redirect")
            assert [moved.text(name) for name in ("Channel", "Context", "Exten", "Priority")] == [
                "PJSIP/c-1",
                "connect",
                "1001",
                "1",
            ]

    asyncio.run(scenario())


def test_a_caller_who_is_gone_is_not_redirected() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Setvar", lambda action: [error(action, "No such channel")])
            with pytest.raises(AmiRefused):
                await redirect(client, "PJSIP/c-1", "connect", "1001", variables={"RING_SECONDS": "20"})
            assert not node.sent("Redirect")

    asyncio.run(scenario())


def test_nothing_unfit_is_sent_by_redirect_hangup_or_setvar() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            for unfit in (
                redirect(client, "PJSIP/c-1", "connect", "1001", variables={"A": "1", "B": "$[1]"}),
                redirect(client, "PJSIP/c-1", "connect", "1001,1"),
                hangup(client, "/^PJSIP/"),
                setvar(client, "PJSIP/c-1", "SHELL(id)", "x"),
                setvar(client, None, "ROUTER_BEAT", "${EPOCH}"),
            ):
                with pytest.raises(ValueError, match=UNFIT):
                    await unfit
            assert len(node.actions) == 1

    asyncio.run(scenario())


def test_setvar_and_hangup_name_their_channel() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            await setvar(client, None, "ROUTER_BEAT", "1700000000")
            await setvar(client, "PJSIP/c-1", "RECORD", "call-1")
            await hangup(client, "PJSIP/c-1", 17)
            beat, record = node.sent("Setvar")
            assert "Channel" not in beat
            assert (beat["Variable"], beat["Value"]) == ("ROUTER_BEAT", "1700000000")
            assert (record["Channel"], record["Variable"], record["Value"]) == ("PJSIP/c-1", "RECORD", "call-1")
            assert node.sent("Hangup")[0]["Cause"] == "17"

    asyncio.run(scenario())


def test_channels_that_live_are_told_with_their_age() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            item = {
                "Event": "CoreShowChannel",
                "Channel": "PJSIP/c-1",
                "ChannelStateDesc": "Up",
                "Context": "hold",
                "Exten": "s",
                "Uniqueid": "1.1",
                "Linkedid": "1.0",
                "Application": "WaitExten",
                "Duration": "01:02:03",
                "BridgeId": "",
            }
            node.answer("CoreShowChannels", listing("CoreShowChannelsComplete", item, item | {"Duration": "?"}))
            known = LiveChannel("PJSIP/c-1", "1.1", "1.0", "Up", "hold", "s", "WaitExten", "", 3723)
            first, second = await live_channels(client)
            assert (first, second.seconds) == (known, 0)

    asyncio.run(scenario())

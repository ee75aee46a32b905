"""Dialling, against a scripted node: acknowledged, refused, unknown, and never twice."""

import asyncio
from typing import Any

import pytest

from routing.asterisk.errors import AmiDisconnected, AmiRefused
from routing.asterisk.originate import (
    Originate,
    OriginateFinished,
    OriginateReason,
    OriginateUnknown,
    is_dialling,
    originate,
)
from tests.routing.asterisk.fake_ami import FakeAmi, error, listing, packet, silence, success
from tests.routing.asterisk.recorder import started

UNFIT = "not a|not to be set|expression|rings for|id is"


def dial(**changes: Any) -> Originate:
    """A dial of a call-back, with changes."""
    fields: dict[str, Any] = {
        "channel": "PJSIP/13900001234@carrier",
        "context": "placed",
        "exten": "s",
        "caller_id": '"12349" <12349>',
        "timeout_seconds": 30,
        "variables": {"IVR_FLOW": "after_service", "IVR_REF": "ref-1"},
        "action_id": "dial-1",
    }
    return Originate(**(fields | changes))


def test_a_dial_is_acknowledged_at_once_and_ends_as_an_event() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            answer = await originate(client, dial())
            assert (answer.action_id, answer.message) == ("dial-1", "Originate successfully queued")
            (sent,) = node.sent("Originate")
            expected = {
                "Channel": "PJSIP/13900001234@carrier",
                "Context": "placed",
                "Exten": "s",
                "Priority": "1",
                "CallerID": '"12349" <12349>',
                "Timeout": "30000",
                "Async": "true",
                "ActionID": "dial-1",
                "ChannelId": "dial-1",
            }
            assert {name: sent.text(name) for name in expected} == expected
            assert sorted(sent.all("Variable")) == ["IVR_FLOW=after_service", "IVR_REF=ref-1"]
            await node.push("OriginateResponse", ActionID="dial-1", Response="Failure", Reason=5, Uniqueid="<null>")
            finished = await recorder.seen(OriginateFinished)
            assert (finished.action_id, finished.answered, finished.reason) == ("dial-1", False, OriginateReason.BUSY)

    asyncio.run(scenario())


def test_an_end_that_overtakes_its_acknowledgement_is_told_and_does_not_answer_the_dial() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, recorder):
            node.answer(
                "Originate",
                lambda action: [
                    packet(
                        Event="OriginateResponse", ActionID="dial-1", Response="Success", Reason=4, Uniqueid="dial-1"
                    ),
                    success(action, Message="Originate successfully queued"),
                ],
            )
            assert (await originate(client, dial())).message == "Originate successfully queued"
            assert (await recorder.seen(OriginateFinished)).answered

    asyncio.run(scenario())


def test_a_dial_without_an_acknowledgement_is_unknown_and_not_sent_again() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Originate", silence)
            with pytest.raises(OriginateUnknown) as unknown:
                await originate(client, dial())
            assert unknown.value.action_id == "dial-1"
            assert len(node.sent("Originate")) == 1

    asyncio.run(scenario())


def test_a_dial_that_is_cut_off_is_unknown_and_not_sent_again() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Originate", silence)
            dialling = asyncio.create_task(originate(client, dial()))
            await node.received("Originate")
            await node.cut()
            with pytest.raises(OriginateUnknown):
                await dialling
            await node.until(lambda: node.logins == 2)
            assert len(node.sent("Originate")) == 1

    asyncio.run(scenario())


def test_a_dial_that_never_left_or_was_refused_is_known_not_to_ring() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("Originate", lambda action: [error(action, "Extension does not exist.")])
            with pytest.raises(AmiRefused):
                await originate(client, dial())
            await client.stop()
            with pytest.raises(AmiDisconnected):
                await originate(client, dial())
            assert len(node.sent("Originate")) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("living", [True, False])
def test_an_unknown_dial_is_reconciled_by_the_channels_that_live(living: bool) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            other = {"Event": "CoreShowChannel", "Uniqueid": "dial-10", "Duration": "00:00:01"}
            ours = {"Event": "CoreShowChannel", "Uniqueid": "dial-1", "Duration": "00:00:01"}
            node.answer("CoreShowChannels", listing("CoreShowChannelsComplete", other, *[ours] * living))
            assert await is_dialling(client, "dial-1", settle_seconds=0.05) is living

    asyncio.run(scenario())


def test_a_channel_that_is_made_a_moment_after_the_order_is_waited_for() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            node.answer("CoreShowChannels", listing("CoreShowChannelsComplete"))
            asked = asyncio.create_task(is_dialling(client, "dial-1", settle_seconds=10))
            await node.received("CoreShowChannels")
            await node.push("Newchannel", Channel="PJSIP/other-1", Uniqueid="dial-10")
            await node.push("Newchannel", Channel="PJSIP/carrier-1", Uniqueid="dial-1")
            assert await asked

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "PJSIP/110,PJSIP/120"},
        {"channel": "${X}"},
        {"context": "a\r\nb"},
        {"exten": "1,2"},
        {"priority": 0},
        {"timeout_seconds": 0},
        {"timeout_seconds": 601},
        {"timeout_seconds": float("nan")},
        {"variables": {"NAME": "a,CALLERID(num)=110"}},
        {"variables": {"NAME": "${SHELL(id)}"}},
        {"variables": {"NA ME": "x"}},
        {"action_id": ""},
        {"action_id": "1700000000.1"},
        {"action_id": "x" * 65},
    ],
)
def test_what_is_not_fit_to_be_dialled_is_refused_before_it_is_sent(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=UNFIT):
        dial(**changes)


def test_a_dial_shows_no_number_where_a_log_might_catch_it() -> None:
    assert "13900001234" not in repr(dial(caller_id="13900001234", variables={"X": "13900001234"}))

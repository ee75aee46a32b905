"""The panoramisk manager beneath our client: what of the library's own interface remains is safe to use."""

import asyncio

import pytest

from routing.asterisk.errors import AmiDisconnected
from routing.asterisk.headers import Headers
from routing.asterisk.link import AmiLink
from routing.asterisk.pending import PendingAction
from routing.asterisk.stats import Tally
from routing.asterisk.wire import HEADERS_SENT
from tests.routing.asterisk.fake_ami import FakeAmi, packet, silence
from tests.routing.asterisk.sides import QUICK


def test_callbacks_of_the_librarys_kind_get_their_events_whatever_another_raises() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            tally, heard = Tally(), list[str]()
            link = AmiLink(node.address(), QUICK, tally)

            def fails(manager: AmiLink, event: Headers) -> None:
                raise RuntimeError("a fault in a callback")

            link.register_event("Hang*", fails)
            link.register_event("Hang*", lambda manager, event: heard.append(event["Cause"]))
            await link.connect()
            hangups = [packet(Event="Hangup", Cause=cause) for cause in (16, 17)]
            await node.push_bytes(hangups[0] + packet(Event="VarSet") + hangups[1])
            assert (await link.ask(PendingAction("Ping", {}))).success
            assert (heard, tally.callback_errors) == (["16", "17"], 2)
            link.abort("done")
            assert await link.lost == "done"

    asyncio.run(scenario())


def test_the_librarys_replay_and_its_reconnect_do_nothing() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            link = AmiLink(node.address(), QUICK, Tally())
            await link.connect()
            node.answer("Originate", silence)
            dial = link.send_action(PendingAction("Originate", {"Channel": "PJSIP/1001"}))
            await node.received("Originate")
            await node.cut()
            await link.lost
            with pytest.raises(AmiDisconnected):
                await dial
            await link.send_awaiting_actions()
            assert not link.awaiting_actions
            with pytest.raises(AmiDisconnected):
                link.send_action(PendingAction("Ping", {}))
            assert (node.connections, len(node.sent("Originate"))) == (1, 1)

    asyncio.run(scenario())


def test_an_action_of_more_headers_than_a_node_reads_is_refused() -> None:
    async def scenario() -> None:
        # Action and ActionID are headers too.
        PendingAction("Originate", {"Variable": [f"A{number}=1" for number in range(HEADERS_SENT - 2)]})
        with pytest.raises(ValueError, match="headers"):
            PendingAction("Originate", {"Variable": [f"A{number}=1" for number in range(HEADERS_SENT - 1)]})

    asyncio.run(scenario())

"""The members of Asterisk's own queues, against a scripted node."""

import asyncio

import pytest

from routing.asterisk.errors import AmiRefused
from routing.asterisk.originate import (
    queue_add,
    queue_members,
    queue_pause,
    queue_remove,
)
from routing.asterisk.queues import QueueMember
from tests.routing.asterisk.fake_ami import FakeAmi, error, listing
from tests.routing.asterisk.recorder import started


def test_membership_of_a_queue_may_be_said_twice() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            await queue_add(client, "fallback", "PJSIP/1001", penalty=1, paused=True)
            (added,) = node.sent("QueueAdd")
            assert (added["Interface"], added["Penalty"], added["Paused"]) == ("PJSIP/1001", "1", "true")
            node.answer("QueueAdd", lambda action: [error(action, "Unable to add interface: Already there")])
            node.answer("QueueRemove", lambda action: [error(action, "Unable to remove interface: Not there")])
            await queue_add(client, "fallback", "PJSIP/1001")
            await queue_remove(client, "fallback", "PJSIP/1001")
            node.answer("QueueAdd", lambda action: [error(action, "Unable to add interface to queue: No such queue")])
            node.answer("QueueRemove", lambda action: [error(action, "Unable to remove interface: No such queue")])
            with pytest.raises(AmiRefused):
                await queue_add(client, "other", "PJSIP/1001")
            with pytest.raises(AmiRefused):
                await queue_remove(client, "other", "PJSIP/1001")

    asyncio.run(scenario())


def test_members_are_told_and_paused() -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, started(node) as (client, _):
            member = {
                "Event": "QueueMember",
                "Queue": "fallback",
                "Location": "PJSIP/1001",
                "Penalty": "1",
                "Paused": "1",
            }
            node.answer("QueueStatus", listing("QueueStatusComplete", {"Event": "QueueParams"}, member))
            assert await queue_members(client, "fallback") == [QueueMember("fallback", "PJSIP/1001", 1, True)]
            await queue_pause(client, "fallback", "PJSIP/1001", paused=False, reason="lunch")
            (paused,) = node.sent("QueuePause")
            assert (paused["Paused"], paused["Reason"]) == ("false", "lunch")

    asyncio.run(scenario())

"""A node's queue has the latest members in the end, whatever changes while it is being told, and whatever fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from routing.asterisk.errors import AmiTimeout
from routing.asterisk.nodes import NodeAddress, Nodes
from routing.calls import members
from routing.calls.agents import AgentAccount
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.ledger import Ledger
from routing.calls.members import Members
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.presence import Presence
from routing.calls.switchboard import Contact, Switchboard
from routing.settings import load_settings
from tests.routing.calls.machine.memory_redis import MemoryRedis


class LateNode(Switchboard):
    """A node that shows its members at once, and takes orders a moment later, each when it is let; the first ones of
    `refusing` it does not take at all."""

    def __init__(self, refusing: int = 0) -> None:
        super().__init__(Nodes([NodeAddress("a", "127.0.0.1", 1, "nobody", "")]))
        self.members: dict[str, bool] = {}
        self.asked = 0
        self.let = asyncio.Event()
        self._refusing = refusing

    @property
    def up(self) -> frozenset[str]:
        return frozenset({"a"})

    async def set_members(self, node: str, endpoints: Mapping[str, bool]) -> None:
        there = set(self.members)
        self.asked += 1
        if self.asked <= self._refusing:
            raise AmiTimeout("no answer")
        await self.let.wait()
        for each in endpoints.keys() - there:
            self.members[each] = endpoints[each]
        for each in there - endpoints.keys():
            self.members.pop(each, None)


class Followed:
    """The floor, its agents' phones, and a node that is told of them."""

    def __init__(self, node: LateNode) -> None:
        self.floor = Floor(Ledger(MemoryRedis()), lambda: 1.0)  # type: ignore[arg-type]
        self.presence = Presence(self.floor, load_settings())
        self.node = node
        self.errands = Errands()
        self.members = Members(self.presence, node, self.errands)

    def at_work(self, *extensions: str) -> None:
        self.floor.staff([AgentAccount(each, ()) for each in extensions])
        self.presence.found("a", [Contact(each, f"sip:{each}@127.0.0.1", True) for each in extensions])
        self.members.follow()

    def log_off(self, extension: str) -> None:
        self.presence.command(SetAgentState(extension, AgentState.LOGGED_OFF))
        self.members.follow()

    async def has(self, **members: bool) -> None:
        wanted = {name.removeprefix("x"): paused for name, paused in members.items()}
        for _ in range(1_000):
            if self.node.members == wanted:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self.node.members} are not {wanted}")


def test_what_changes_while_the_node_is_told_is_told_after_it() -> None:
    async def run() -> None:
        followed = Followed(LateNode())
        followed.at_work("1001", "1002")
        await asyncio.sleep(0)
        followed.log_off("1002")
        await asyncio.sleep(0)
        followed.node.let.set()
        await followed.has(x1001=False)
        await followed.errands.stop()

    asyncio.run(run())


def test_a_node_that_did_not_answer_is_told_again_though_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_RETRY_SECONDS", 0.01)

    async def run() -> None:
        followed = Followed(LateNode(refusing=2))
        followed.node.let.set()
        followed.at_work("1001")
        await followed.has(x1001=False)
        assert followed.node.asked == 3
        await followed.errands.stop()

    asyncio.run(run())


def test_a_router_that_knows_nobody_yet_leaves_the_queue_as_it_is() -> None:
    async def run() -> None:
        followed = Followed(LateNode())
        followed.node.members["1001"] = False
        followed.node.let.set()
        followed.members.follow()  # Redis came back empty, and the database is away.
        followed.presence.found("a", [Contact("1001", "sip:1001@127.0.0.1", True)])
        followed.members.follow()
        await asyncio.sleep(0)
        assert followed.node.asked == 0
        followed.floor.staff([AgentAccount("1001", ()), AgentAccount("1002", ())])
        followed.members.follow()
        await followed.has()
        await followed.errands.stop()

    asyncio.run(run())

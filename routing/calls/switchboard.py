"""What the router asks of Asterisk, in the router's own words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing.asterisk.channels import LiveChannel, hangup, live_channels, setvar
from routing.asterisk.errors import AmiError, AmiRefused
from routing.asterisk.nodes import Nodes
from routing.asterisk.originate import Originate, originate
from routing.asterisk.queues import queue_add, queue_members, queue_pause, queue_remove
from routing.asterisk.values import check_channel, check_place, check_value

FALLBACK_QUEUE = "fallback"
CONNECT = "connect"
CONNECT_OUTSIDE = "connect-outside"
CONNECT_DUTY = "connect-duty"
MESSAGE = "message"
PLACED = "placed"
HOLD = "hold"
ANNOUNCE = "announce"
"""Extension of `hold` in which a caller hears where they stand."""
TALK = "talk"
TALK_HELPER = "talk-helper"
TALK_GUEST = "talk-guest"
TALK_RETURN = "talk-return"
PARKED = "parked"
SUPERVISE = "supervise"
STUDIO = "studio"
HEADSET = "headset"
AGENT_TOLD = "agent-told"
CONSULT = "consult"
CONSULT_OUTSIDE = "consult-outside"

Move = tuple[str, str, str]
"""A channel, and the context and extension that it is sent to."""


@dataclass(frozen=True)
class Contact:
    """A phone's registration as a node shows it."""

    aor: str
    uri: str
    reachable: bool


class Switchboard:
    """Orders to the nodes. Each raises AmiError as the manager's client does."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._compared: set[str] = set()

    @property
    def up(self) -> frozenset[str]:
        """The nodes that take orders now."""
        return self._nodes.up

    @property
    def known(self) -> frozenset[str]:
        """The nodes that take orders now, and of which we know who is where.

        Right after a connection we do not: callers whom we believe in hold may talk, for Asterisk serves them alone
        while nobody of ours is there, and an order about them would tear them out of it.
        """
        return self._nodes.up & self._compared

    def connected(self, node: str) -> None:
        """Note that whatever we believe of this node is yet to be compared with it."""
        self._compared.discard(node)

    def compared(self, node: str) -> None:
        """Note that what we believe of this node is so, or cannot be learnt."""
        self._compared.add(node)

    async def connect(self, node: str, channel: str, context: str, to: str, variables: Mapping[str, str]) -> None:
        """Send a caller in hold to somebody's phone.

        All orders go out at once, in order, without waiting for each answer: this is the time that counts between an
        agent's becoming free and the next ring. Raises AmiRefused when the caller is gone.
        """
        check_channel(channel)
        check_place(context, to, 1)
        client = self._nodes.client(node)
        orders = [
            client.action("Setvar", Channel=channel, Variable=name, Value=check_value(name, value))
            for name, value in variables.items()
        ]
        orders.append(client.action("Redirect", Channel=channel, Context=context, Exten=to, Priority=1))
        outcomes = await asyncio.gather(*orders, return_exceptions=True)
        if isinstance(outcomes[-1], BaseException):
            raise outcomes[-1]

    async def announce(self, node: str, channel: str) -> None:
        """Have a caller in hold hear where they stand. Raises AmiRefused when the caller is gone."""
        await self._nodes.client(node).action(
            "Redirect", Channel=check_channel(channel), Context=HOLD, Exten=ANNOUNCE, Priority=1
        )

    async def move(
        self, node: str, move: Move, also: Move | None = None, variables: Mapping[str, str] | None = None
    ) -> None:
        """Send a channel elsewhere, after giving it these variables; `also` is its partner in a bridge, which goes at
        the same moment, so that neither is hung up for being left by the other. Raises AmiRefused when it is gone.
        """
        channel, context, exten = move
        check_channel(channel)
        check_place(context, exten, 1)
        extra: dict[str, Any] = {}
        if also is not None:
            check_channel(also[0])
            check_place(also[1], also[2], 1)
            extra = {"ExtraChannel": also[0], "ExtraContext": also[1], "ExtraExten": also[2], "ExtraPriority": 1}
        client = self._nodes.client(node)
        orders = [
            client.action("Setvar", Channel=channel, Variable=name, Value=check_value(name, value))
            for name, value in (variables or {}).items()
        ]
        orders.append(client.action("Redirect", Channel=channel, Context=context, Exten=exten, Priority=1, **extra))
        outcomes = await asyncio.gather(*orders, return_exceptions=True)
        if isinstance(outcomes[-1], BaseException):
            raise outcomes[-1]

    async def hang_up(self, node: str, channel: str) -> None:
        """End a channel; one that is gone already is no error."""
        try:
            await hangup(self._nodes.client(node), channel)
        except AmiRefused:
            return

    async def channels(self, node: str) -> list[LiveChannel]:
        """Give the channels that live."""
        return await live_channels(self._nodes.client(node))

    async def variable(self, node: str, channel: str, name: str) -> str:
        """Read a channel's variable; empty when it has none or is gone."""
        try:
            response = await self._nodes.action(node, "Getvar", Channel=check_channel(channel), Variable=name)
        except AmiRefused:
            return ""
        return response.headers.text("Value")

    async def set_variable(self, node: str, channel: str, name: str, value: str) -> None:
        """Set a channel's variable; one that is gone is no error."""
        try:
            await setvar(self._nodes.client(node), channel, name, value)
        except AmiRefused:
            return

    async def contacts(self, node: str) -> list[Contact]:
        """Give the registered phones. A node without any refuses the list."""
        try:
            items = await self._nodes.client(node).action_list("PJSIPShowContacts", "ContactListComplete")
        except AmiRefused:
            return []
        return [
            Contact(_aor(item.text("ObjectName")), item.text("Uri"), _reachable(item.text("Status"))) for item in items
        ]

    async def beat(self, epoch: float) -> None:
        """Set the heartbeat on every node that is up; a node that does not answer gets the next one."""
        up = [self._nodes.client(node) for node in sorted(self.up)]
        await asyncio.gather(
            *(setvar(each, None, "ROUTER_BEAT", str(int(epoch))) for each in up), return_exceptions=True
        )

    async def take_message(self, node: str, channel: str, ticket_id: str) -> None:
        """Send a caller in hold to where they may leave a message. Raises AmiRefused when the caller is gone."""
        await self.move(node, (channel, MESSAGE, "s"), variables={"TICKET_ID": ticket_id})

    async def set_duty_numbers(self, node: str, numbers: str) -> None:
        """Tell a node whom to ring, with dashes between, when it serves callers alone."""
        await setvar(self._nodes.client(node), None, "DUTY_NUMBERS", numbers)

    async def place(self, node: str, what: Originate) -> None:
        """Dial. Raises OriginateUnknown when the order went out unacknowledged."""
        await originate(self._nodes.client(node), what)

    async def set_members(self, node: str, endpoints: Mapping[str, bool]) -> None:
        """Make the members of the node's own queue equal to these endpoints, each paused or not."""
        client = self._nodes.client(node)
        there = {each.interface: each.paused for each in await queue_members(client, FALLBACK_QUEUE)}
        wanted = {f"PJSIP/{endpoint}": paused for endpoint, paused in endpoints.items()}
        for interface in sorted(wanted.keys() - there.keys()):
            await queue_add(client, FALLBACK_QUEUE, interface, paused=wanted[interface])
        for interface in sorted(wanted.keys() & there.keys()):
            if wanted[interface] != there[interface]:
                await queue_pause(client, FALLBACK_QUEUE, interface, paused=wanted[interface])
        for interface in sorted(there.keys() - wanted.keys()):
            await queue_remove(client, FALLBACK_QUEUE, interface)


def _aor(name: str) -> str:
    """A contact is called AOR;@HASH when it registered, and AOR@@HASH when it is configured."""
    return name.partition(";@")[0].partition("@@")[0]


def _reachable(status: str) -> bool:
    """Asterisk's words for a contact that does not answer; one that nobody asks counts as reachable."""
    return status.lower() not in {"unreachable", "removed", "unavailable"}


__all__ = [
    "CONNECT",
    "CONNECT_DUTY",
    "CONNECT_OUTSIDE",
    "FALLBACK_QUEUE",
    "PLACED",
    "AmiError",
    "Contact",
    "Switchboard",
]

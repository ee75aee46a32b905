"""A node that is played: it speaks the manager's bytes, knows its channels, and does what a test says happened."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from routing.asterisk.headers import Headers
from tests.routing.asterisk.fake_ami import FakeAmi, error, packet, success

NODE = "a"


@dataclass
class Caller:
    """A caller of the played node."""

    channel: str
    uniqueid: str

    @property
    def ticket_id(self) -> str:
        return f"t-{self.uniqueid}"

    @property
    def ids(self) -> dict[str, str]:
        return {"Channel": self.channel, "Uniqueid": self.uniqueid, "Linkedid": self.uniqueid}

    @property
    def said(self) -> dict[str, str]:
        return {"CallId": self.uniqueid, "TicketId": self.ticket_id}


class PlayedNode:
    """Channels, registered phones and queue members of one node, and the events of what happens to them."""

    def __init__(self) -> None:
        self.ami = FakeAmi()
        self.channels: dict[str, dict[str, str]] = {}
        self.contacts: set[str] = set()
        self.members: dict[str, bool] = {}
        """The queue's members, and whether they are paused."""
        self._numbers = itertools.count(1)

    async def listen(self) -> None:
        """Be there for the router."""
        await self.ami.listen()
        for name, answer in {
            "Redirect": self._redirect,
            "CoreShowChannels": self.list_channels,
            "PJSIPShowContacts": self._list_contacts,
            "QueueStatus": self._list_members,
            "QueueAdd": self._member,
            "QueueRemove": self._member,
            "QueuePause": self._member,
        }.items():
            self.ami.answer(name, answer)

    def number(self) -> int:
        return next(self._numbers)

    # What happens on the node

    async def register(self, extension: str, status: str = "Reachable") -> None:
        (self.contacts.discard if status == "Removed" else self.contacts.add)(extension)
        await self.ami.push(
            "ContactStatus", URI=f"sip:{extension}@127.0.0.1:5062", ContactStatus=status, AOR=extension,
            EndpointName=extension,
        )  # fmt: skip

    async def call(self) -> Caller:
        """A caller reaches a flow."""
        number = self.number()
        caller = Caller(f"PJSIP/carrier-{number:08x}", f"{int(time.time())}.{number}")
        self.channels[caller.channel] = caller.ids | {"Context": "from-trunk", "ChannelStateDesc": "Up"}
        await self.ami.push("Newchannel", **caller.ids, ChannelStateDesc="Ring", Context="from-trunk", Exten="12349")
        return caller

    async def hold(self, caller: Caller, caller_class: str = "elder") -> None:
        """The caller reaches hold."""
        self.channels[caller.channel]["Context"] = "hold"
        headers = caller.ids | caller.said | {"Class": caller_class}
        await self.ami.push("UserEvent", UserEvent="Holding", **headers)

    async def rings(self, caller: Caller, extension: str, outside: bool = False) -> Caller:
        """The phone that the caller was sent to rings: give its leg."""
        self.channels[caller.channel]["Context"] = "connect-outside" if outside else "connect"
        number = self.number()
        name = f"PJSIP/{'carrier' if outside else extension}-{number:08x}"
        leg = Caller(name, f"{int(time.time())}.{number}")
        ids = leg.ids | {"Linkedid": caller.uniqueid}
        self.channels[leg.channel] = ids | {"Context": "connect", "ChannelStateDesc": "Ringing"}
        await self.ami.push("UserEvent", UserEvent="Connecting", **caller.ids, **caller.said, Agent=extension)
        await self.ami.push("Newchannel", **ids, ChannelStateDesc="Down", Context="connect", Exten="")
        await self.ami.push("DialBegin", **caller.ids, **_dest(leg, caller), DialString=extension)
        return leg

    async def answers(self, caller: Caller, leg: Caller) -> None:
        await self.ami.push("DialEnd", **caller.ids, **_dest(leg, caller), DialStatus="ANSWER")
        bridge = {"BridgeUniqueid": f"b-{leg.uniqueid}", "BridgeNumChannels": 2}
        for each in (leg, caller):
            self.channels[each.channel]["BridgeId"] = bridge["BridgeUniqueid"]
            await self.ami.push("BridgeEnter", **(each.ids | {"Linkedid": caller.uniqueid}), **bridge)

    async def fails(self, caller: Caller, extension: str, status: str, leg: Caller | None = None) -> None:
        """The dial failed; the caller is back in hold."""
        if leg:
            await self.ami.push("DialEnd", **caller.ids, **_dest(leg, caller), DialStatus=status)
            await self.hang_up(leg, caller.uniqueid)
        headers = caller.ids | caller.said | {"Agent": extension, "Status": status}
        await self.ami.push("UserEvent", UserEvent="ConnectFailed", **headers)
        await self.hold(caller)

    async def hang_up(self, leg: Caller, linkedid: str = "", cause: int = 16) -> None:
        self.channels.pop(leg.channel, None)
        ids = leg.ids | {"Linkedid": linkedid or leg.uniqueid}
        await self.ami.push("Hangup", **ids, **{"Cause": cause, "Cause-txt": "Normal Clearing"})

    # How the node answers

    def _redirect(self, action: Headers) -> list[bytes]:
        channel = self.channels.get(action.text("Channel"))
        if channel is None:
            return [error(action, "Channel does not exist.")]
        return [success(action, Message="Redirect successful")]

    def list_channels(self, action: Headers) -> list[bytes]:
        """What it answers when it is asked who is there."""
        ids = {"ActionID": action.text("ActionID")}
        items = [packet(Event="CoreShowChannel", **(each | ids)) for each in self.channels.values()]
        end = packet(Event="CoreShowChannelsComplete", **ids, EventList="Complete", ListItems=len(items))
        return [success(action, EventList="start"), *items, end]

    def _list_contacts(self, action: Headers) -> list[bytes]:
        ids = {"ActionID": action.text("ActionID")}
        items = [
            packet(Event="ContactList", ObjectName=f"{each};@abc", Uri=f"sip:{each}@127.0.0.1:5062", Status="Reachable",
                   **ids)
            for each in sorted(self.contacts)
        ]  # fmt: skip
        return [success(action, EventList="start"), *items, packet(Event="ContactListComplete", **ids)]

    def _list_members(self, action: Headers) -> list[bytes]:
        ids = {"ActionID": action.text("ActionID")}
        items = [
            packet(Event="QueueMember", Queue="fallback", Location=each, Paused=int(paused), **ids)
            for each, paused in sorted(self.members.items())
        ]
        return [success(action, EventList="start"), *items, packet(Event="QueueStatusComplete", **ids)]

    def _member(self, action: Headers) -> list[bytes]:
        if action.text("Action") == "QueueRemove":
            self.members.pop(action.text("Interface"), None)
        else:
            self.members[action.text("Interface")] = action.text("Paused").lower() == "true"
        return [success(action)]


def _dest(leg: Caller, caller: Caller) -> dict[str, str]:
    return {"DestChannel": leg.channel, "DestUniqueid": leg.uniqueid, "DestLinkedid": caller.uniqueid}

"""A model of one Asterisk node with our dialplan: channels, dials, bridges, and the manager's stream of events.

Orders are done as they come; events and answers wait in `stream`, in Asterisk's order, until the test delivers them.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from routing.asterisk.errors import AmiDisconnected, AmiRefused
from routing.asterisk.events import AmiEvent, Moment
from routing.asterisk.headers import Headers
from routing.asterisk.parsing import parse
from tests.routing.calls.machine.channel import Channel, dest_of

NODE = "a"
_AT = Moment(0.0, datetime(2026, 1, 1, tzinfo=UTC))


class Exchange:
    """The node. `now` tells the time; `dialled` is every number that was dialled by an Originate."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.channels: dict[str, Channel] = {}
        self.registered: set[str] = set()
        self.members: dict[str, bool] = {}
        self.dialled: list[str] = []
        self.doubled: list[str] = []
        """Phones that were called while they had a call."""
        self.left: set[str] = set()
        """Calls in which a message was left."""
        self.torn: list[str] = []
        """Who was sent elsewhere while they left a message."""
        self.stream: deque[AmiEvent | Callable[[], None]] = deque()
        self.connected = False
        self._numbers = itertools.count(1)
        self._waiting: list[asyncio.Future[Any]] = []
        self._orders: dict[str, Callable[[dict[str, Any]], list[Headers] | str]] = {
            "Setvar": self._setvar,
            "Getvar": self._getvar,
            "Redirect": self._redirect,
            "Hangup": self._hangup,
            "Originate": self._originate,
            "CoreShowChannels": self._list_channels,
            "PJSIPShowContacts": self._list_contacts,
            "QueueStatus": lambda _: [
                _headers(Event="QueueMember", Location=each, Paused=int(paused))
                for each, paused in sorted(self.members.items())
            ],
            "QueueAdd": self._member,
            "QueuePause": self._member,
            "QueueRemove": self._member,
        }

    # Orders

    def _member(self, order: dict[str, Any]) -> str:
        if "Paused" in order:
            self.members[order["Interface"]] = bool(order["Paused"])
        else:
            self.members.pop(order["Interface"], None)
        return ""

    def order(self, name: str, fields: dict[str, Any]) -> asyncio.Future[Any]:
        """Do an order; its answer comes in the stream. Raises AmiDisconnected when nobody is connected."""
        if not self.connected:
            raise AmiDisconnected("not connected")
        answer = asyncio.get_running_loop().create_future()
        try:
            result: Any = self._orders[name](fields)
        except AmiRefused as refused:
            error = refused
            self.stream.append(lambda: answer.done() or answer.set_exception(error))
        else:
            self.stream.append(lambda: answer.done() or answer.set_result(result))
        self._waiting = [each for each in (*self._waiting, answer) if not each.done()]
        return answer

    def cut(self) -> None:
        """The connection is gone, and with it whatever was on its way."""
        self.connected = False
        self.stream.clear()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(AmiDisconnected("cut", sent=True))

    def _setvar(self, order: dict[str, Any]) -> str:
        if order.get("Channel"):
            self._known(order["Channel"]).variables[order["Variable"].lstrip("_")] = order["Value"]
        return ""

    def _getvar(self, order: dict[str, Any]) -> str:
        return self._known(order["Channel"]).variables.get(order["Variable"], "")

    def _redirect(self, order: dict[str, Any]) -> str:
        channel = self._known(order["Channel"])
        if channel.context == "message":
            self.torn.append(channel.name)
        also = self._known(order["ExtraChannel"]) if "ExtraChannel" in order else None
        together = {channel.name, also.name} if also else {channel.name}
        self.leave(channel, staying=together)
        if also:
            self.leave(also, staying=together)
        self.enter(channel, order["Context"], order["Exten"])
        if also:
            self.enter(also, order["ExtraContext"], order["ExtraExten"])
        return ""

    def _hangup(self, order: dict[str, Any]) -> str:
        self.hang_up(self._known(order["Channel"]), 16)
        return ""

    def _originate(self, order: dict[str, Any]) -> str:
        number = order["Channel"].partition("/")[2].partition("@")[0]
        self.dialled.append(number)
        name = f"PJSIP/carrier-{next(self._numbers):08x}"
        channel = Channel(name, order["ChannelId"], order["ChannelId"], order["Context"], order["Exten"], up=False)
        channel.ring_until = self.now() + order["Timeout"] / 1000
        self.channels[name] = channel
        self.tell("Newchannel", **channel.ids, ChannelStateDesc="Down", Context=channel.context, Exten="s")
        return ""

    def _list_channels(self, _: dict[str, Any]) -> list[Headers]:
        return [
            _headers(**each.ids, ChannelStateDesc="Up" if each.up else "Ringing", Context=each.context,
                     Exten=each.exten, BridgeId=each.bridge)
            for each in self.channels.values()
        ]  # fmt: skip

    def _list_contacts(self, _: dict[str, Any]) -> list[Headers]:
        return [_headers(ObjectName=f"{each};@x", Uri=f"sip:{each}@h", Status="Avail") for each in self.registered]

    def _known(self, name: str) -> Channel:
        if name not in self.channels:
            raise AmiRefused("Order", "No such channel")
        return self.channels[name]

    # What people do

    def call(self) -> Channel:
        """A caller reaches a flow."""
        number = next(self._numbers)
        uniqueid = f"17000.{number}"
        channel = Channel(f"PJSIP/carrier-{number:08x}", uniqueid, uniqueid, "from-trunk")
        channel.variables["CALL_ID"] = uniqueid
        self.channels[channel.name] = channel
        self.tell("Newchannel", **channel.ids, ChannelStateDesc="Ring", Context="from-trunk", Exten="12349")
        return channel

    def answer(self, leg: Channel) -> None:
        """Whoever rings picks up."""
        leg.up, leg.ring_until = True, 0.0
        if not leg.dialled_by:
            self.tell("OriginateResponse", ActionID=leg.uniqueid, Response="Success", Reason=4, Channel=leg.name,
                      Uniqueid=leg.uniqueid)  # fmt: skip
            self.enter(leg, leg.context, leg.exten)
            return
        dialler = self.channels[leg.dialled_by]
        self.tell("DialEnd", **dialler.ids, **dest_of(leg), DialStatus="ANSWER")
        for each in (leg, dialler):
            each.bridge = f"b-{leg.uniqueid}"
            self.tell("BridgeEnter", **each.ids, BridgeUniqueid=each.bridge, BridgeNumChannels=2)

    def refuse(self, leg: Channel, status: str = "BUSY") -> None:
        """Whoever rings does not answer."""
        if leg.dialled_by:
            self.hang_up(leg, 17 if status == "BUSY" else 19, status)
            return
        reason = 5 if status == "BUSY" else 3
        self.tell("OriginateResponse", ActionID=leg.uniqueid, Response="Failure", Reason=reason, Channel=leg.name,
                  Uniqueid=leg.uniqueid)  # fmt: skip
        self.hang_up(leg, 17 if status == "BUSY" else 19)

    def register(self, extension: str, there: bool) -> None:
        (self.registered.add if there else self.registered.discard)(extension)
        self.tell("ContactStatus", URI=f"sip:{extension}@h", ContactStatus="Reachable" if there else "Removed",
                  AOR=extension, EndpointName=extension)  # fmt: skip

    def hang_up(self, channel: Channel, cause: int, status: str = "NOANSWER") -> None:
        """A leg ends; what becomes of whoever was with it is the dialplan's word."""
        if self.channels.pop(channel.name, None) is None:
            return
        if channel.variables.get("LEFT_WORD") == "1":
            self.left.add(channel.uniqueid)
            self._say("MessageLeft", channel)
        if channel.uniqueid == channel.linkedid and "CALL_ID" in channel.variables:
            self._say("CallGone", channel, Answered=1)
        self.leave(channel, cause=cause, status=status)
        self.tell("Hangup", **channel.ids, **{"Cause": cause, "Cause-txt": ""})

    def time_passes(self) -> None:
        """Phones that have rung long enough stop."""
        for leg in [each for each in self.channels.values() if 0 < each.ring_until <= self.now()]:
            if leg.name in self.channels:
                self.refuse(leg, "NOANSWER")

    # The dialplan

    def enter(self, channel: Channel, context: str, exten: str = "s") -> None:
        channel.context, channel.exten = context, exten
        if context == "hold":
            self._say("Holding", channel, Class=channel.variables.get("CALLER_CLASS", ""))
        elif context in ("connect", "consult"):
            self._say("Connecting" if context == "connect" else "Consulting", channel, Agent=exten)
            self._dial(channel, f"PJSIP/{exten}", exten in self.registered)
        elif context in ("connect-outside", "connect-duty", "consult-outside"):
            self._dial(channel, "PJSIP/carrier", True)
        elif context in ("talk", "talk-helper", "talk-guest"):
            channel.bridge = f"room-{channel.variables.get('CALL_ID', channel.linkedid)}"
            self.tell("BridgeEnter", **channel.ids, BridgeUniqueid=channel.bridge, BridgeNumChannels=2)

    def leave(
        self, channel: Channel, staying: set[str] = frozenset(), cause: int = 16, status: str = "NOANSWER"
    ) -> None:
        """A channel leaves where it is; `staying` are those who are moved with it."""
        bridge, channel.bridge = channel.bridge, ""
        leg = self.channels.get(channel.dials)
        dialler = self.channels.get(channel.dialled_by)
        channel.dials = channel.dialled_by = ""
        if leg is not None:
            leg.dialled_by = leg.bridge = ""
            if leg.name not in staying:
                self.hang_up(leg, 16)
        elif dialler is not None:
            dialler.dials = dialler.bridge = ""
            if dialler.name not in staying:
                self._dial_over(dialler, channel, "ANSWER" if channel.up else status, cause)
        elif bridge.startswith("room-") and channel.context in ("talk-helper", "talk-guest"):
            there = [each for each in self.channels.values() if each.bridge == bridge and each is not channel]
            if all(each.context == "talk" for each in there):
                for each in there:
                    each.bridge = ""
                    self._talk_over(each, cause)

    def _dial(self, channel: Channel, endpoint: str, there: bool) -> None:
        if not there:
            self._dial_over(channel, None, "CHANUNAVAIL", 0)
            return
        number = next(self._numbers)
        if endpoint != "PJSIP/carrier" and any(each.startswith(f"{endpoint}-") for each in self.channels):
            self.doubled.append(endpoint)
        leg = Channel(f"{endpoint}-{number:08x}", f"17000.{number}", channel.linkedid, channel.context, up=False)
        leg.dialled_by, channel.dials = channel.name, leg.name
        leg.variables = {"CALL_ID": channel.variables.get("CALL_ID", ""), "CALLER": channel.name}
        if channel.context.startswith("consult"):
            leg.variables["CALLER"] = channel.variables.get("CALLER", "")
        leg.ring_until = self.now() + float(channel.variables.get("RING_SECONDS", "20"))
        self.channels[leg.name] = leg
        self.tell("Newchannel", **leg.ids, ChannelStateDesc="Down", Context=channel.context, Exten="")
        self.tell("DialBegin", **channel.ids, **dest_of(leg), DialString="")

    def _dial_over(self, dialler: Channel, leg: Channel | None, status: str, cause: int) -> None:
        if leg is not None and status != "ANSWER":
            self.tell("DialEnd", **dialler.ids, **dest_of(leg), DialStatus=status)
        if dialler.context.startswith("consult"):
            self._consult_over(dialler, status)
        elif status == "ANSWER":
            self._talk_over(dialler, cause)
        else:
            self._say("ConnectFailed", dialler, Agent=dialler.exten, Status=status)
            self.enter(dialler, "hold")

    def _consult_over(self, agent: Channel, status: str) -> None:
        self._say("ConsultOver", agent, Agent=agent.exten, Status=status)
        caller = self.channels.get(agent.variables.get("CALLER", ""))
        if agent.variables.get("LEFT") == "1" or caller is None or caller.context != "parked":
            self.hang_up(agent, 16)
            return
        self.enter(agent, "talk-helper")
        self.enter(caller, "talk")

    def _talk_over(self, caller: Channel, cause: int) -> None:
        if cause in (16, 31):
            self.hang_up(caller, 16)
            return
        self._say("TalkBroken", caller, Cause=cause)
        caller.variables["TICKET_ID"] = ""
        self.enter(caller, "hold")

    # The stream

    def tell(self, event: str, **headers: object) -> None:
        parsed = parse(_headers(Event=event, **headers), NODE, _AT)
        if parsed is not None and self.connected:
            self.stream.append(parsed)

    def _say(self, event: str, channel: Channel, **headers: object) -> None:
        said = {"CallId": channel.variables.get("CALL_ID", ""), "TicketId": channel.variables.get("TICKET_ID", "")}
        self.tell("UserEvent", UserEvent=event, **channel.ids, **said, **headers)


def _headers(**values: object) -> Headers:
    return Headers((name, str(value)) for name, value in values.items())

"""What became of a call, told by its node alone: events in, the story out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from routing.calls.messages import TicketEnd
from routing.calls.recovery.lines import CallEvent
from routing.calls.talk import GUEST_DIAL

_CARRIER = "carrier"
"""The endpoint of calls from and to outside; there is a second one for unreadable numbers (dialplans/pjsip.conf.j2)."""
_PLACED = "placed-"
"""Automatic calls begin so, see routing/calls/outbound.py."""


@dataclass(frozen=True)
class CallFate:
    """How a call went. Times are epochs in seconds; `agent` is an extension, None for nobody or somebody outside."""

    call_id: str
    node: str
    direction: str
    dialled: str
    started_at: float
    ended_at: float
    outcome: str
    number: str = field(default="", repr=False)
    connected_at: float | None = None
    agent: str | None = None
    talk_seconds: float = 0.0
    fell_back: bool = False
    how: str = ""
    """For the journey: who ended it, and Q.850's cause."""

    @property
    def ticket_end(self) -> TicketEnd:
        """The end of a ticket that this call had."""
        if self.fell_back:
            return TicketEnd.FALLBACK
        if self.outcome == TicketEnd.PROMISED:
            return TicketEnd.PROMISED
        return TicketEnd.ABANDONED if self.connected_at is None else TicketEnd.ANSWERED


class CallStory:
    """Gathers the events of one call, in any order of those that share a moment, each of them once."""

    def __init__(self, call_id: str, node: str) -> None:
        self.call_id = call_id
        self.node = node
        self.last_at = 0.0
        self.sos = False
        """An SOS went to Asterisk's own queue: somebody must have a case."""
        self.message = False
        """A message was left that a person must hear."""
        self._heard: set[CallEvent] = set()
        self._began: CallEvent | None = None
        self._ended: CallEvent | None = None
        self._fell_back = False
        self._bridges: dict[str, set[str]] = {}
        self._connected_at: float | None = None
        self._talks_since: float | None = None
        self._talked = 0.0
        self._partner = ""

    @property
    def ours(self) -> bool:
        """Whether it is a call from outside or to outside that has a record; agents' calls to each other have none."""
        began = self._began
        if began is None or not _outside(_endpoint(began.channel)) or self.call_id.startswith(GUEST_DIAL):
            return False  # Whoever is called into a talk, as 120, is part of that call.
        return began.context == "from-trunk" or self.call_id.startswith(_PLACED)

    @property
    def begun(self) -> bool:
        """Whether its beginning was read."""
        return self._began is not None

    @property
    def ended_at(self) -> float | None:
        """When the caller's channel went; None while it lives, as far as is known."""
        return None if self._ended is None else max(self._ended.at, self._began.at if self._began else 0.0)

    def hear(self, event: CallEvent) -> None:
        """Take in an event; the same one again changes nothing."""
        if event in self._heard:
            return
        self._heard.add(event)
        self.last_at = max(self.last_at, event.at)
        match event.kind:
            case "CHAN_START" if event.first:
                self._began = event
            case "HANGUP" if event.first:
                self._ended = event
            case "LINKEDID_END":
                self._ended = self._ended or event
            case "BRIDGE_ENTER":
                self._enters(event)
            case "BRIDGE_EXIT":
                self._leaves(event)
            case "FELLBACK":
                self._fell_back = True
                self.sos = self.sos or event.told("extra") == "sos"
            case "MESSAGE":
                self.message = True

    def fate(self, lost_at: float | None = None) -> CallFate | None:
        """Tell how the call went; None while it is under way. `lost_at`: it ended with its node, at about that time."""
        began, ended = self._began, self._ended
        if began is None or (ended is None and lost_at is None):
            return None
        ended_at = self.ended_at or max(lost_at or 0.0, self.last_at)
        inbound = not self.call_id.startswith(_PLACED)
        talking = 0.0 if self._talks_since is None else max(0.0, ended_at - self._talks_since)
        return CallFate(
            self.call_id,
            self.node,
            "inbound" if inbound else "outbound",
            began.extension if inbound else "",
            began.at,
            ended_at,
            self._outcome(ended) if inbound else "",
            number=began.number if inbound else "",
            connected_at=self._connected_at,
            agent=None if _outside(self._partner) else self._partner or None,
            talk_seconds=round(self._talked + talking, 3),
            fell_back=self._fell_back,
            how="the node stopped" if ended is None else self._ending(ended, began),
        )

    def _outcome(self, ended: CallEvent | None) -> str:
        if self._connected_at is not None:
            return TicketEnd.ANSWERED
        if self.message:
            return TicketEnd.FALLBACK if self._fell_back else TicketEnd.PROMISED
        # A flow that has said good-bye leaves its caller in [next]; anywhere else the caller gave up.
        return TicketEnd.SELF_SERVED if ended is not None and ended.context == "next" else TicketEnd.ABANDONED

    @staticmethod
    def _ending(ended: CallEvent, began: CallEvent) -> str:
        source = ended.told("hangupsource")
        who = "caller" if source == began.channel else "other side" if source else "hotline"
        cause = ended.told("hangupcause")
        return f"{who} hung up" if cause in ("", "0") else f"{who} hung up, cause {cause}"

    def _enters(self, event: CallEvent) -> None:
        """Two in a bridge, one of them the caller, are a talk."""
        members = self._bridges.setdefault(event.told("bridge_id"), set())
        members.add(event.channel)
        others = [each for each in members if self._began and each != self._began.channel]
        if not others or len(others) == len(members):
            return
        if self._talks_since is None:
            self._talks_since = event.at
        if self._connected_at is None:
            self._connected_at = event.at
        self._partner = _endpoint(event.channel if event.channel in others else others[0]).removesuffix("-web")

    def _leaves(self, event: CallEvent) -> None:
        members = self._bridges.get(event.told("bridge_id"), set())
        members.discard(event.channel)
        if self._talks_since is not None and (event.first or len(members) < 2):
            self._talked += max(0.0, event.at - self._talks_since)
            self._talks_since = None


def _outside(endpoint: str) -> bool:
    return endpoint == _CARRIER or endpoint.startswith(f"{_CARRIER}-")


def _endpoint(channel: str) -> str:
    """Give the endpoint of a channel's name: carrier of PJSIP/carrier-0000002a; the line to a duty phone is outside."""
    if channel.startswith("Local/"):
        return _CARRIER
    return channel.partition("/")[2].rpartition("-")[0]

"""What happened on a node, in the past tense: the few of Asterisk's events that the router acts on.

Every event names node and moment. Statuses and states keep Asterisk's own words, as logs and documentation do.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from routing.asterisk.headers import Headers


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time on both clocks: monotonic seconds to measure with, wall time to write down."""

    monotonic: float
    wall: datetime


Clock = Callable[[], Moment]


def system_clock() -> Moment:
    """Read the machine's clocks; the default of whatever takes a `Clock`."""
    return Moment(time.monotonic(), datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiEvent:
    """The base of all events."""

    node: str
    at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(AmiEvent):
    """Our own: we are logged in to the node for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected(Connected):
    """Our own: we are logged in again; events between `Disconnected` and now were missed, so reconcile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected(AmiEvent):
    """Our own: the connection is gone; calls on the node may well go on."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyBooted(AmiEvent):
    """The node takes calls and actions; it follows every login, at once when the node has long been up."""

    uptime_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutDown(AmiEvent):
    """The node says that it is going down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent(AmiEvent):
    """Something happened to a channel; `linkedid` is the call id that its legs share."""

    channel: str
    uniqueid: str
    linkedid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStarted(ChannelEvent):
    """Newchannel: a leg began. The caller's number is personal data: mask it before it is logged."""

    caller_number: str = field(repr=False)
    context: str
    extension: str = field(repr=False)
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStateChanged(ChannelEvent):
    """Newstate: the leg is now Ring, Ringing, Up and so on."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupRequested(ChannelEvent):
    """HangupRequest and SoftHangupRequest: the leg is about to end; `ChannelHungUp` follows."""

    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHungUp(ChannelEvent):
    """Hangup: the leg is gone. `cause` is a Q.850 cause: 16 normal, 17 busy, 19 no answer."""

    cause: int
    cause_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHeld(ChannelEvent):
    """Hold: the phone put its partner on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelUnheld(ChannelEvent):
    """Unhold: the phone took its partner back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DtmfReceived(ChannelEvent):
    """DTMFEnd: a key that the channel's party pressed."""

    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEvent(ChannelEvent):
    """A dial from `channel` to `dest_channel`; `channel` and its ids are empty when we originated the leg ourselves."""

    dest_channel: str
    dest_uniqueid: str
    dest_linkedid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegan(DialEvent):
    """DialBegin: the other phone is being called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialProgressed(DialEvent):
    """DialState: the other phone says RINGING, PROGRESS or PROCEEDING."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(DialEvent):
    """DialEnd: ANSWER, BUSY, NOANSWER, CANCEL, CHANUNAVAIL, CONGESTION or ABORT."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged(ChannelEvent):
    """BridgeEnter: the leg hears the others of the bridge; `members` counts it too."""

    bridge: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbridged(ChannelEvent):
    """BridgeLeave: the leg left the bridge; `members` are those who remain."""

    bridge: str
    members: int


class OriginateReason(StrEnum):
    """Why an Originate ended as it did."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    CONGESTION = "congestion"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateFinished(AmiEvent):
    """OriginateResponse: what became of the dial that `action_id` asked for. Empty `channel`: none was ever made."""

    action_id: str
    answered: bool
    reason: OriginateReason
    channel: str
    uniqueid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(AmiEvent):
    """ContactStatus: a phone's registration is Created, Reachable, Unreachable, NonQualified, Updated or Removed."""

    aor: str
    endpoint: str
    status: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStateChanged(AmiEvent):
    """DeviceStateChange: NOT_INUSE, INUSE, RINGING, ONHOLD, BUSY, UNAVAILABLE, INVALID or UNKNOWN."""

    device: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEventRaised(ChannelEvent):
    """UserEvent: the dialplan told us something; `headers` are all of its headers."""

    name: str
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerEvent(UserEventRaised):
    """Our dialplan told us of a caller; `ticket_id` is empty until the flow or the router has made a ticket."""

    call_id: str
    ticket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(CallerEvent):
    """The caller has reached hold (again), and can be sent to an agent with Redirect from now on."""

    caller_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldKeyPressed(CallerEvent):
    """HoldKey: the caller pressed a key while holding."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting(CallerEvent):
    """The agent's phone, or an outside number, is about to be dialled for the caller."""

    agent: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectFailed(CallerEvent):
    """Not answered; the caller is on the way back to hold. `status` is Asterisk's DIALSTATUS."""

    agent: str = field(repr=False)
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(CallerEvent):
    """The caller was moved to Asterisk's own queue, because of `agi`, `heartbeat` or `overload`."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGone(CallerEvent):
    """The caller's channel ends; `answered` tells whether a person had been reached."""

    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeft(CallerEvent):
    """Nobody answered, and the caller may have left a message, which a person must hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkBroken(CallerEvent):
    """The phone of whoever helped died in the talk (Q.850 `cause`; 0: none was told); the caller goes back to hold."""

    cause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulting(CallerEvent):
    """The agent's channel is about to ring `agent` (or "outside") while the caller is parked."""

    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultOver(CallerEvent):
    """The one who was consulted did not answer (DIALSTATUS in `status`), or has left."""

    agent: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkKeyDialled(CallerEvent):
    """An agent has dialled `*` and an emergency number in a talk."""

    number: str

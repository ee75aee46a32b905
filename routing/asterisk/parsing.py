"""From the headers of an event to the event: one table, and nothing outside it is even decoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from routing.asterisk import events as ev
from routing.asterisk import queue_events as qe
from routing.asterisk.agent_events import AgentAsked, EarChanged
from routing.asterisk.headers import Headers

Reader = Callable[[Headers], object]


@dataclass(frozen=True, slots=True)
class Row:
    """How one kind of event is made: its class, and where each field comes from."""

    makes: Callable[..., ev.AmiEvent]
    fields: Mapping[str, Reader]


def _text(header: str) -> Reader:
    return lambda headers: headers.text(header)


def _number(header: str) -> Reader:
    return lambda headers: headers.number(header)


def _flag(header: str) -> Reader:
    return lambda headers: headers.text(header) == "1"


def _row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    return Row(makes, fields)


def _channel_row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    channel = {"channel": _text("Channel"), "uniqueid": _text("Uniqueid"), "linkedid": _text("Linkedid")}
    return Row(makes, channel | fields)


def _dial_row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    dest = {
        "dest_channel": _text("DestChannel"),
        "dest_uniqueid": _text("DestUniqueid"),
        "dest_linkedid": _text("DestLinkedid"),
    }
    return _channel_row(makes, **(dest | fields))


def _member_row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    member = {"queue": _text("Queue"), "interface": _text("Interface"), "paused": _flag("Paused")}
    return Row(makes, member | fields)


def _queued_row(makes: Callable[..., ev.AmiEvent]) -> Row:
    return _channel_row(makes, queue=_text("Queue"), position=_number("Position"))


def _bridge_row(makes: Callable[..., ev.AmiEvent]) -> Row:
    return _channel_row(makes, bridge=_text("BridgeUniqueid"), members=_number("BridgeNumChannels"))


# The numbers are Asterisk's control frames: 1 hangup, 3 ringing, 4 answer, 5 busy, 8 congestion (frame.h).
_ORIGINATE_REASONS: Final = {
    "1": ev.OriginateReason.NO_ANSWER,
    "3": ev.OriginateReason.NO_ANSWER,
    "4": ev.OriginateReason.ANSWERED,
    "5": ev.OriginateReason.BUSY,
    "8": ev.OriginateReason.CONGESTION,
}


def _originate_answered(headers: Headers) -> bool:
    return headers.text("Response") == "Success"


def _originate_reason(headers: Headers) -> ev.OriginateReason:
    """Response rules over Reason, so that a failure is never told as answered."""
    if _originate_answered(headers):
        return ev.OriginateReason.ANSWERED
    reason = _ORIGINATE_REASONS.get(headers.text("Reason"), ev.OriginateReason.FAILED)
    return ev.OriginateReason.FAILED if reason is ev.OriginateReason.ANSWERED else reason


def _originate_uniqueid(headers: Headers) -> str:
    """Asterisk writes `<null>` where no channel was made."""
    uniqueid = headers.text("Uniqueid")
    return "" if uniqueid == "<null>" else uniqueid


def _user_row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    return _channel_row(makes, name=_text("UserEvent"), headers=lambda headers: headers, **fields)


def _caller_row(makes: Callable[..., ev.AmiEvent], **fields: Reader) -> Row:
    return _user_row(makes, call_id=_text("CallId"), ticket_id=_text("TicketId"), **fields)


_USER_EVENTS: Final[Mapping[str, Row]] = {
    "Holding": _caller_row(ev.Holding, caller_class=_text("Class")),
    "HoldKey": _caller_row(ev.HoldKeyPressed, key=_text("Key")),
    "Connecting": _caller_row(ev.Connecting, agent=_text("Agent")),
    "ConnectFailed": _caller_row(ev.ConnectFailed, agent=_text("Agent"), status=_text("Status")),
    "FellBack": _caller_row(ev.FellBack, why=_text("Why")),
    "CallGone": _caller_row(ev.CallGone, answered=_flag("Answered")),
    "MessageLeft": _caller_row(ev.MessageLeft),
    "TalkBroken": _caller_row(ev.TalkBroken, cause=_number("Cause")),
    "Consulting": _caller_row(ev.Consulting, agent=_text("Agent")),
    "TalkKey": _caller_row(ev.TalkKeyDialled, number=_text("Number")),
    "AgentAsks": _caller_row(AgentAsked, what=_text("What")),
    "EarChanged": _user_row(EarChanged, ear=_text("Ear")),
    "ConsultOver": _caller_row(ev.ConsultOver, agent=_text("Agent"), status=_text("Status")),
}
_ANY_USER_EVENT: Final = _user_row(ev.UserEventRaised)

_EVENTS: Final[Mapping[str, Row]] = {
    "FullyBooted": _row(ev.FullyBooted, uptime_seconds=_number("Uptime")),
    "Shutdown": _row(ev.ShutDown),
    "Newchannel": _channel_row(
        ev.ChannelStarted,
        caller_number=_text("CallerIDNum"),
        context=_text("Context"),
        extension=_text("Exten"),
        state=_text("ChannelStateDesc"),
    ),
    "Newstate": _channel_row(ev.ChannelStateChanged, state=_text("ChannelStateDesc")),
    "HangupRequest": _channel_row(ev.HangupRequested, cause=_number("Cause")),
    "SoftHangupRequest": _channel_row(ev.HangupRequested, cause=_number("Cause")),
    "Hangup": _channel_row(ev.ChannelHungUp, cause=_number("Cause"), cause_text=_text("Cause-txt")),
    "Hold": _channel_row(ev.ChannelHeld),
    "Unhold": _channel_row(ev.ChannelUnheld),
    "DTMFEnd": _channel_row(ev.DtmfReceived, digit=_text("Digit"), duration_ms=_number("DurationMs")),
    "DialBegin": _dial_row(ev.DialBegan),
    "DialState": _dial_row(ev.DialProgressed, status=_text("DialStatus")),
    "DialEnd": _dial_row(ev.DialEnded, status=_text("DialStatus")),
    "BridgeEnter": _bridge_row(ev.Bridged),
    "BridgeLeave": _bridge_row(ev.Unbridged),
    "OriginateResponse": _row(
        ev.OriginateFinished,
        action_id=_text("ActionID"),
        answered=_originate_answered,
        reason=_originate_reason,
        channel=_text("Channel"),
        uniqueid=_originate_uniqueid,
    ),
    "ContactStatus": _row(
        ev.ContactChanged,
        aor=_text("AOR"),
        endpoint=_text("EndpointName"),
        status=_text("ContactStatus"),
        uri=_text("URI"),
    ),
    "DeviceStateChange": _row(ev.DeviceStateChanged, device=_text("Device"), state=_text("State")),
    "QueueMemberAdded": _member_row(qe.QueueMemberAdded),
    "QueueMemberRemoved": _member_row(qe.QueueMemberRemoved),
    "QueueMemberPause": _member_row(qe.QueueMemberPaused),
    "QueueMemberStatus": _member_row(qe.QueueMemberStatusChanged, status=_number("Status"), in_call=_flag("InCall")),
    "QueueCallerJoin": _queued_row(qe.QueueCallerJoined),
    "QueueCallerLeave": _queued_row(qe.QueueCallerLeft),
    "QueueCallerAbandon": _queued_row(qe.QueueCallerAbandoned),
    "UserEvent": _ANY_USER_EVENT,
}

WANTED: Final = frozenset(_EVENTS)
"""The names of the events that `parse` knows; a reader may drop all others unread."""


def parse(headers: Headers, node: str, at: ev.Moment) -> ev.AmiEvent | None:
    """Make the event that these headers tell of; None for one that the router has no use for."""
    name = headers.text("Event")
    row = _EVENTS.get(name)
    if row is None:
        return None
    if name == "UserEvent":
        row = _USER_EVENTS.get(headers.text("UserEvent"), _ANY_USER_EVENT)
    elif name == "DTMFEnd" and headers.text("Direction") != "Received":
        return None  # A key that we sent to a phone is no key that a caller pressed.
    return row.makes(node=node, at=at, **{field: read(headers) for field, read in row.fields.items()})

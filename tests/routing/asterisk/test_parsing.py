"""Headers as Asterisk 22 writes them, and the events that they make."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from routing.asterisk import events as ev
from routing.asterisk import queue_events as qe
from routing.asterisk.agent_events import AgentAsked, EarChanged
from routing.asterisk.headers import Headers
from routing.asterisk.parsing import WANTED, parse

AT = ev.Moment(12.5, datetime(2026, 11, 22, 8, 0, tzinfo=UTC))
CHANNEL = """
Channel: PJSIP/carrier-00000001
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 13900001234
CallerIDName: <unknown>
ConnectedLineNum: <unknown>
Language: zh
AccountCode:
Context: hold
Exten: s
Priority: 2
Uniqueid: 1700000000.1
Linkedid: 1700000000.1
"""
LEG = {"channel": "PJSIP/carrier-00000001", "uniqueid": "1700000000.1", "linkedid": "1700000000.1"}
BASE = {"node": "a", "at": AT}


def read(text: str) -> ev.AmiEvent | None:
    return parse(Headers.from_lines(text.strip().splitlines()), "a", AT)


def caller_event(name: str, more: str = "") -> Headers:
    return Headers.from_lines(
        f"Event: UserEvent\n{CHANNEL.strip()}\nUserEvent: {name}\nCallId: c-1\nTicketId: t-1\n{more}".splitlines()
    )


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (
            "Event: Newchannel" + CHANNEL,
            ev.ChannelStarted(**BASE, **LEG, caller_number="13900001234", context="hold", extension="s", state="Up"),
        ),
        ("Event: Newstate" + CHANNEL, ev.ChannelStateChanged(**BASE, **LEG, state="Up")),
        ("Event: HangupRequest" + CHANNEL + "Cause: 16", ev.HangupRequested(**BASE, **LEG, cause=16)),
        (
            "Event: Hangup" + CHANNEL + "Cause: 19\nCause-txt: User alerting, no answer",
            ev.ChannelHungUp(**BASE, **LEG, cause=19, cause_text="User alerting, no answer"),
        ),
        ("Event: Hold" + CHANNEL, ev.ChannelHeld(**BASE, **LEG)),
        ("Event: Unhold" + CHANNEL, ev.ChannelUnheld(**BASE, **LEG)),
        (
            "Event: DTMFEnd" + CHANNEL + "Digit: 5\nDurationMs: 160\nDirection: Received",
            ev.DtmfReceived(**BASE, **LEG, digit="5", duration_ms=160),
        ),
        ("Event: DTMFEnd" + CHANNEL + "Digit: 5\nDurationMs: 160\nDirection: Sent", None),
        (
            "Event: DialEnd"
            + CHANNEL
            + "DestChannel: PJSIP/1001-2\nDestUniqueid: 1700000000.2\nDestLinkedid: 1700000000.1\nDialStatus: NOANSWER",
            ev.DialEnded(
                **BASE,
                **LEG,
                dest_channel="PJSIP/1001-2",
                dest_uniqueid="1700000000.2",
                dest_linkedid="1700000000.1",
                status="NOANSWER",
            ),
        ),
        (
            "Event: BridgeEnter\nBridgeUniqueid: b-1\nBridgeNumChannels: 2" + CHANNEL,
            ev.Bridged(**BASE, **LEG, bridge="b-1", members=2),
        ),
        (
            "Event: BridgeLeave\nBridgeUniqueid: b-1\nBridgeNumChannels: 1" + CHANNEL,
            ev.Unbridged(**BASE, **LEG, bridge="b-1", members=1),
        ),
        (
            "Event: ContactStatus\nURI: sip:1001@127.0.0.1:5062\nContactStatus: Removed\nAOR: 1001\nEndpointName: 1001",
            ev.ContactChanged(**BASE, aor="1001", endpoint="1001", status="Removed", uri="sip:1001@127.0.0.1:5062"),
        ),
        (
            "Event: DeviceStateChange\nDevice: PJSIP/1001\nState: NOT_INUSE",
            ev.DeviceStateChanged(**BASE, device="PJSIP/1001", state="NOT_INUSE"),
        ),
        ("Event: FullyBooted\nUptime: 20\nLastReload: 20", ev.FullyBooted(**BASE, uptime_seconds=20)),
        ("Event: Shutdown\nShutdown: Cleanly\nRestart: False", ev.ShutDown(**BASE)),
        (
            "Event: QueueMemberPause\nQueue: fallback\nInterface: PJSIP/1001\nPaused: 1",
            qe.QueueMemberPaused(**BASE, queue="fallback", interface="PJSIP/1001", paused=True),
        ),
        (
            "Event: QueueMemberStatus\nQueue: fallback\nInterface: PJSIP/1001\nPaused: 0\nStatus: 2\nInCall: 1",
            qe.QueueMemberStatusChanged(
                **BASE, queue="fallback", interface="PJSIP/1001", paused=False, status=2, in_call=True
            ),
        ),
        (
            "Event: QueueCallerJoin" + CHANNEL + "Queue: fallback\nPosition: 3",
            qe.QueueCallerJoined(**BASE, **LEG, queue="fallback", position=3),
        ),
    ],
    ids=lambda value: value.split("\n")[0].removeprefix("Event: ") if isinstance(value, str) else "",
)
def test_an_event_is_read_from_its_headers(text: str, event: ev.AmiEvent | None) -> None:
    assert read(text) == event


@pytest.mark.parametrize(
    ("response", "reason", "answered", "why"),
    [
        ("Success", 4, True, ev.OriginateReason.ANSWERED),
        ("Failure", 0, False, ev.OriginateReason.FAILED),
        ("Failure", 1, False, ev.OriginateReason.NO_ANSWER),
        ("Failure", 3, False, ev.OriginateReason.NO_ANSWER),
        ("Failure", 5, False, ev.OriginateReason.BUSY),
        ("Failure", 8, False, ev.OriginateReason.CONGESTION),
        ("Failure", 4, False, ev.OriginateReason.FAILED),
        ("", "", False, ev.OriginateReason.FAILED),
    ],
)
def test_an_originates_end_is_told_with_its_reason(
    response: str, reason: int | str, answered: bool, why: ev.OriginateReason
) -> None:
    event = read(
        f"Event: OriginateResponse\nActionID: d-1\nResponse: {response}\nChannel: PJSIP/1-1\n"
        f"Reason: {reason}\nUniqueid: <null>"
    )
    assert event == ev.OriginateFinished(
        **BASE, action_id="d-1", answered=answered, reason=why, channel="PJSIP/1-1", uniqueid=""
    )


@pytest.mark.parametrize(
    ("name", "more", "kind", "fields"),
    [
        ("Holding", "Class: frail", ev.Holding, {"caller_class": "frail"}),
        ("HoldKey", "Key: 1", ev.HoldKeyPressed, {"key": "1"}),
        ("Connecting", "Agent: 1001", ev.Connecting, {"agent": "1001"}),
        ("ConnectFailed", "Agent: 1001\nStatus: BUSY", ev.ConnectFailed, {"agent": "1001", "status": "BUSY"}),
        ("FellBack", "Why: heartbeat", ev.FellBack, {"why": "heartbeat"}),
        ("CallGone", "Answered: 1", ev.CallGone, {"answered": True}),
        ("CallGone", "Answered: 0", ev.CallGone, {"answered": False}),
        ("MessageLeft", "", ev.MessageLeft, {}),
        ("TalkBroken", "Cause: 44", ev.TalkBroken, {"cause": 44}),
        ("TalkBroken", "Cause: ", ev.TalkBroken, {"cause": 0}),
        ("Consulting", "Agent: 1002", ev.Consulting, {"agent": "1002"}),
        ("TalkKey", "Number: 120", ev.TalkKeyDialled, {"number": "120"}),
        ("AgentAsks", "What: *10", AgentAsked, {"what": "*10"}),
        ("ConsultOver", "Agent: 1002\nStatus: BUSY", ev.ConsultOver, {"agent": "1002", "status": "BUSY"}),
    ],
)
def test_the_dialplans_user_events_are_read(
    name: str, more: str, kind: type[ev.CallerEvent], fields: dict[str, object]
) -> None:
    headers = caller_event(name, more)
    assert parse(headers, "a", AT) == kind(
        **BASE, **LEG, name=name, headers=headers, call_id="c-1", ticket_id="t-1", **fields
    )


def test_a_supervisors_change_of_way_is_read() -> None:
    event = parse(caller_event("EarChanged", "Ear: whisper"), "a", AT)
    assert isinstance(event, EarChanged)
    assert (event.ear, event.channel, event.uniqueid) == ("whisper", LEG["channel"], LEG["uniqueid"])


def test_every_user_event_of_the_dialplan_is_known() -> None:
    dialplans = Path(__file__).parents[3] / "dialplans"
    said = {
        name
        for template in dialplans.glob("*.j2")
        for name in re.findall(r"\bUserEvent\((\w+)", template.read_text(encoding="utf-8"))
    }
    assert said
    for name in said:
        assert type(parse(caller_event(name), "a", AT)) is not ev.UserEventRaised, name


def test_another_user_event_is_read_with_all_its_headers() -> None:
    event = read("Event: UserEvent" + CHANNEL + "UserEvent: Other\nNote: 张三丰")
    assert type(event) is ev.UserEventRaised
    assert (event.name, event.headers["Note"], event.channel) == ("Other", "张三丰", LEG["channel"])


def test_a_user_event_cannot_pass_for_another_channel() -> None:
    event = parse(caller_event("Holding", "Channel: PJSIP/other-9\nUniqueid: 9.9"), "a", AT)
    assert isinstance(event, ev.Holding)
    assert (event.channel, event.uniqueid) == (LEG["channel"], LEG["uniqueid"])


@pytest.mark.parametrize("name", ["VarSet", "Newexten", "RTCPSent", "", "hangup"])
def test_events_without_a_use_are_dropped(name: str) -> None:
    assert read(f"Event: {name}" + CHANNEL) is None
    assert name not in WANTED


@pytest.mark.parametrize("name", sorted(WANTED))
def test_no_missing_header_breaks_the_reading(name: str) -> None:
    event = read(f"Event: {name}")
    assert event is None or (event.node, event.at) == ("a", AT)
    assert (event is None) == (name == "DTMFEnd")


def test_numbers_of_callers_are_not_shown_where_a_log_might_catch_them() -> None:
    assert "13900001234" not in repr(read("Event: Newchannel" + CHANNEL))

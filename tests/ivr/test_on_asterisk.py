"""The channel on a real Asterisk with a real phone: what the loopback tests take for granted."""

import re
import socket
import threading
from typing import Any

import pytest

from ivr.agi_protocol import HardenedAgi
from ivr.call import CallerHungUp, CallFacts, HangupKind, RecordingEnd
from ivr.channel import AgiCall
from ivr.server import AgiServer
from tests.asterisk_node import AsteriskNode
from tests.ivr.conftest import PlainPrompts
from tests.ivr.conversations_on_asterisk import (
    LONG,
    PROMPTS,
    SECONDS,
    SHORT,
    Conversation,
    conversation,
    dial,
    finished,
    node,
    until_it_hears,
)
from tests.phones.phone import Phone
from tests.waiting import until

__all__ = ["conversation", "node"]

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]


def test_the_facts_are_those_of_the_call(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    conversation.talk = lambda call: call.facts
    dial(node, caller, conversation)
    facts: CallFacts = finished(conversation)
    assert facts.call_id == facts.uniqueid != ""
    assert (facts.node, facts.flow, facts.dialled) == (node.settings.node, "welcome", "12349")
    assert facts.caller_number == "13900000001"
    assert facts.channel.startswith("PJSIP/")
    caller.wait_for("hung_up", SECONDS)


def test_a_key_over_a_prompt_stops_it(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    conversation.talk = lambda call: (call.play(f"{LONG}+{LONG}+{LONG}", keys="12"), call.sounds_failed)
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("2")
    assert finished(conversation) == ("2", 0)


def test_keys_pressed_fast_over_a_prompt_are_all_kept(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    def talk(call: AgiCall) -> list[str | None]:
        call.play(LONG)
        return [call.wait_key(0.5) for _ in range(5)]

    conversation.talk = talk
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("47#1")
    assert finished(conversation) == ["4", "7", "#", "1", None]


def test_digits_are_read_to_the_hash(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    asking = threading.Event()

    def talk(call: AgiCall) -> tuple[str, str]:
        asking.set()
        first = call.read_digits(first_seconds=10, next_seconds=5, maximum=8)
        return first, call.read_digits(first_seconds=0.2, next_seconds=0.2, maximum=8)

    conversation.talk = talk
    dial(node, caller, conversation)
    assert asking.wait(SECONDS)
    threading.Event().wait(0.5)  # Nobody tells when Asterisk has begun to wait for keys.
    caller.press("0906#")
    assert finished(conversation) == ("0906", "")


def test_a_missing_file_is_told_from_a_hangup(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    def talk(call: AgiCall) -> int:
        call.play(f"no_such_sound+{SHORT}")
        return call.sounds_failed

    conversation.talk = talk
    dial(node, caller, conversation)
    assert finished(conversation) == 1


def test_without_any_sound_a_tone_is_heard(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    def talk(call: AgiCall) -> int:
        call._fallback = "no_such_fallback"
        call.play("no_such_sound")
        return call.sounds_failed

    conversation.talk = talk
    dial(node, caller, conversation)
    assert finished(conversation) == 2
    caller.wait_for("hung_up", SECONDS)
    assert abs(caller.heard()).max() > 1000


@pytest.mark.parametrize("step", ["play", "ask", "tell", "wait_key", "read_digits", "record", "get", "set", "between"])
def test_hanging_up(node: AsteriskNode, caller: Phone, conversation: Conversation, step: str) -> None:
    gone = threading.Event()

    def talk(call: AgiCall) -> None:
        if step == "play":
            call.play("+".join([LONG] * 6))
        elif step == "ask":
            call.ask([(LONG, {})] * 6, seconds=5)
        elif step == "tell":
            call.tell([(LONG, {})] * 6)
        elif step == "wait_key":
            call.wait_key(20)
        elif step == "read_digits":
            call.read_digits(first_seconds=20, next_seconds=20, maximum=4)
        elif step == "record":
            made = call.record("/run/elderline/recordings/test-hung-up", 20, 20)
            assert made.ended_by is RecordingEnd.HANGUP
        elif step in ("get", "set"):
            until(lambda: (call.set("IVR_REF", "x") if step == "set" else call.get("IVR_REF")) == "never", SECONDS)
        assert gone.wait(SECONDS)
        for _ in range(100):
            call.pause(0.1)

    conversation.talk = talk
    dial(node, caller, conversation)
    caller.hang_up()
    caller.wait_for("hung_up", SECONDS)
    gone.set()
    with pytest.raises(CallerHungUp) as ended:
        finished(conversation)
    assert ended.value.kind is HangupKind.HUNG_UP
    assert conversation.call is not None
    assert conversation.call.sounds_failed == 0


def test_giving_up_before_the_answer(node: AsteriskNode, caller: Phone) -> None:
    """The caller hangs up while it still rings: the answer finds nobody, and no thread stays behind."""
    called, gone, kinds = threading.Event(), threading.Event(), list[HangupKind]()

    def handler(agi: HardenedAgi) -> None:
        called.set()
        assert gone.wait(SECONDS)
        call = AgiCall(agi, PlainPrompts(), PROMPTS)
        try:
            for _ in range(100):  # The news of the hang-up may come a moment later.
                call.answer()
                call.pause(0.1)
        except CallerHungUp as hung_up:
            kinds.append(hung_up.kind)
            raise

    server = AgiServer(handler, port=node.settings.agi_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        caller.dial(f"sip:12349@127.0.0.1:{node.settings.sip_port}")
        assert called.wait(SECONDS)
        caller.hang_up()
        caller.wait_for("hung_up", SECONDS)
        gone.set()
        until(lambda: bool(kinds) and server.counts.active == 0, SECONDS)
    finally:
        gone.set()
        server.stop()
        server.drain(SECONDS)
        thread.join(SECONDS)
    assert (kinds, server.counts.failed) == ([HangupKind.HUNG_UP], 0)


@pytest.mark.parametrize("step", ["play", "ask", "tell", "wait_key", "between"])
def test_a_redirect_is_no_hangup(node: AsteriskNode, caller: Phone, conversation: Conversation, step: str) -> None:
    moved = threading.Event()

    def talk(call: AgiCall) -> None:
        if step == "play":
            call.play("+".join([LONG] * 6))
        elif step == "ask":
            call.ask([(LONG, {})] * 6, seconds=5)
        elif step == "tell":
            call.tell([(LONG, {})] * 6)
        elif step == "wait_key":
            call.wait_key(20)
        assert moved.wait(SECONDS)
        for _ in range(100):
            call.pause(0.1)

    conversation.talk = talk
    dial(node, caller, conversation)
    assert conversation.call is not None
    node.cli(f"channel redirect {conversation.call.facts.channel} fallback,s,1")
    moved.set()
    with pytest.raises(CallerHungUp) as ended:
        finished(conversation)
    assert ended.value.kind is HangupKind.CALLED_AWAY
    assert caller.busy
    caller.hang_up()
    caller.wait_for("hung_up", SECONDS)


@pytest.mark.parametrize("value", ['a" "b', "back\\", "x\nHANGUP", "${SHELL(id)} $[1+1]", "王奶奶", "x" * 1000])
def test_a_value_is_only_a_value(node: AsteriskNode, caller: Phone, conversation: Conversation, value: str) -> None:
    def talk(call: AgiCall) -> str | None:
        call.set("IVR_REF", value)
        return call.get("IVR_REF")

    conversation.talk = talk
    dial(node, caller, conversation)
    assert finished(conversation) == value.replace("\n", " ")


def test_a_message_is_recorded(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    recording = threading.Event()

    def talk(call: AgiCall) -> Any:
        recording.set()
        return call.record("/run/elderline/recordings/test-message", 10, 5)

    caller.tone_hz = 440
    conversation.talk = talk
    dial(node, caller, conversation)
    assert recording.wait(SECONDS)
    heard = threading.Timer(2.0, caller.press, ["#"])  # The message itself takes its time.
    heard.start()
    made = finished(conversation)
    assert (made.ended_by, made.key) == (RecordingEnd.KEY, "#")
    assert 1.0 < made.seconds < 10.0
    assert (node.folder / "recordings/test-message.wav").stat().st_size > 16_000


def test_beyond_the_limit_the_caller_falls_back(node: AsteriskNode, caller: Phone) -> None:
    taken = threading.Event()
    server = AgiServer(lambda _agi: taken.wait(SECONDS), port=node.settings.agi_port, max_calls=1)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with socket.create_connection(server.address, timeout=SECONDS) as other:
            other.sendall(b"agi_network: yes\n\n")
            caller.dial(f"sip:12349@127.0.0.1:{node.settings.sip_port}")
            caller.wait_for("connected", SECONDS)
            # Nobody is logged in, so the fallback goes on to take a message.
            assert re.search(r"!(fallback|message)!", node.cli("core show channels concise"))
            assert server.counts.turned_away == 1
            caller.hang_up()
            caller.wait_for("hung_up", SECONDS)
    finally:
        taken.set()
        server.stop()
        server.drain(SECONDS)
        thread.join(SECONDS)

"""Questions and last words in one command, on a real Asterisk with a real phone that presses keys."""

import time

import pytest

from ivr.call import ALWAYS_KEYS, URGENT_KEYS
from ivr.channel import AgiCall
from tests.asterisk_node import AsteriskNode
from tests.ivr.conversations_on_asterisk import (
    LONG,
    SHORT,
    Conversation,
    conversation,
    dial,
    finished,
    node,
    until_it_hears,
)
from tests.phones.phone import Phone

__all__ = ["conversation", "node"]

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]


@pytest.mark.parametrize(("words", "seconds"), [(LONG, 0.1), (SHORT, 20.0)])
def test_a_key_over_a_question_or_in_its_waiting_answers_it(
    node: AsteriskNode, caller: Phone, conversation: Conversation, words: str, seconds: float
) -> None:
    def talk(call: AgiCall) -> tuple[str | None, float, int]:
        key = call.ask([(SHORT, {}), (words, {}), (words, {})], seconds=seconds, quiet=0.5)
        return key, time.monotonic(), call.sounds_failed

    conversation.talk = talk
    dial(node, caller, conversation)
    until_it_hears(caller)
    if words == SHORT:
        until_it_hears(caller, sound=False)  # The waiting begins.
    pressed = time.monotonic()
    caller.press("#")
    key, answered, failed = finished(conversation)
    assert (key, failed) == ("#", 0)
    assert answered - pressed < 8.0  # Far from its end, which is after 11 or 21 s.


def test_keys_pressed_fast_walk_through_questions(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    conversation.talk = lambda call: [call.ask([(LONG, {}), (LONG, {})], seconds=4, quiet=0.5) for _ in range(4)]
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("7#1*")
    assert finished(conversation) == ["7", "#", "1", "*"]


def test_a_question_waits_as_long_as_it_says(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    def talk(call: AgiCall) -> tuple[str | None, float]:
        began = time.monotonic()
        return call.ask([(SHORT, {})], seconds=1.7, quiet=0.3), time.monotonic() - began

    conversation.talk = talk
    dial(node, caller, conversation)
    key, took = finished(conversation)
    assert key is None
    assert 2.4 < took < 20.0


@pytest.mark.parametrize(("keys", "pressed"), [(ALWAYS_KEYS, "12#"), (ALWAYS_KEYS, "78*"), (URGENT_KEYS, "12#*9")])
def test_only_some_keys_stop_what_is_told(
    node: AsteriskNode, caller: Phone, conversation: Conversation, keys: str, pressed: str
) -> None:
    conversation.talk = lambda call: call.tell([(LONG, {}), (LONG, {}), (LONG, {})], seconds=5.0, keys=keys)
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press(pressed)
    assert finished(conversation) == pressed[-1]


def test_words_with_a_missing_file_are_said_without_it(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    def talk(call: AgiCall) -> tuple[str | None, int]:
        return call.ask([(f"no_such_sound+{SHORT}", {}), (LONG, {})], seconds=1.0), call.sounds_failed

    conversation.talk = talk
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("4")
    assert finished(conversation) == ("4", 1)

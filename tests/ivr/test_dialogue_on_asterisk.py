"""The dialogue with a real phone on a real Asterisk: again, louder, bursts, and tones that are no keys."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.call import Delivery
from ivr.channel import AgiCall
from ivr.dialogue import Dialogue, Matched, NoMatch, PersonAsked, SosAsked
from tests.asterisk_node import AsteriskNode
from tests.ivr.conversations_on_asterisk import (
    LONG,
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

CHOICES = {"1": "meal", "2": "cleaning"}
BOTH = Delivery(slow=True, loud=True)


def took(phone: Phone, key: str) -> bool:
    """Whether the phone took the key: it has room for 32 that are still to be sounded."""
    try:
        phone.press(key)
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize(("said", "pressed"), [("say", "*#0"), ("conclude", "#*9"), ("say", "9"), ("conclude", "0")])
def test_words_are_said_again_and_louder_until_somebody_is_wanted(
    node: AsteriskNode, caller: Phone, conversation: Conversation, said: str, pressed: str
) -> None:
    def talk(call: AgiCall) -> tuple[str, Delivery]:
        try:
            words = LONG + "+" + LONG
            Dialogue(call).say(words) if said == "say" else Dialogue(call).conclude(words)
        except (PersonAsked, SosAsked) as asked:
            return type(asked).__name__, call.delivery
        return "nobody", call.delivery

    conversation.talk = talk
    dial(node, caller, conversation)
    for key in pressed:  # Each over the words, when they are heard (again), after the quiet that follows a key.
        until_it_hears(caller)
        caller.press(key)
        until_it_hears(caller, sound=False)
    asked, delivery = finished(conversation)
    assert asked == ("SosAsked" if pressed[-1] == "9" else "PersonAsked")
    assert (delivery == BOTH) is ("#" in pressed)


@pytest.mark.parametrize("burst", ["7" * 50, "*#8A" * 12 + "77"])
def test_a_burst_while_nothing_is_asked_chooses_nothing(
    node: AsteriskNode, caller: Phone, conversation: Conversation, burst: str
) -> None:
    def talk(call: AgiCall) -> Any:
        dialogue = Dialogue(call)
        dialogue.say(LONG + "+" + LONG)
        return dialogue.menu(SHORT, CHOICES)

    conversation.talk = talk
    dial(node, caller, conversation)
    until_it_hears(caller)
    for key in burst:
        until(lambda key=key: conversation.done.is_set() or took(caller, key), SECONDS)
    assert finished(conversation) == NoMatch()


def test_the_tones_a_to_d_are_passed_over_and_the_key_after_them_counts(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    conversation.talk = lambda call: Dialogue(call).menu(f"{LONG}+{LONG}", CHOICES)
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("ABCD2")
    assert finished(conversation) == Matched("cleaning")


def test_a_menu_is_said_again_in_the_next_delivery(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    conversation.talk = lambda call: (Dialogue(call).menu(f"{LONG}+{LONG}", CHOICES), call.delivery)
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("#")
    until_it_hears(caller, sound=False)  # The quiet after a key.
    until_it_hears(caller)
    caller.press("1")
    assert finished(conversation) == (Matched("meal"), BOTH)


def test_a_number_of_keys_ends_with_the_hash_and_a_second_one_is_forgiven(
    node: AsteriskNode, caller: Phone, conversation: Conversation
) -> None:
    def talk(call: AgiCall) -> Any:
        dialogue = Dialogue(call)
        entered = dialogue.ask(f"{LONG}+{LONG}", digits=4)
        return entered, dialogue.menu(f"{LONG}+{LONG}", CHOICES), call.delivery

    conversation.talk = talk
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("0906#1")
    entered, chosen, delivery = finished(conversation)
    assert entered.value == "0906"
    assert chosen == Matched("meal")
    assert delivery == Delivery()


def test_two_wrong_keys_are_no_match(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    conversation.talk = lambda call: Dialogue(call).menu(f"{LONG}+{LONG}", CHOICES)
    dial(node, caller, conversation)
    until_it_hears(caller)
    caller.press("78")
    assert finished(conversation) == NoMatch()

"""Keys that nobody asked for, and as odd telephones send them: a person, or what the keys say; no call is lost."""

from __future__ import annotations

import threading

import pytest

from db.models.calls import CallRecord
from tests.phones.odd_keys import hold_down, press_by_info
from tests.story.scene import Person, Scene
from tests.story.test_keys import AGENT_HZ, CALLER_HZ, SINGLE

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

ELDER = SINGLE[-2]
HELD_SECONDS = 3.0


def in_the_menu(scene: Scene) -> Person:
    """An elder who has been greeted, and hears the menu begin."""
    caller = scene.person(ELDER.number)
    scene.dial(caller)
    caller.hears(scene.greeting(), who=_called(ELDER.name, ELDER.sex))
    caller.hears_something()
    return caller


def talks_to_the_agent(scene: Scene, caller: Person, agent: Person) -> None:
    """The two hear each other, without a silence before, and part."""
    agent.hears_tone(CALLER_HZ)
    caller.hears_tone(AGENT_HZ)
    assert caller.silent_spells() == []
    caller.phone.hang_up()


def outcome(scene: Scene, before: dict[str, CallRecord]) -> str | None:
    """Give how the one call since `before` went, once it has ended."""
    (record,) = scene.new_calls(before, 1)
    return record.outcome


def test_keys_by_sip_info_count_once_each(scene: Scene) -> None:
    before, ordered = scene.calls(), len(scene.orders(ELDER.code))
    agent, caller = scene.agent(), in_the_menu(scene)
    press_by_info(caller.phone, "1")
    caller.hears("services.intro")
    caller.hears_something()
    press_by_info(caller.phone, "0")
    talks_to_the_agent(scene, caller, agent)
    assert outcome(scene, before) == "answered"
    assert len(scene.orders(ELDER.code)) == ordered


def test_tones_a_to_d_are_no_keys_and_a_key_that_is_held_down_is_one(scene: Scene) -> None:
    before, ordered = scene.calls(), len(scene.orders(ELDER.code))
    agent, caller = scene.agent(), in_the_menu(scene)
    caller.phone.press("ABCD")
    caller.hears("welcome.menu")  # To its end: none of them stopped it, or counted as a wrong key.
    hold_down(caller.phone, "1", HELD_SECONDS)
    caller.hears("services.intro")
    caller.hears("services.person")  # The next menu is said to its end: the same key did not choose there, too.
    caller.phone.press("0")
    talks_to_the_agent(scene, caller, agent)
    assert outcome(scene, before) == "answered"
    assert len(scene.orders(ELDER.code)) == ordered


def test_keys_before_the_first_word_and_in_hold_lose_nobody(scene: Scene) -> None:
    before, ordered = scene.calls(), len(scene.orders(ELDER.code))
    caller = scene.person(ELDER.number)
    scene.dial(caller)
    caller.phone.press("5#")  # Nothing has been said yet, nothing was asked.
    caller.hears_something()
    caller.phone.press("0")
    scene.until("the caller waits", scene.living)
    pause = threading.Event()
    for pressed in "2345678*#":
        caller.phone.press(pressed)
        pause.wait(0.3)  # Faster than a hand, slower than one tone.
    assert scene.living()
    talks_to_the_agent(scene, caller, scene.agent())
    assert outcome(scene, before) == "answered"
    assert len(scene.orders(ELDER.code)) == ordered


def _called(name: str, sex: str) -> str:
    return f"{name[0]}{'奶奶' if sex == 'female' else '爷爷'}"

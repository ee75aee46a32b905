"""ivr is restarted while elders are in its menus: they go on as if nothing had been, and so does whoever calls then."""

from __future__ import annotations

import pytest

from ivr.handover import process_at
from scripts.parts import ivr_place
from tests.story.scene import Person, Scene
from tests.story.test_keys import AGENT_HZ, CALLER_HZ, SINGLE

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]


OLD = [each for each in SINGLE if each.age >= 75]
"""Who is younger is not addressed as a grandmother."""


def greeted(scene: Scene, at: int) -> Person:
    """One of the elders, greeted by name by ivr; the menu begins."""
    elder = OLD[at]
    caller = scene.person(elder.number)
    scene.dial(caller)
    caller.hears(scene.greeting(), who=f"{elder.name[0]}{'奶奶' if elder.sex == 'female' else '爷爷'}")
    return caller


def chooses_services(caller: Person) -> None:
    """Press 1 over the menu, and hear the next one begin."""
    caller.hears_something()
    caller.phone.press("1")
    caller.hears("services.intro")
    caller.hears_something()


def test_a_restart_cuts_nobody_and_new_callers_are_answered_at_once(scene: Scene) -> None:
    place, before, agent = ivr_place(scene.hotline.settings), scene.calls(), scene.agent()
    first = process_at(place)
    caller = greeted(scene, 0)
    scene.hotline.restart("ivr")
    chooses_services(caller)  # With the one that leaves.
    between = greeted(scene, 1)  # By whichever is there: the next one may not have started yet.
    chooses_services(between)
    scene.until("the next one answers", lambda: process_at(place) not in (first, None))
    after = greeted(scene, 2)
    chooses_services(after)
    for each in (caller, between):
        each.phone.hang_up()
    after.phone.press("0")
    agent.hears_tone(CALLER_HZ)
    after.hears_tone(AGENT_HZ)
    assert [each.silent_spells() for each in (caller, between, after)] == [[], [], []]
    scene.leave(caller, between, after)
    outcomes = sorted(str(each.outcome) for each in scene.new_calls(before, 3))
    assert "fallback" not in outcomes, outcomes

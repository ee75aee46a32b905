"""A sample of the simulated elders (tests/ivr/elders) on a real Asterisk with real phones, three at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from db.demo_people import ELDERS, DemoElder
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

AGENT_HZ = 1000
CALLERS = [each for each in ELDERS[6:] if each.payer_class == "self_paid"]


@dataclass(frozen=True)
class Sample:
    """One elder: what they do once the hotline speaks, and how their call must end."""

    name: str
    acts: Callable[[Scene, Person], None]
    outcome: str = "answered"


def _nothing(_scene: Scene, _caller: Person) -> None:
    """Press nothing at all."""


def _late(_scene: Scene, caller: Person) -> None:
    caller.hears("welcome.person")
    caller.phone.press("1")


def _over_the_greeting(keys: str, _scene: Scene, caller: Person) -> None:
    caller.hears_something()
    caller.phone.press(keys)


def _at_the_menu(keys: str, _scene: Scene, caller: Person) -> None:
    caller.hears_beginning("welcome.menu")
    caller.phone.press(keys)


def _again_and_slower(_scene: Scene, caller: Person) -> None:
    """Forgets what was said, and then does not understand it."""
    caller.hears_something()
    caller.phone.press("*")
    caller.hears_within(1.5)
    caller.phone.press("#")
    caller.hears_within(1.5)


def _hang_up_and_call_again(scene: Scene, caller: Person) -> None:
    caller.hears_something()
    caller.phone.hang_up()
    scene.dial(caller)
    caller.hears_something()
    caller.phone.press("0")


SAMPLES = (
    Sample("presses nothing", _nothing),
    Sample("presses late", _late),
    Sample("panics", partial(_over_the_greeting, "9")),
    Sample("wrong keys", partial(_at_the_menu, "88")),
    Sample("key over the prompt", partial(_over_the_greeting, "111"), "self_served"),
    Sample("impatient", partial(_over_the_greeting, "0")),
    Sample("hangs up and calls again", _hang_up_and_call_again),
    Sample("several keys at once", partial(_at_the_menu, "#*87")),
    Sample("forgets, hears badly", _again_and_slower),
)


def _calls(scene: Scene, sample: Sample, elder: DemoElder) -> None:
    caller, before, elder_id = scene.person(elder.number), scene.calls(), scene.elder_id(elder)

    def answered() -> bool:
        new = (each for each in scene.calls().values() if each.id not in before)
        return any(each.agent_extension for each in new if each.elder_id == elder_id)

    scene.dial(caller)
    sample.acts(scene, caller)
    if sample.outcome == "answered":
        scene.until(f"{sample.name} has an agent", answered, 120)
        caller.hears_tone(AGENT_HZ)
        caller.phone.hang_up()
    else:
        caller.phone.wait_for("hung_up", 90, caller.phone.events[0].at)
    assert caller.silent_spells() == [], sample.name


@pytest.mark.parametrize("first", range(0, len(SAMPLES), 3))
def test_elders_who_err_get_a_person_or_their_service(scene: Scene, first: int) -> None:
    together = list(zip(SAMPLES[first : first + 3], CALLERS, strict=False))
    before = scene.calls()
    scene.agent(tone_hz=AGENT_HZ)
    scene.at_once(*(partial(_calls, scene, sample, elder) for sample, elder in together))
    extra = sum(sample.acts is _hang_up_and_call_again for sample, _ in together)
    records = scene.new_calls(before, len(together) + extra)
    for sample, elder in together:
        own = [each.outcome for each in records if each.elder_id == scene.elder_id(elder)]
        assert own.count(sample.outcome) == 1, (sample.name, own)
        assert set(own) <= {sample.outcome, "abandoned"}, (sample.name, own)

"""A caller who presses nothing, everything, or hangs up: a person or what was asked for, never silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from db.demo import DEMO
from db.demo_people import ELDERS, DemoElder
from db.models import ElderManner
from routing.manners.keeping import read_history
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

AGENT_HZ, CALLER_HZ = 1000, 440
MUSIC = 0.01
"""Root mean square (0 to 1) of music that an elder hears: -40 dBFS; speech here is at about -20."""
SINGLE = [each for each in ELDERS[6:] if each.payer_class == "self_paid"]
"""Elders of whom the story tells nothing."""


def test_who_presses_nothing_waits_with_music_and_reaches_a_person(scene: Scene) -> None:
    before, caller = scene.calls(), scene.person(DEMO.quiet.number)
    scene.dial(caller)
    caller.hears(scene.greeting(), who="李爷爷")
    caller.hears("welcome.menu")
    caller.hears("welcome.person")
    scene.until("he waits", scene.living)
    for second in np.array_split(caller.hears_within(4), 4)[1:]:
        assert np.sqrt((second**2).mean()) > MUSIC
    scene.agent(tone_hz=AGENT_HZ).hears_tone(CALLER_HZ)
    caller.hears_tone(AGENT_HZ)
    assert caller.silent_spells() == []
    scene.leave(caller)
    (record,) = scene.new_calls(before, 1)
    assert (record.outcome, record.agent_extension) == ("answered", "1001")


@pytest.mark.parametrize(
    ("keys", "outcome"), [("7384*#65" * 6 + "73", "answered"), ("1" * 40, "self_served"), ("0" * 40, "answered")]
)
def test_who_presses_everything_gets_a_person_or_what_the_keys_say(scene: Scene, keys: str, outcome: str) -> None:
    elder = SINGLE[-1]
    before, ordered = scene.calls(), len(scene.orders(elder.code))
    caller, agent = scene.person(elder.number), scene.agent()
    scene.dial(caller)
    for first in range(0, len(keys), 20):  # A telephone keeps some thirty keys until they are sent.
        caller.phone.press(keys[first : first + 20])
        caller.hears_within(5)
    if outcome == "answered":
        agent.hears_tone(CALLER_HZ)
        caller.hears_tone(AGENT_HZ)
        caller.phone.hang_up()
    else:
        caller.phone.wait_for("hung_up", 60, caller.phone.events[0].at)
    assert caller.silent_spells() == []
    (record,) = scene.new_calls(before, 1)
    assert record.outcome == outcome, scene.journey(record.id)
    assert len(scene.orders(elder.code)) - ordered == (1 if "1" in keys else 0)


def test_two_elders_on_one_number_are_asked_which(scene: Scene) -> None:
    husband, wife = DEMO.couple
    caller = scene.person(wife.number)
    scene.dial(caller)
    caller.hears("welcome.unknown")
    caller.hears("welcome.which_elder", first="张爷爷", second="陈奶奶")
    caller.phone.press("2")
    caller.hears("welcome.menu")
    caller.phone.press("1")
    caller.hears("services.choice", service="送餐", key="1")
    caller.phone.press("1")
    caller.hears("order.confirm", service="送餐", price=_meal_price(scene))
    caller.phone.press("1")
    (order,) = scene.until("her order", lambda: scene.orders(wife.code))
    caller.hears("order.placed", number=order.number)
    caller.hears("bye.goodbye")
    caller.phone.wait_for("hung_up", 60)
    assert scene.orders(husband.code) == []


def test_0_over_the_greeting_is_a_person(scene: Scene) -> None:
    caller, agent = scene.person(DEMO.quiet.number), scene.agent()
    scene.dial(caller)
    caller.hears_something()
    caller.phone.press("0")
    agent.hears_tone(CALLER_HZ)
    caller.hears_tone(AGENT_HZ)
    assert not caller.ears.heard_before("welcome.menu")


def test_9_over_the_greeting_is_an_sos_with_a_case(scene: Scene) -> None:
    before, caller, agent = scene.calls(), scene.person(DEMO.quiet.number), scene.agent()
    scene.dial(caller)
    caller.hears_something()
    caller.phone.press("9")
    agent.hears_tone(CALLER_HZ)
    caller.hears_tone(AGENT_HZ)
    scene.leave(caller)
    (record,) = scene.new_calls(before, 1)
    assert [case.state for case in scene.cases("sos") if case.call_id == record.id] == ["open"]
    assert [ticket.caller_class for ticket in scene.tickets(record.id)] == ["sos"]


def _greeting(scene: Scene, caller: Person) -> None:
    caller.hears_within(0.5)


def _menu(scene: Scene, caller: Person) -> None:
    caller.hears("welcome.menu")


def _services(scene: Scene, caller: Person) -> None:
    _menu(scene, caller)
    caller.phone.press("1")
    caller.hears("services.choice", service="送餐", key="1")


def _before_she_confirms(scene: Scene, caller: Person) -> None:
    _services(scene, caller)
    caller.phone.press("1")
    caller.hears_beginning("order.confirm", service="送餐", price=_meal_price(scene))


def _after_she_confirmed(scene: Scene, caller: Person) -> None:
    _before_she_confirms(scene, caller)
    caller.phone.press("1")
    scene.until("the order", lambda: _orders_of(scene, caller))


def _waiting(scene: Scene, caller: Person) -> None:
    caller.hears_something()
    caller.phone.press("0")
    scene.until("a ticket", scene.living)


STEPS = (_greeting, _menu, _services, _before_she_confirms, _after_she_confirmed, _waiting)


def test_who_hangs_up_leaves_one_record_no_ticket_and_only_what_was_confirmed(scene: Scene) -> None:
    before = scene.calls()
    elders = dict(zip(STEPS, SINGLE, strict=False))

    def call(step: Callable[[Scene, Person], None], elder: DemoElder) -> None:
        caller = scene.person(elder.number)
        scene.dial(caller)
        step(scene, caller)
        caller.phone.hang_up()

    scene.at_once(*[partial(call, step, elder) for step, elder in elders.items()])
    records = {record.number: record for record in scene.new_calls(before, len(STEPS))}
    scene.until("no ticket left", lambda: not scene.living())
    for step, elder in elders.items():
        record = records[elder.number]
        if (
            step is not _waiting
        ):  # The flow notices a moment after the router, and its steps are written behind the call.
            scene.until(f"the hang-up noted: {step}", lambda of=record.id: "welcome.hung_up" in scene.journey(of))
        story = scene.journey(record.id)
        assert len(scene.orders(elder.code)) == (1 if step is _after_she_confirmed else 0), (step, story)
        assert [each.end for each in scene.tickets(record.id)] == (["abandoned"] if step is _waiting else []), step


def _meal_price(scene: Scene) -> int:
    return next(item.price_fen for item in scene.hotline.services.orders.menu() if item.name == "送餐")


def _orders_of(scene: Scene, caller: Person) -> object:
    elder = next(each for each in SINGLE if each.number.endswith(caller.phone.number[-6:]))
    return scene.orders(elder.code)


def test_how_an_elder_fared_is_kept_and_who_needs_a_person_gets_one_at_once(scene: Scene) -> None:
    elder = SINGLE[-2]
    manners, elder_id = scene.hotline.services.manners, scene.elder_id(elder)

    def fares(count: int) -> bool:
        with scene.hotline.stores.reading() as session:
            row = session.get(ElderManner, elder_id)
            return row is not None and len(read_history(row.learnt).fares) >= count

    for call in range(1, 4):
        caller = scene.person(elder.number)
        scene.dial(caller)
        caller.hears("welcome.person")
        scene.until("his ticket", scene.living)
        scene.leave(caller)
        scene.until("no ticket left", lambda: not scene.living())
        scene.until(f"fare {call}", lambda count=call: fares(count))
    assert manners.of(elder_id).straight_to_person
    caller = scene.person(elder.number)
    scene.dial(caller)
    caller.hears("welcome.person")
    assert not caller.ears.heard_before("welcome.menu")

"""Ordering for tomorrow, cancelling, ordering the same again and giving a score, each by a call with a few keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from db.demo_people import ELDERS, DemoElder
from db.demo_services import COMPANIES
from routing.orders.policy import OrderState
from routing.orders.times import MORNING
from routing.orders.views import OrderView
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

_REPAIRED = next(each.districts for each in COMPANIES if "repair" in each.items)
ELDERLY = [each for each in ELDERS[6:] if each.payer_class == "self_paid" and each.district in _REPAIRED][:4]
"""Elders of whom no other story of this hotline tells, and to whom everything is brought: one for each call."""


def test_each_is_a_call_with_a_few_keys_and_nobody_waits_for_a_person(scene: Scene) -> None:
    before = scene.calls()
    acts = (_orders_for_tomorrow, _cancels, _orders_the_same_again, _gives_a_score)
    scene.at_once(*[partial(act, scene, elder) for act, elder in zip(acts, ELDERLY, strict=True)])
    assert {record.outcome for record in scene.new_calls(before, len(acts))} == {"self_served"}
    assert not scene.living()


def _dials(scene: Scene, caller: Person, key: str) -> float:
    """Dial, and press the first key over the greeting, as somebody does who knows the menu."""
    since = scene.dial(caller)
    caller.hears_something()
    caller.phone.press(key)
    return since


def _is_let_go(caller: Person, since: float) -> None:
    caller.hears("bye.goodbye")
    caller.phone.wait_for("hung_up", 60, since)


def _orders(scene: Scene, elder: DemoElder) -> list[OrderView]:
    """Give the elder's orders, the first one first."""
    ids = sorted(order.id for order in scene.orders(elder.code))
    return [scene.hotline.services.orders.get(order_id) for order_id in ids]


def _place(scene: Scene, elder: DemoElder, kind: str) -> OrderView:
    """Have something ordered at the desk."""
    services = scene.hotline.services
    elder_id = services.directory.look_up(elder.number).elder_id
    assert elder_id is not None
    (item,) = services.orders.menu(kind)
    return services.orders.place(elder_id, item.id, key=f"desk-{elder.code}", source="desk")


def _orders_for_tomorrow(scene: Scene, elder: DemoElder) -> None:
    caller = scene.person(elder.number)
    repair = next(kind for kind in scene.hotline.services.orders.kinds() if kind.code == "repairs")
    since = _dials(scene, caller, "1")
    caller.hears("services.intro")
    caller.phone.press(str(repair.key))
    caller.hears_beginning("order.confirm", service=repair.item.name, price=repair.item.price_fen)
    caller.hears("order.not_at_all")  # A repair comes by day and by night, so that 2 is tomorrow at any hour.
    caller.phone.press("2")
    (order,) = scene.until("the order", lambda: _orders(scene, elder))
    caller.hears("order.placed", number=order.number)
    caller.hears("order.visit_at", when=order.due_at)
    _is_let_go(caller, since)
    due, now = order.due_at.astimezone(scene.hotline.settings.zone), datetime.now(scene.hotline.settings.zone)
    assert due.time() == MORNING
    assert due.date() - now.date() in (timedelta(days=1), timedelta(0))  # Midnight may have struck meanwhile.


def _cancels(scene: Scene, elder: DemoElder) -> None:
    order, caller = _place(scene, elder, "cleaning"), scene.person(elder.number)
    since = _dials(scene, caller, "2")
    caller.hears("status.stands", service=order.item_name, number=order.number, state=order.state.value)
    caller.hears("status.cancel")
    caller.phone.press("1")
    caller.hears("cancel.sure", service=order.item_name)
    caller.phone.press("1")
    caller.hears("cancel.done")
    _is_let_go(caller, since)
    last = scene.hotline.services.orders.history(order.id)[-1]
    assert (last.to_state, last.actor, last.channel) == ("cancelled", f"elder:{order.elder_id}", "phone_key")


def _orders_the_same_again(scene: Scene, elder: DemoElder) -> None:
    first, caller = _place(scene, elder, "repairs"), scene.person(elder.number)
    scene.hotline.services.orders.cancel(first.id, actor="user:1", channel="desk", reason="the story begins after it")
    since = _dials(scene, caller, "2")
    caller.hears("status.none")
    caller.hears("status.again", service=first.item_name)
    caller.phone.press("2")
    caller.hears("order.not_at_all")
    caller.phone.press("1")
    _, again = scene.until("the same again", lambda: found if len(found := _orders(scene, elder)) > 1 else None)
    caller.hears("order.placed", number=again.number)
    _is_let_go(caller, since)
    assert (again.item_id, again.source) == (first.item_id, "voice")


def _gives_a_score(scene: Scene, elder: DemoElder) -> None:
    services, caller = scene.hotline.services, scene.person(elder.number)
    done = _place(scene, elder, "meals")
    offer = services.dispatch.offer_next(done.id)
    assert offer is not None
    worker_id = services.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="desk").worker_id
    assert worker_id is not None
    services.visits.check_in(worker_id, elder.number, "in")
    services.visits.check_out(worker_id, elder.number, "out")
    since = _dials(scene, caller, "2")
    caller.hears("status.rate")
    caller.phone.press("3")
    caller.hears("rate.which", service=done.item_name)
    caller.hears("callback.score")
    caller.phone.press("5")
    caller.hears("callback.thanks")
    _is_let_go(caller, since)
    assert services.orders.get(done.id).state is OrderState.RATED

"""A care worker's day on a real telephone: in, what was done, out; and a telephone that is locked."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.demo_services import WORKERS
from db.models import ServiceItem, Visit, VisitTask, Worker
from routing.orders.policy import OrderState
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

CARER = next(each for each in WORKERS if each.certificate)
WRONG = "135792#"


def test_a_visit_with_tasks_and_a_telephone_that_is_locked(scene: Scene) -> None:
    before = scene.calls()
    order_id = _accepted(scene)
    scene.at_once(partial(_in_and_out, scene), partial(_is_locked_out, scene))
    scene.everybody_leaves()
    outcomes = sorted(record.outcome for record in scene.new_calls(before, 3))
    assert outcomes == ["abandoned", "self_served", "self_served"]

    assert scene.hotline.services.orders.get(order_id).state is OrderState.DONE
    with scene.hotline.stores.reading() as session:
        (visit,) = session.scalars(select(Visit).where(Visit.order_id == order_id))
        results = [each.result for each in session.scalars(select(VisitTask).order_by(VisitTask.id))]
    assert (visit.in_verified, visit.out_verified, visit.in_from, visit.out_from) == (True, True, "home", "home")
    assert results == ["done", "not_needed", "refused"]
    assert visit.minutes is not None
    (case,) = scene.cases("visit")
    assert (case.state, case.number) == ("open", DEMO.quiet.number)
    for pin in (CARER.pin, WRONG[:-1]):
        assert pin not in scene.hotline.log("ivr")


def _accepted(scene: Scene) -> int:
    """A bath for 王奶奶, which this worker is sent to."""
    services, stores = scene.hotline.services, scene.hotline.stores
    with stores.reading() as session:
        item_id = session.scalars(select(ServiceItem.id).where(ServiceItem.code == "bathing")).one()
        worker = session.scalars(select(Worker).where(Worker.code == CARER.code)).one()
    order = services.orders.place(scene.elder_id(DEMO.wang), item_id, key="bath-of-the-story", source="desk")
    offer = services.dispatch.offer_next(order.id)
    assert offer is not None
    taken = services.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="phone_key")
    assert taken.worker_id == worker.id
    return order.id


def _in_and_out(scene: Scene) -> None:
    home = scene.person(DEMO.wang.number)
    since = _identified(scene, home)
    home.hears("visit.home", who="王奶奶")
    home.phone.press("1")
    home.ears.hear_beginning("visit.checked_in", 1, 60)
    home.phone.wait_for("hung_up", 60, since)
    since = _identified(scene, home)
    home.hears("visit.which")
    home.phone.press("2")
    home.hears("visit.tasks")
    for key, task in (("1", "洗头洗澡"), ("2", "换衣服"), ("3", "剪指甲")):
        home.hears("visit.task", task=task)
        home.phone.press(key)
    home.ears.hear_beginning("visit.checked_out", 1, 60)
    home.phone.wait_for("hung_up", 60, since)


def _identified(scene: Scene, home: Person) -> float:
    since = scene.dial(home, scene.hotline.settings.did_visits)
    home.hears_something()
    home.phone.press(f"{CARER.pin}#")  # Over the greeting, as somebody does who comes every day.
    return since


def _is_locked_out(scene: Scene) -> None:
    other = scene.person(DEMO.quiet.number)
    scene.dial(other, scene.hotline.settings.did_visits)
    other.hears("visit.enter_pin")
    other.phone.press(WRONG)
    for _ in range(2):
        other.hears("visit.wrong_pin")
        other.phone.press(WRONG)
    other.hears("visit.locked")
    scene.until("the desk's case", lambda: scene.cases("visit"))
    scene.until("a person is asked for", scene.living)

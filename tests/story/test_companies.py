"""A company dials its line: it declines with a reason, hears its list of the day, and says when it takes orders."""

from __future__ import annotations

import pytest

from db.demo_people import ELDERS
from db.demo_services import COMPANIES
from db.models import Offer
from routing.orders.views import OfferView, OrderView
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

COMPANY = COMPANIES[1]
"""Bathing and cleaning: no other story of this hotline asks it."""
ELDER = ELDERS[6]


def _offered(scene: Scene, item: str, key: str) -> OfferView:
    """Have something ordered at the desk that this company is asked for."""
    services = scene.hotline.services
    order = services.orders.place(scene.elder_id(ELDER), _item(scene, item), key=key, source="desk")
    offer = services.dispatch.offer_next(order.id)
    found = offer or next(each for each in _waiting(scene) if each.order_id == order.id)
    assert found.company_id == _company(scene)
    return found


def _item(scene: Scene, code: str) -> int:
    return next(item.id for item in scene.hotline.services.orders.menu() if item.code == code)


def _company(scene: Scene) -> int:
    company = scene.hotline.services.directory.look_up(COMPANY.number).company_id
    assert company is not None
    return company


def _waiting(scene: Scene) -> tuple[OfferView, ...]:
    return scene.hotline.services.dispatch.waiting_for(_company(scene))


def _accepted(scene: Scene) -> OrderView:
    offer = _offered(scene, "bathing", "companies-accepted")
    return scene.hotline.services.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="desk")


def test_declines_with_a_reason_hears_the_list_and_closes_for_today(scene: Scene) -> None:
    services, mine = scene.hotline.services, _accepted(scene)
    asked = _offered(scene, "bathing", "companies-asked")
    caller: Person = scene.person(COMPANY.number)
    scene.dial(caller, scene.hotline.settings.did_companies)
    caller.hears("company.waiting", orders=1)
    caller.hears_something()
    caller.phone.press("1")
    caller.hears("offer.order", service=asked.item_name, number=asked.number, when=asked.due_at)
    caller.phone.press("2")
    caller.hears_beginning("offer.why")
    caller.phone.press("3")
    caller.hears("offer.declined")
    caller.hears_something()
    with scene.hotline.stores.reading() as session:
        offer = session.get_one(Offer, asked.id)
        assert (offer.state, offer.decline_reason) == ("declined", "bad_time")
    caller.phone.press("2")
    (told,) = services.company_line.work_list(_company(scene))
    caller.hears("company.order", when=mine.due_at, who=told.address, service=mine.item_name, number=mine.number)
    caller.phone.press("3")
    caller.hears_beginning("company.menu")
    caller.phone.press("3")
    caller.hears_beginning("company.availability")
    caller.phone.press("1")
    caller.hears("company.saved")
    scene.until("closed", lambda: services.company_line.availability.now(_company(scene)).closed_until)
    caller.hears_beginning("company.closed", when=services.clock())
    (word,) = services.availability.history(_company(scene))
    assert (word.kind, word.channel) == ("closed", "phone_key")
    assert not caller.silent_spells()

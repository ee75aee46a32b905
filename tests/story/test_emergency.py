"""An urgent repair is offered to three companies at once: their telephones ring together, the first key wins, and a
telephone that still rings falls silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from db.demo_people import ELDERS, fixed_line
from db.demo_services import COMPANIES
from db.models import Offer, Worker
from db.models.calls import CallRecord
from routing.orders.policy import OrderState
from routing.orders.providers.register import NewCompany
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

OTHERS = (fixed_line(304), fixed_line(305))
REPAIRS = COMPANIES[2]
ELDER = next(each for each in ELDERS if each.district in REPAIRS.districts)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """With the worker, whose job it is to have telephones let go that ring in vain."""
    with open_scene(tmp_path_factory.mktemp("scene"), "redis", "asterisk", "ivr", "router", "worker") as scene:
        yield scene


def _listen(company: Person) -> None:
    """Pick up, show that somebody is there, and hear what it is about."""
    company.hears_beginning("offer.greet")
    company.phone.press("5")
    company.hears_beginning("offer.menu")


def _open_company(scene: Scene, code: str, number: str) -> None:
    """One that repairs, with somebody to send."""
    services, cipher = scene.hotline.services, scene.hotline.stores.cipher
    company = services.company_register.add(NewCompany(code, f"应急维修{code}", number, ("repair",)))
    with scene.hotline.stores.unit_of_work() as session:
        session.add(
            Worker(
                code=f"{code}-1", company_id=company, name="石小勇", phone=number,
                phone_index=cipher.number_index(number), pin_index=cipher.pin_index(code),
            )
        )  # fmt: skip


def _outcomes(scene: Scene) -> list[str]:
    """How the calls that we made went, as their records say."""
    with scene.hotline.stores.reading() as session:
        return list(session.scalars(select(CallRecord.outcome).where(CallRecord.direction == "outbound")))


def test_three_are_rung_together_and_the_first_key_wins(scene: Scene) -> None:
    services = scene.hotline.services
    for code, number in zip(("E01", "E02"), OTHERS, strict=True):
        _open_company(scene, code, number)
    companies = [scene.person(number) for number in (REPAIRS.number, *OTHERS)]
    repair = next(item.id for item in services.orders.menu() if item.code == "repair")
    order = services.orders.place(scene.elder_id(ELDER), repair, key="emergency", source="desk")
    services.dispatch.offer_next(order.id)
    late, first, slow = companies
    slow.phone.answers = False
    assert services.callbacks.dial_due() == len(companies)
    scene.at_once(lambda: _listen(late), lambda: _listen(first), lambda: slow.phone.wait_for("ringing", 60))
    assert slow.phone.busy, "it rings until somebody has won"
    first.phone.press("1")
    first.hears("offer.accepted")
    winner = services.directory.look_up(OTHERS[0]).company_id
    taken = services.orders.get(order.id)
    assert (taken.state, taken.company_id) == (OrderState.ACCEPTED, winner)
    slow.phone.wait_for("hung_up", 60)
    assert not slow.phone.listened, "nobody ever picked up"
    scene.until("its call was withdrawn", lambda: _outcomes(scene).count("withdrawn") == 1)
    late.phone.press("1")
    late.hears("offer.gone")
    with scene.hotline.stores.reading() as session:
        offers = session.execute(select(Offer.company_id, Offer.state).where(Offer.order_id == order.id)).all()
    assert [company for company, state in offers if state == "accepted"] == [winner]
    assert {state for company, state in offers if company != winner} == {"withdrawn"}
    assert services.orders.get(order.id) == taken, "who came late changed nothing"

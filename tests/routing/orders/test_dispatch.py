"""Offers: who is asked, by call and SMS; accepted, declined, expired, and when nobody is left."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.demo_people import DISTRICTS
from db.models import Callback, Case, Company, Offer, Order, WorkerCertificate
from routing.calls.messages import CaseOpened
from routing.errors import NotFound
from routing.orders.commands import SendBack
from routing.orders.errors import MovedMeanwhile, OfferGone
from routing.orders.policy import OrderState
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

FAR = next(each for each in (DEMO.one_key, DEMO.straight) if each.district in DISTRICTS[2:])
"""Lives where two companies bring meals."""


def offers(town: Town) -> list[Offer]:
    return town.rows(Offer)


def test_a_company_is_called_at_once_and_told_by_sms(town: Town) -> None:
    order = town.place()
    (offer,) = offers(town)
    (call,) = town.rows(Callback)
    assert (call.cause, call.kind, call.flow, call.reference) == (f"offer-{offer.id}", "offer", "offer", str(offer.id))
    assert call.number == DEMO.company.number
    assert call.due_at <= town.clock()
    (text,) = town.sms_to(DEMO.company.number)
    assert order.number in text
    assert DEMO.wang.name not in text
    assert "rating" in offer.reason


def test_accepted_assigns_a_worker_and_tells_elder_and_worker(town: Town) -> None:
    order = town.accept(town.place())
    assert order.state is OrderState.ACCEPTED
    assert order.company_name == DEMO.company.name
    assert order.worker_name == DEMO.worker.name
    (elder_text,) = town.sms_to(DEMO.wang.number)
    assert "田师傅" in elder_text
    assert order.number in elder_text
    assert "今天11:30" in elder_text
    (worker_text,) = town.sms_to(DEMO.worker.number)
    assert "王奶奶" in worker_text
    assert DEMO.wang.address in worker_text
    assert "12348" in worker_text


def test_the_least_busy_worker_is_sent(town: Town) -> None:
    first, second = town.accept(town.place()), town.accept(town.place(DEMO.quiet))
    assert first.company_id == second.company_id
    assert first.worker_id != second.worker_id


def test_declined_goes_to_the_next_company(town: Town) -> None:
    order = town.place(FAR)
    offer_id, _, company_id = town.open_offers()[0]
    after = town.dispatch.answer(offer_id, False, actor=f"company:{company_id}", channel="phone_key")
    assert after.state is OrderState.OFFERED
    assert [offer.state for offer in offers(town)] == ["declined", "open"]
    assert len({offer.company_id for offer in offers(town)}) == 2
    moves = [step.to_state for step in town.orders.history(order.id)]
    assert moves == ["requested", "offered", "requested", "offered"]


def test_when_nobody_is_left_a_supervisor_is_asked(town: Town) -> None:
    order = town.place()
    offer_id, _, company_id = town.open_offers()[0]
    after = town.dispatch.answer(offer_id, False, actor=f"company:{company_id}", channel="phone_key")
    assert after.state is OrderState.UNASSIGNED
    (case,) = town.rows(Case)
    assert (case.kind, case.order_id, case.state) == ("dispatch", order.id, "open")
    assert any(isinstance(message, CaseOpened) for message in town.published)


def test_when_no_company_offers_it_a_supervisor_is_asked_at_once(town: Town) -> None:
    with town.unit_of_work() as session:
        for company in session.scalars(select(Company)):
            company.active = False
    order = town.place()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert "not active" in town.orders.history(order.id)[-1].reason


def test_not_answered_in_time_expires_and_goes_on(town: Town) -> None:
    order = town.place(FAR)
    assert town.dispatch.sweep() == 0
    town.clock.forward(minutes=10, seconds=1)
    assert town.dispatch.sweep() == 1
    assert [offer.state for offer in offers(town)] == ["expired", "open"]
    town.clock.forward(minutes=11)
    town.dispatch.sweep()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert town.dispatch.sweep() == 0


def test_an_answer_that_comes_too_late_is_refused(town: Town) -> None:
    town.place(FAR)
    offer_id, _, company_id = town.open_offers()[0]
    town.clock.forward(minutes=11)
    with pytest.raises(OfferGone):
        town.dispatch.answer(offer_id, True, actor=f"company:{company_id}", channel="phone_key")
    town.dispatch.sweep()
    with pytest.raises(OfferGone):
        town.dispatch.answer(offer_id, True, actor=f"company:{company_id}", channel="phone_key")


def test_another_company_cannot_answer(town: Town) -> None:
    town.place()
    offer_id, _, company_id = town.open_offers()[0]
    with pytest.raises(NotFound):
        town.dispatch.answer(offer_id, True, actor=f"company:{company_id + 1}", channel="phone_key")


def test_what_waits_for_a_company_is_read_to_it(town: Town) -> None:
    order = town.place()
    _, _, company_id = town.open_offers()[0]
    (waiting,) = town.dispatch.waiting_for(company_id)
    assert (waiting.number, waiting.item_name, waiting.district) == (order.number, "送餐", DEMO.wang.district)
    assert town.dispatch.get_offer(waiting.id) == waiting
    town.clock.forward(minutes=11)
    assert town.dispatch.waiting_for(company_id) == ()


def test_a_worker_without_the_certificate_is_not_sent(town: Town) -> None:
    with town.unit_of_work() as session:
        for held in session.scalars(select(WorkerCertificate).where(WorkerCertificate.kind == "care")):
            held.expires = town.clock().date().replace(year=2020)
    order = town.place(item="bathing")
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED


def test_a_supervisor_gives_the_order_to_who_agreed(town: Town) -> None:
    order = town.place()
    offer_id, _, company_id = town.open_offers()[0]
    left = town.dispatch.answer(offer_id, False, actor=f"company:{company_id}", channel="phone_key")
    with pytest.raises(MovedMeanwhile):
        town.dispatch.assign(order.id, company_id, actor="user:1", expected_version=left.version - 1)
    given = town.dispatch.assign(order.id, company_id, actor="user:1", expected_version=left.version)
    assert (given.state, given.company_id) == (OrderState.ACCEPTED, company_id)
    assert given.worker_id is not None


def test_a_supervisor_may_have_it_offered_anew(town: Town) -> None:
    order = town.place()
    offer_id, _, company_id = town.open_offers()[0]
    town.dispatch.answer(offer_id, False, actor=f"company:{company_id}", channel="phone_key")
    town.clock.forward(minutes=1)
    town.orders.carry_out(order.id, SendBack(), actor="user:1", channel="desk", reason="they have time again")
    assert town.orders.get(order.id).state is OrderState.OFFERED
    assert [offer.round for offer in offers(town)] == [1, 2]


def test_one_answer_counts_however_many_come_at_once(any_town: Town) -> None:
    any_town.place()
    offer_id, _, company_id = any_town.open_offers()[0]
    ends = at_once(
        4, lambda at: any_town.dispatch.answer(offer_id, at % 2 == 0, actor=f"company:{company_id}", channel="desk")
    )
    assert len([end for end in ends if isinstance(end, OfferGone)]) == 3
    assert len([row for row in any_town.rows(Offer) if row.answered_at is not None]) == 1


def test_two_sweeps_at_once_offer_an_order_once(any_town: Town) -> None:
    any_town.place(FAR)
    any_town.clock.forward(minutes=11)
    at_once(4, lambda _at: any_town.dispatch.sweep())
    assert [offer.state for offer in any_town.rows(Offer)] == ["expired", "open"]
    assert len(any_town.rows(Order)) == 1

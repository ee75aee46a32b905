"""Decisions of dispatch are kept with their reasons: whom it asked, and why it left out each of the others."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from db.models import Case, Company, DispatchDecision, Elder, Offer
from routing.orders.dispatching.decisions import DecisionView, decisions_of
from routing.orders.dispatching.policy import Why
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.routing.orders.dispatching.test_emergencies import add_repairers
from tests.routing.town import Town


def decisions(town: Town, order: OrderView) -> tuple[DecisionView, ...]:
    with town.reading() as session:
        return decisions_of(session, order.id)


def company(town: Town, code: str) -> int:
    with town.reading() as session:
        return session.scalars(select(Company.id).where(Company.code == code)).one()


def test_each_company_is_chosen_or_left_out_with_its_reason(town: Town) -> None:
    order = town.place()
    (decision,) = decisions(town, order)
    (chosen,) = decision.ranking.chosen
    assert (decision.outcome, decision.asked, chosen.company_id) == ("offered", (1,), 1)
    left = {each.company_id: each.why for each in decision.ranking.left_out}
    assert left == {company(town, "C02"): Why.ITEM, company(town, "C03"): Why.DISTRICT}


def test_each_round_leaves_its_own(town: Town) -> None:
    add_repairers(town, 4)
    order = town.place(item="repair")
    for offer in town.rows(Offer):
        town.dispatch.answer(offer.id, False, actor=f"company:{offer.company_id}", channel="phone_key")
    first, last = decisions(town, order)
    assert (first.outcome, len(first.asked), last.outcome, last.asked) == ("offered", 3, "unassigned", ())
    assert [each.why for each in last.ranking.left_out].count(Why.ASKED) == 3


def test_distances_are_not_readable_in_the_database(town: Town) -> None:
    town.place()
    with town.reading() as session:
        stored = session.connection().exec_driver_sql("SELECT ranking FROM dispatch_decisions").scalar_one()
    assert isinstance(stored, bytes) and b"chosen" not in stored
    assert "chosen" in town.rows(DispatchDecision)[0].ranking


@pytest.mark.parametrize("number", ["", "+869315551234"])
def test_a_company_without_a_phone_is_left_out_and_if_it_is_the_only_one_a_supervisor_is_told(
    any_town: Town, number: str
) -> None:
    with any_town.unit_of_work() as session:
        session.execute(update(Company).where(Company.code == "C01").values(phone=number))
    order = any_town.place()
    (decision,) = decisions(any_town, order)
    if number:
        assert (decision.outcome, any_town.orders.get(order.id).state) == ("offered", OrderState.OFFERED)
        return
    left = {each.company_id: each.why for each in decision.ranking.left_out}
    assert left[company(any_town, "C01")] is Why.PHONE
    assert any_town.orders.get(order.id).state is OrderState.UNASSIGNED
    (case,) = any_town.rows(Case)
    assert case.kind == "dispatch"
    assert "暖阳" in decision.why and "no telephone number: tell them otherwise, and assign the order" in decision.why
    given = any_town.dispatch.assign(order.id, company(any_town, "C01"), actor="user:2", reason="by messenger")
    assert given.state is OrderState.ACCEPTED


def test_a_radius_leaves_out_who_is_too_far(town: Town) -> None:
    repairers = add_repairers(town, 1)
    order = town.place(item="repair")
    with town.unit_of_work() as session:
        elder = order.elder_id
        session.get_one(Company, repairers[0]).radius_km = 3.0
        row = session.get_one(Elder, elder)
        row.latitude, row.longitude = 36.1, 103.8
    left = {each.company_id: each for each in town.dispatch.ranking(order.id).left_out}
    assert left[repairers[0]].why is Why.RADIUS
    assert left[repairers[0]].numbers == (11.1, 3.0)

"""The night's batch with the real services: one call and one SMS a company, and what is left goes the usual way."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback, Company, CompanyItem, Offer, Order, OrderPlan
from routing.orders.dispatching.decisions import decisions_of
from routing.orders.planning.made import PlanTimes, dispatch_from
from routing.orders.planning.night import NightBatch
from routing.orders.policy import OrderState
from tests.routing.orders.planning.test_plans import TODAY, maker_of, plans_of, wish
from tests.routing.town import ZONE, Town

NIGHT = datetime(2026, 3, 5, 1, 10, tzinfo=ZONE)


def batch(town: Town) -> NightBatch:
    return NightBatch(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, publish=town.published.append,
        sms=town.sms, times=PlanTimes(ZONE),
    )  # fmt: skip


def planned(town: Town, *items: str) -> None:
    """Plans that begin tomorrow, for everybody who is known."""
    town.clock.now = NIGHT - timedelta(hours=10)
    people = (DEMO.wang, DEMO.quiet, DEMO.one_key, DEMO.straight)
    for at, who in enumerate(people[: len(items)]):
        plan = wish(town, starts=TODAY + timedelta(days=1))
        plans_of(town).create(town.elder_id(who), plan, key=f"plan-{at}")
    town.clock.now = NIGHT


def test_a_company_is_told_once_of_its_whole_list(any_town: Town) -> None:
    planned(any_town, "meal", "meal", "meal", "meal")
    done = batch(any_town).run_if_night()
    offers = any_town.rows(Offer)
    assert done.offered == len(offers) == 4
    companies = {offer.company_id for offer in offers}
    assert done.companies == len(companies) == len(any_town.rows(Callback))
    assert all(call.due_at.astimezone(ZONE).strftime("%H:%M") == "07:30" for call in any_town.rows(Callback))
    assert batch(any_town).run().offered == 0, "each order is looked at once"
    assert any_town.dispatch.sweep() == 0, "the companies have until the morning"
    waiting = [each for company in companies for each in any_town.dispatch.waiting_for(company)]
    assert len(waiting) == 4, "they hear the list on 12347"
    accepted = any_town.dispatch.answer(
        waiting[0].id, True, actor=f"company:{waiting[0].company_id}", channel="phone_key"
    )
    assert accepted.state is OrderState.ACCEPTED
    any_town.clock.now = NIGHT + timedelta(hours=9)
    assert any_town.dispatch.sweep() == 3, "what nobody answered goes to the next company, or to a supervisor"


def test_the_company_that_the_elder_prefers_is_asked(town: Town) -> None:
    planned(town, "meal", "meal", "meal")
    with town.unit_of_work() as session:
        item = town.item_id("meal")
        able = session.scalars(
            select(Company).join(CompanyItem).where(CompanyItem.item_id == item).order_by(Company.id.desc())
        ).first()
        assert able is not None
        able.districts = ""
        wanted = able.id
        for plan in session.scalars(select(OrderPlan)):
            plan.company_id = wanted
    batch(town).run()
    assert {offer.company_id for offer in town.rows(Offer)} == {wanted}


def test_who_is_suspended_closed_or_has_no_telephone_is_not_asked_by_night_either(town: Town) -> None:
    planned(town, "meal")
    company = town.company_id()
    with town.unit_of_work() as session:
        for each in session.scalars(select(Company).where(Company.id != company)):
            each.active = False
    town.suspensions.suspend(company, "三次投诉属实", actor="user:1")
    assert batch(town).run().left == 1
    town.suspensions.lift(company, "改好了", actor="user:1")
    town.availability.close(company, actor=f"company:{company}", channel="phone_key")
    with town.unit_of_work() as session:
        session.scalars(select(Order)).first().batch_night = None  # type: ignore[union-attr]
    assert batch(town).run().left == 1
    town.availability.reopen(company, actor=f"company:{company}", channel="phone_key")
    with town.unit_of_work() as session:
        session.scalars(select(Order)).first().batch_night = None  # type: ignore[union-attr]
        session.get_one(Company, company).phone = ""
    assert batch(town).run().left == 1
    with town.unit_of_work() as session:
        session.scalars(select(Order)).first().batch_night = None  # type: ignore[union-attr]
        session.get_one(Company, company).phone = DEMO.company.number
    assert batch(town).run().offered == 1


def offered_by_day(town: Town, **preference: int) -> Order:
    """An order of a plan that names whom the elder would like, offered by the sweep of the day."""
    plan = wish(town, starts=TODAY + timedelta(days=1), **preference)
    plans_of(town).create(town.elder_id(DEMO.straight), plan, key="plan-1")
    order = next(each for each in town.rows(Order) if each.plan_id is not None)
    assert order.dispatch_from is not None
    town.clock.now = order.dispatch_from.astimezone(ZONE)
    town.dispatch.sweep()
    return order


def test_whom_the_elder_prefers_is_asked_first_by_day_too_with_the_reason(any_town: Town) -> None:
    """Two companies bring meals to 东桥; the nearer is asked, unless the plan names the other."""
    town = any_town
    usual = town.company_id("C01")
    other = town.company_id("C03")
    order = offered_by_day(town, company_id=other)
    (offer,) = town.rows(Offer)
    assert (offer.company_id, offer.reason.startswith("as the elder prefers, ")) == (other, True)
    with town.reading() as session:
        (decision,) = decisions_of(session, order.id)
    assert [(each.company_id, each.preferred) for each in decision.ranking.chosen] == [(other, True), (usual, False)]
    town.dispatch.answer(offer.id, False, actor=f"company:{other}", channel="phone_key")
    assert [each.company_id for each in town.rows(Offer)] == [other, usual], "declined, it goes the usual way"


def test_without_a_preference_another_is_asked_and_who_cannot_is_not_asked_for_a_preference(town: Town) -> None:
    offered_by_day(town)
    assert [each.company_id for each in town.rows(Offer)] == [town.company_id("C01")]


def test_a_preferred_company_that_a_filter_leaves_out_is_left_out(town: Town) -> None:
    town.suspensions.suspend(town.company_id("C03"), "三次投诉属实", actor="user:1")
    offered_by_day(town, company_id=town.company_id("C03"))
    assert [each.company_id for each in town.rows(Offer)] == [town.company_id("C01")]


def test_the_worker_whom_the_elder_would_like_is_sent_if_they_may(town: Town) -> None:
    order = offered_by_day(town, worker_id=town.worker_id("W06"))
    (offer,) = town.rows(Offer)
    assert offer.company_id == town.company_id("C03"), "the worker's company is asked first"
    accepted = town.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="phone_key")
    assert (accepted.id, accepted.worker_id) == (order.id, town.worker_id("W06"))


def test_a_worker_who_may_not_be_sent_is_not_sent_for_a_preference(town: Town) -> None:
    town.certificates.vet(town.worker_id("W06"), "refused", None, "user:1")
    offered_by_day(town, worker_id=town.worker_id("W06"))
    (offer,) = town.rows(Offer)
    accepted = town.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="phone_key")
    assert accepted.worker_id == town.worker_id("W05")


def test_what_no_company_can_take_is_left_to_the_usual_way(town: Town) -> None:
    planned(town, "meal")
    with town.unit_of_work() as session:
        for company in session.scalars(select(Company)):
            company.daily_capacity = 0
    done = batch(town).run()
    assert (done.offered, done.left) == (0, 1)
    (order,) = (order for order in town.rows(Order) if order.plan_day == TODAY + timedelta(days=1))
    assert order.state == "requested" and order.batch_night == NIGHT.date()
    assert order.dispatch_from is not None
    town.clock.now = order.dispatch_from.astimezone(ZONE)
    town.dispatch.sweep()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED


def test_by_day_no_batch_runs(town: Town) -> None:
    planned(town, "meal")
    town.clock.now = NIGHT + timedelta(hours=6)
    assert batch(town).run_if_night().offered == 0
    assert maker_of(town).make().made == 1


def test_orders_are_offered_hours_ahead_and_not_while_companies_sleep() -> None:
    times = PlanTimes(ZONE)

    def offered(hour: int, minute: int = 0) -> str:
        due = datetime(2026, 3, 5, hour, minute, tzinfo=ZONE)
        return dispatch_from(due, times).astimezone(ZONE).strftime("%d %H:%M")

    assert offered(17) == "05 12:00"
    assert offered(11, 30) == "05 07:30"
    assert offered(8) == "04 18:00"
    assert offered(3) == "04 18:00"

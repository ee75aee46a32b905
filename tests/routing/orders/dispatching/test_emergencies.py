"""Emergencies: offered to three companies at once; the first who accepts has it, and the others are told so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback, Company, CompanyItem, Offer, Order, OrderEvent, Worker
from routing.orders.errors import OfferGone
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

NAMES = ("急修一队", "急修二队", "急修三队", "急修四队")


def add_repairers(town: Town, count: int = 4) -> list[int]:
    """Companies that repair anywhere, each with a worker, and nobody else does; give their ids."""
    item = town.item_id("repair")
    with town.unit_of_work() as session:
        for other in session.scalars(select(CompanyItem).where(CompanyItem.item_id == item)).all():
            session.delete(other)
        companies = [
            Company(
                code=f"R{at}", name=NAMES[at], phone=f"+869315559{at:03}", latitude=36.0, longitude=103.8,
                phone_index=town.cipher.number_index(f"+869315559{at:03}"), items=[CompanyItem(item_id=item)],
                workers=[
                    Worker(
                        code=f"RW{at}", name=f"何师{at}", phone=f"+8613900000{at:03}",
                        phone_index=town.cipher.number_index(f"+8613900000{at:03}"),
                        pin_index=town.cipher.pin_index(f"99000{at}"),
                    )
                ],
            )
            for at in range(count)
        ]  # fmt: skip
        session.add_all(companies)
        session.flush()
        return [company.id for company in companies]


def states(town: Town) -> list[str]:
    return [offer.state for offer in town.rows(Offer)]


def accept(town: Town, offer: Offer, key: str = "") -> OrderView:
    return town.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="phone_key", key=key)


def test_three_are_asked_in_one_round_each_by_call_and_sms(town: Town) -> None:
    add_repairers(town)
    order = town.place(item="repair")
    offers = town.rows(Offer)
    assert [(offer.state, offer.round) for offer in offers] == [("open", 1)] * 3
    assert {call.reference for call in town.rows(Callback)} == {str(offer.id) for offer in offers}
    with town.reading() as session:
        for offer in offers:
            assert len(town.sms_to(session.get_one(Company, offer.company_id).phone)) == 1
    assert [step.to_state for step in town.orders.history(order.id)] == ["requested", "offered"]


def test_the_first_who_accepts_has_it_and_the_calls_to_the_others_are_not_made(town: Town) -> None:
    add_repairers(town)
    order = town.place(item="repair")
    first, second, third = town.rows(Offer)
    taken = accept(town, second)
    assert (taken.state, taken.company_id) == (OrderState.ACCEPTED, second.company_id)
    assert states(town) == ["withdrawn", "accepted", "withdrawn"]
    assert {call.state for call in town.rows(Callback)} == {"cancelled"}
    for late in (first, third):
        with pytest.raises(OfferGone, match=NAMES[1]):
            accept(town, late)
    assert town.callbacks.dial_due() == 0
    assert town.orders.get(order.id).company_id == second.company_id


def test_who_declines_leaves_it_to_the_others_and_after_the_last_a_supervisor_is_asked(town: Town) -> None:
    add_repairers(town)
    order = town.place(item="repair")
    first, second, third = town.rows(Offer)
    for offer in (first, second):
        kept = town.dispatch.answer(offer.id, False, actor=f"company:{offer.company_id}", channel="phone_key")
        assert kept.state is OrderState.OFFERED
    assert [step.to_state for step in town.orders.history(order.id)] == ["requested", "offered"]
    town.clock.forward(minutes=10, seconds=1)
    assert town.dispatch.sweep() == 1
    assert states(town) == ["declined", "declined", "expired"]
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED, "three were asked: a person decides"
    assert third.company_id in [each.company_id for each in town.rows(Offer)]


def test_the_same_repair_for_tomorrow_is_offered_to_one(town: Town) -> None:
    add_repairers(town)
    town.orders.place(
        town.elder_id(DEMO.wang), town.item_id("repair"), key="t", source="voice",
        due_at=town.clock() + timedelta(hours=20),
    )  # fmt: skip
    assert states(town) == ["open"]


def test_fewer_than_three_are_asked_when_there_are_fewer(town: Town) -> None:
    add_repairers(town, 2)
    town.place(item="repair")
    assert states(town) == ["open", "open"]


def test_a_cancelled_emergency_is_taken_back_from_all(town: Town) -> None:
    add_repairers(town)
    order = town.place(item="repair")
    town.orders.cancel(order.id, actor="user:1", channel="desk", reason="the light works again")
    assert states(town) == ["withdrawn"] * 3
    assert {call.state for call in town.rows(Callback)} == {"cancelled"}


def test_three_accept_in_the_same_moment_and_exactly_one_wins(any_town: Town) -> None:
    add_repairers(any_town)
    for at in range(3):
        order = any_town.place(item="repair", key=f"burst-{at}")
        offers = [offer for offer in any_town.rows(Offer) if offer.order_id == order.id]
        ends = at_once(3, lambda each, offers=offers: accept(any_town, offers[each]))  # type: ignore[misc]
        won = [end for end in ends if isinstance(end, OrderView)]
        assert len(won) == 1
        assert [type(end) for end in ends if end not in won] == [OfferGone, OfferGone]
        winner = next(offer for offer in offers if offer.company_id == won[0].company_id)
        name = next(row.name for row in any_town.rows(Company) if row.id == winner.company_id)
        assert all(name in str(end) for end in ends if isinstance(end, OfferGone)), "the others are told who has it"
        now = sorted(offer.state for offer in any_town.rows(Offer) if offer.order_id == order.id)
        assert now == ["accepted", "withdrawn", "withdrawn"]
        assert len([row for row in any_town.rows(OrderEvent) if row.command.startswith("accept")]) == at + 1
    assert all(row.state == "accepted" for row in any_town.rows(Order))


def test_the_same_key_accepts_once_however_often_it_comes(any_town: Town) -> None:
    add_repairers(any_town)
    any_town.place(item="repair")
    offer = any_town.rows(Offer)[0]
    ends = at_once(4, lambda _at: accept(any_town, offer, key="press-1"))
    assert [end.state for end in ends if isinstance(end, OrderView)] == [OrderState.ACCEPTED] * 4
    assert len([row for row in any_town.rows(OrderEvent) if row.key == "press-1"]) == 1

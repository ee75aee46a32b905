"""Suspending a company: with words, once, left out by dispatch with that reason, and lifted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from routing.errors import Conflict, Invalid, NotFound
from routing.orders.commands import SendBack
from routing.orders.policy import OrderState
from tests.routing.town import Town


def test_a_suspended_company_is_left_out_with_the_reason(any_town: Town) -> None:
    town = any_town
    until = town.clock() + timedelta(days=2)
    town.suspensions.suspend(town.company_id(), "three complaints", actor="user:2", until=until)
    order = town.place()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert "is suspended" in town.orders.history(order.id)[-1].reason
    town.clock.forward(days=2, minutes=1)
    assert town.suspensions.now(town.company_id()) is None
    assert town.orders.get(town.place().id).state is OrderState.OFFERED


def test_it_is_lifted_with_words(any_town: Town) -> None:
    town, company = any_town, any_town.company_id()
    town.suspensions.suspend(company, "no proof", actor="user:2")
    with pytest.raises(Conflict):
        town.suspensions.suspend(company, "again", actor="user:2")
    lifted = town.suspensions.lift(company, "they have shown it", actor="user:3")
    assert (lifted.lifted_by, lifted.lifted_reason) == ("user:3", "they have shown it")
    assert town.orders.get(town.place().id).state is OrderState.OFFERED
    with pytest.raises(NotFound):
        town.suspensions.lift(company, "once more", actor="user:3")
    (row,) = town.suspensions.history(company)
    assert (row.reason, row.decided_by) == ("no proof", "user:2")


def test_one_that_begins_later_holds_from_then_on(town: Town) -> None:
    begin = town.clock() + timedelta(days=1)
    town.suspensions.suspend(town.company_id(), "from tomorrow", actor="user:2", from_at=begin)
    assert town.orders.get(town.place().id).state is OrderState.OFFERED
    town.clock.forward(days=1)
    assert town.suspensions.now(town.company_id()) is not None


def test_what_makes_no_sense_is_refused(town: Town) -> None:
    company, now = town.company_id(), town.clock()
    for bad in ({"reason": "  "}, {"reason": "x", "until": now}, {"reason": "x", "until": now - timedelta(days=1)}):
        with pytest.raises(Invalid):
            town.suspensions.suspend(company, actor="user:2", **bad)  # type: ignore[arg-type]
    later = now + timedelta(days=5)
    with pytest.raises(Invalid):
        town.suspensions.suspend(company, "x", actor="user:2", from_at=later, until=later)
    with pytest.raises(NotFound):
        town.suspensions.suspend(999, "x", actor="user:2")
    town.suspensions.suspend(company, "x", actor="user:2")
    with pytest.raises(Invalid):
        town.suspensions.lift(company, " ", actor="user:2")


def test_what_it_has_accepted_is_listed_for_a_person(town: Town) -> None:
    order = town.accept(town.place())
    company = town.company_id()
    town.suspensions.suspend(company, "x", actor="user:2")
    (left,) = town.suspensions.left_with(company)
    assert (left.order_id, left.number) == (order.id, order.number)
    town.orders.carry_out(order.id, SendBack(), actor="user:2", channel="desk", reason="the company is suspended")
    assert town.suspensions.left_with(company) == ()


def test_of_two_supervisors_who_suspend_at_once_one_is_told(any_town: Town) -> None:
    town, company = any_town, any_town.company_id()

    def decide(who: int) -> str:
        try:
            return town.suspensions.suspend(company, f"as user {who} saw it", actor=f"user:{who}").decided_by
        except Conflict:
            return ""

    with ThreadPoolExecutor(4) as pool:
        decided = [each for each in pool.map(decide, range(4)) if each]
    assert len(decided) == 1
    assert [each.decided_by for each in town.suspensions.history(company)] == decided

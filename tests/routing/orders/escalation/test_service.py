"""Orders that stand too long climb, once for each level, until somebody takes them upon them or they move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.models import Callback, Case, CaseEvent, OrderEscalation
from routing.calls.messages import CaseOpened
from routing.errors import NotFound
from routing.hours.rota import DutyPhone
from routing.orders.commands import SendBack
from routing.orders.errors import MovedOn
from routing.orders.escalation.policy import USUAL_MINUTES, Level
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

PHONES = [DutyPhone(1, "", "+8613900000301"), DutyPhone(2, "", "+8613900000302")]
CLIMB = 15


@pytest.fixture
def unassigned(any_town: Town) -> OrderView:
    """An order that no company took, wanted in two hours; two people are on duty."""
    any_town.on_duty = list(PHONES)
    return _nobody(any_town, any_town.place())


def _nobody(town: Town, order: OrderView) -> OrderView:
    for _ in range(9):
        if town.orders.get(order.id).state is OrderState.UNASSIGNED:
            break
        town.clock.forward(minutes=11)
        town.dispatch.sweep()
    return town.orders.get(order.id)


def reach(town: Town, level: Level) -> None:
    """Let the time go by until an unassigned order has reached the level, and the sweep has seen it."""
    town.clock.forward(minutes=USUAL_MINUTES[OrderState.UNASSIGNED] + (level - 1) * CLIMB)
    town.escalations.sweep()


def kinds(town: Town, order: OrderView) -> list[str]:
    return sorted(case.kind for case in town.rows(Case) if case.order_id == order.id and case.state == "open")


def calls(town: Town) -> list[Callback]:
    return [row for row in town.rows(Callback) if row.kind == "overdue"]


def test_it_climbs_once_however_often_one_looks(any_town: Town, unassigned: OrderView) -> None:
    town = any_town
    assert unassigned.state is OrderState.UNASSIGNED
    assert town.escalations.sweep() == 0
    reach(town, Level.DESK)
    assert [(each.order_id, each.level) for each in town.escalations.standing()] == [(unassigned.id, Level.DESK)]
    assert town.escalations.sweep() == 0
    town.clock.forward(minutes=CLIMB)
    assert town.escalations.sweep() == 1
    assert kinds(town, unassigned) == ["dispatch"], "a person looks after it already, and is told there"
    assert "overdue" in [event.what for event in town.rows(CaseEvent)]
    assert town.escalations.count() == 1
    assert [each.level for each in town.escalations.of_order(unassigned.id)] == [Level.DESK, Level.SUPERVISOR]


def test_levels_that_were_missed_are_made_up_for(any_town: Town, unassigned: OrderView) -> None:
    """The hotline stood still for a night."""
    any_town.clock.forward(hours=9)
    any_town.escalations.sweep()
    assert [each.level for each in any_town.escalations.of_order(unassigned.id)] == list(Level)
    assert len(calls(any_town)) == 1


def test_an_order_whose_company_never_came_gets_a_case_of_its_own_which_ends_by_itself(any_town: Town) -> None:
    town = any_town
    order = town.accept(town.place())
    town.clock.now = order.due_at + timedelta(minutes=USUAL_MINUTES[OrderState.ACCEPTED] + CLIMB)
    town.escalations.sweep()
    assert kinds(town, order) == ["overdue"]
    assert any(isinstance(each, CaseOpened) and each.kind == "overdue" for each in town.published)
    town.orders.carry_out(order.id, SendBack(), actor="user:2", channel="desk", reason="the company does not come")
    assert town.escalations.standing() == ()
    town.escalations.sweep()
    assert "overdue" not in kinds(town, order)
    closed = next(case for case in town.rows(Case) if case.kind == "overdue")
    assert closed.outcome.startswith("the order moved on")


def test_duty_phones_are_rung_one_after_the_other_until_somebody_takes_it(
    any_town: Town, unassigned: OrderView
) -> None:
    town = any_town
    reach(town, Level.DUTY_PHONE)
    assert [row.number for row in calls(town)] == [PHONES[0].number]
    assert town.escalations.sweep() == 0, "the first one is still to be rung"
    (first,) = town.callbacks.claim_due()
    assert first.flow == "overdue"
    town.callbacks.settle(first.cause, "no_answer")
    assert town.escalations.sweep() == 1
    (second,) = town.callbacks.claim_due()
    assert second.number == PHONES[1].number
    town.callbacks.settle(second.cause, "answered")
    level, cause, who = town.escalations.of_call(int(second.reference))
    town.callbacks.begin(cause)
    assert (level.order_id, who) == (unassigned.id, "duty:2")
    assert town.escalations.take_over(level.id, who).taken_by == "duty:2"
    town.callbacks.finish(cause, reached=True)
    assert town.escalations.sweep() == 0
    assert len(calls(town)) == 2


def test_when_nobody_on_duty_takes_it_the_case_says_so_once(any_town: Town, unassigned: OrderView) -> None:
    town = any_town
    reach(town, Level.DUTY_PHONE)
    for _ in PHONES:
        (call,) = town.callbacks.claim_due()
        town.callbacks.settle(call.cause, "busy")
        town.escalations.sweep()
    assert town.escalations.sweep() == 0
    assert town.callbacks.claim_due() == ()
    assert [event.what for event in town.rows(CaseEvent)].count("nobody on duty") == 1


def test_whom_it_would_wake_for_nothing_is_not_rung_any_more(any_town: Town, unassigned: OrderView) -> None:
    reach(any_town, Level.DUTY_PHONE)
    any_town.orders.cancel(unassigned.id, actor="user:2", channel="desk", reason="the elder called")
    assert any_town.callbacks.claim_due() == ()
    assert [row.state for row in calls(any_town)] == ["cancelled"]
    with pytest.raises(MovedOn, match="moved on"):
        any_town.escalations.take_over(any_town.rows(OrderEscalation)[-1].id, "duty:1")


def test_who_takes_it_over_gives_it_its_time_once_more(any_town: Town, unassigned: OrderView) -> None:
    town = any_town
    reach(town, Level.SUPERVISOR)
    (stands,) = town.escalations.standing()
    assert town.escalations.take_over(stands.id, "user:2").taken_by == "user:2"
    assert town.escalations.take_over(stands.id, "user:2").taken_by == "user:2", "twice by the same is once"
    town.clock.forward(minutes=USUAL_MINUTES[OrderState.UNASSIGNED] + 2 * CLIMB - 1)
    assert town.escalations.sweep() == 0
    town.clock.forward(minutes=2)
    assert town.escalations.sweep() == 1
    assert len(calls(town)) == 1


def test_of_two_who_take_it_over_one_is_told_of_the_other(any_town: Town, unassigned: OrderView) -> None:
    reach(any_town, Level.DESK)
    (stands,) = any_town.escalations.standing()
    answers = at_once(2, lambda at: any_town.escalations.take_over(stands.id, f"user:{at}"))
    told = [str(each) for each in answers if isinstance(each, MovedOn)]
    (level,) = any_town.escalations.of_order(unassigned.id)
    assert len(told) == 1
    assert str(level.taken_by) in told[0]


def test_sweeps_at_once_tell_once(any_town: Town) -> None:
    any_town.on_duty = list(PHONES)
    orders = [_nobody(any_town, any_town.place(item=item)) for item in ("meal", "cleaning", "repair")]
    any_town.clock.forward(hours=5)
    at_once(3, lambda _at: any_town.escalations.sweep())  # type: ignore[arg-type,return-value]
    assert len(any_town.rows(OrderEscalation)) == len(orders) * len(Level)
    assert len(calls(any_town)) == len(orders)


def test_what_is_not_there_is_told_so(town: Town) -> None:
    with pytest.raises(NotFound):
        town.escalations.get(999)
    with pytest.raises(NotFound):
        town.escalations.of_call(999)
    with pytest.raises(NotFound):
        town.escalations.take_over(999, "user:1")

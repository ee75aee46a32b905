"""Visits that do not begin in time: told once, and only of those that have truly not begun."""

from __future__ import annotations

from threading import Event, Thread

from db.demo import DEMO
from db.models import Case, LateVisit, Order, VisitException
from routing.orders.lifecycle import Act, load, move
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

HOME = DEMO.wang.number


def accepted(town: Town) -> OrderView:
    """An order whose time came a quarter of an hour ago."""
    order = town.accept(town.place())
    town.clock.now = order.due_at.astimezone(town.clock.now.tzinfo)
    town.clock.forward(minutes=15)
    return order


def told(town: Town) -> int:
    return len([text for text in town.sms_to(HOME) if "护理员要晚一点到" in text])


def test_desk_and_elder_are_told_once(town: Town) -> None:
    order = accepted(town)
    assert [town.late_visits.sweep() for _ in range(3)] == [1, 0, 0]
    (case,) = town.rows(Case)
    assert (case.kind, case.order_id, case.elder_id, told(town)) == ("visit", order.id, order.elder_id, 1)
    assert order.number in town.sms_to(HOME)[-1]


def test_before_the_grace_is_over_nobody_is_told(town: Town) -> None:
    order = town.accept(town.place())
    town.clock.now = order.due_at.astimezone(town.clock.now.tzinfo)
    town.clock.forward(minutes=14, seconds=59)
    assert town.late_visits.sweep() == 0


def test_what_was_begun_or_cancelled_or_is_a_day_old_is_not_told(town: Town) -> None:
    begun, cancelled, old = accepted(town), town.accept(town.place(DEMO.quiet)), town.accept(town.place(DEMO.couple[0]))
    town.visits.check_in(begun.worker_id or 0, HOME, "in")
    town.orders.cancel(cancelled.id, actor="user:1", channel="desk", reason="not wanted")
    town.clock.forward(hours=30)
    assert town.late_visits.tell_of(cancelled.id) is town.late_visits.tell_of(old.id) is False
    town.late_visits.sweep()
    assert town.rows(LateVisit) == []


def test_an_order_that_is_put_off_may_be_late_again(town: Town) -> None:
    order = accepted(town)
    town.late_visits.sweep()
    with town.unit_of_work() as session:
        session.get_one(Order, order.id).due_at = town.clock()
    assert town.late_visits.sweep() == 0
    town.clock.forward(minutes=20)
    assert (town.late_visits.sweep(), told(town)) == (1, 2)


def test_many_sweeps_at_once_tell_once(any_town: Town) -> None:
    accepted(any_town)
    ends = at_once(6, lambda _at: any_town.late_visits.sweep())
    assert sum(end for end in ends if isinstance(end, int)) == 1
    assert (len(any_town.rows(Case)), told(any_town)) == (1, 1)


def test_whoever_begins_or_cancels_while_the_sweep_looks_comes_first(any_town: Town) -> None:
    """The sweep has found the order, and waits for whoever is moving it: then it is not late any more."""
    for to, act in (
        (OrderState.VISITING, Act("worker:1", "phone_key", any_town.clock())),
        (OrderState.CANCELLED, Act("elder:1", "phone_key", any_town.clock())),
    ):
        order = accepted(any_town)
        found: list[int] = []
        looking = Event()

        def sweep(order_id: int = order.id, found: list[int] = found, looking: Event = looking) -> None:
            looking.set()
            found.append(any_town.late_visits.tell_of(order_id))

        with any_town.unit_of_work() as session:
            taken = load(session, order.id)
            thread = Thread(target=sweep)
            thread.start()
            assert looking.wait(30)
            move(session, taken, to, act)
        thread.join(60)
        assert found == [False]
    assert (any_town.rows(Case), told(any_town)) == ([], 0)


def test_checking_in_and_the_sweep_at_once_never_tell_of_what_has_begun(any_town: Town) -> None:
    """Whichever is first: an alert stands beside an order that was accepted when it was written, never after."""
    order = accepted(any_town)
    worker = order.worker_id or 0

    def act(at: int) -> object:
        if at == 0:
            return any_town.visits.check_in(worker, HOME, "in")
        return any_town.late_visits.sweep()

    at_once(4, act)
    assert any_town.orders.get(order.id).state is OrderState.VISITING
    assert len(any_town.rows(Case)) == told(any_town) == len(any_town.rows(LateVisit)) <= 1
    assert any_town.late_visits.sweep() == 0


def test_a_visit_that_nobody_ended_is_flagged_once(town: Town) -> None:
    order = accepted(town)
    town.visits.check_in(order.worker_id or 0, HOME, "in")
    town.clock.forward(hours=16)
    assert [town.late_visits.sweep() for _ in range(2)] == [1, 0]
    assert [each.kind for each in town.rows(VisitException)] == ["missing_out"]

"""Who is it, in and out, and what a worker can do wrong."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.demo_services import WORKERS
from db.models import Callback, Case, Elder, ItemTask, Order, Visit, VisitException, Worker
from routing.errors import Invalid, NotFound
from routing.orders.errors import (
    AlreadyIn,
    InsteadOf,
    NoBegin,
    NotIn,
    NoVisitToday,
    PinLocked,
    WhichVisit,
    WrongHome,
    WrongPin,
)
from routing.orders.evv.policy import CalledFrom
from routing.orders.pins import TRIES_WITHHELD
from routing.orders.policy import OrderState
from routing.orders.visits import Agreed, TaskResult
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

HOME = DEMO.wang.number


def test_the_pin_names_the_worker_from_any_phone(town: Town) -> None:
    for number in (HOME, DEMO.worker.number, None):
        seen = town.visits.identify(number, DEMO.worker.pin)
        assert (seen.id, seen.name) == (town.worker_id(DEMO.worker.code), DEMO.worker.name)


def test_three_wrong_pins_lock_the_telephone_for_a_while(town: Town) -> None:
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            town.visits.identify(HOME, "000000")
        assert wrong.value.left == left
    with pytest.raises(PinLocked):
        town.visits.identify(HOME, "000000")
    with pytest.raises(PinLocked):
        town.visits.identify(HOME, DEMO.worker.pin)
    assert town.visits.identify(DEMO.quiet.number, DEMO.worker.pin)
    town.clock.forward(minutes=15)
    assert town.visits.identify(HOME, DEMO.worker.pin)


def test_a_right_pin_forgives_the_wrong_ones(town: Town) -> None:
    for _ in range(3):
        with pytest.raises(WrongPin):
            town.visits.identify(HOME, "000000")
        town.visits.identify(HOME, DEMO.worker.pin)


def test_who_hides_the_number_cannot_try_for_ever(town: Town) -> None:
    for _ in range(TRIES_WITHHELD - 1):
        with pytest.raises(WrongPin):
            town.visits.identify(None, "000000")
    with pytest.raises(PinLocked):
        town.visits.identify(None, "000000")


def test_in_and_out_from_the_elders_phone_is_verified(town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id
    visit = town.visits.check_in(order.worker_id, HOME, "call-in")
    assert (visit.number, visit.elder_address, visit.verified) == (order.number, "王奶奶", True)
    assert town.orders.get(order.id).state is OrderState.VISITING
    town.clock.forward(minutes=42)
    out = town.visits.check_out(order.worker_id, HOME, "call-out")
    assert (out.minutes, out.verified) == (42, True)
    assert town.orders.get(order.id).state is OrderState.DONE
    (row,) = town.rows(Visit)
    assert (row.in_call_id, row.out_call_id, row.in_verified, row.out_verified) == ("call-in", "call-out", True, True)
    assert row.elder_id == order.elder_id


def test_after_the_visit_the_elder_is_owed_a_call(town: Town) -> None:
    order = town.served()
    owed = next(row for row in town.rows(Callback) if row.kind == "after_service")
    assert owed.cause == f"after-service-order-{order.id}"
    assert (owed.number, owed.flow, owed.reference) == (HOME, "after_service", str(order.id))
    assert (owed.due_at - town.clock()).total_seconds() == 1800


def test_a_one_key_phone_is_not_rung_for_a_score(town: Town) -> None:
    town.served(DEMO.one_key)
    owed = next(row for row in town.rows(Callback) if row.kind == "after_service")
    assert owed.number == DEMO.one_key.phones[1][0]


def test_late_in_the_evening_the_call_is_owed_for_the_morning(town: Town) -> None:
    town.clock.forward(hours=11)
    town.served()
    owed = next(row for row in town.rows(Callback) if row.kind == "after_service")
    assert owed.due_at > town.clock()
    assert owed.due_at.astimezone(town.clock.now.tzinfo).hour == 8


def test_from_another_phone_it_is_accepted_as_unverified(town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id
    assert not town.visits.check_in(order.worker_id, DEMO.worker.number, "in").verified
    assert not town.visits.check_out(order.worker_id, None, "out").verified


def test_without_an_order_today_there_is_nothing_to_begin(town: Town) -> None:
    with pytest.raises(NoVisitToday):
        town.visits.check_in(town.worker_id("W01"), HOME, "in")
    order = town.accept(town.place())
    assert order.worker_id
    town.clock.forward(hours=40)
    with pytest.raises(NoVisitToday):
        town.visits.check_in(order.worker_id, HOME, "in")


def test_an_order_of_yesterday_night_may_begin_after_midnight(town: Town) -> None:
    town.clock.forward(hours=14, minutes=30)
    order = town.accept(town.place())
    assert order.worker_id
    town.clock.forward(minutes=45)
    assert town.visits.check_in(order.worker_id, HOME, "in").number == order.number


def test_another_workers_order_is_not_mine(town: Town) -> None:
    town.accept(town.place())
    with pytest.raises(NoVisitToday):
        town.visits.check_in(town.worker_id("W03"), HOME, "in")


def test_in_twice_and_out_without_in(town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id
    with pytest.raises(NotIn):
        town.visits.check_out(order.worker_id, HOME, "out")
    town.visits.check_in(order.worker_id, HOME, "in")
    with pytest.raises(AlreadyIn, match=order.number):
        town.visits.check_in(order.worker_id, HOME, "in again")
    town.visits.check_out(order.worker_id, HOME, "out")
    with pytest.raises(NotIn):
        town.visits.check_out(order.worker_id, HOME, "out again")
    assert len(town.rows(Visit)) == 1


def test_a_forgotten_check_out_does_not_stop_the_next_day(town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id
    town.visits.check_in(order.worker_id, HOME, "in")
    town.clock.forward(hours=24)
    with town.unit_of_work() as session:
        session.get_one(Elder, order.elder_id)
    again = town.accept(town.place())
    assert again.worker_id
    town.visits.check_in(again.worker_id, HOME, "in")


def test_two_elders_at_one_number_the_worker_says_which(town: Town) -> None:
    husband, wife = DEMO.couple
    orders = [town.accept(town.place(who)) for who in (husband, wife)]
    worker = town.worker_id(WORKERS[0].code)
    mine = [order for order in orders if order.worker_id == worker]
    with town.unit_of_work() as session:
        for order in orders:
            session.get_one(Order, order.id).worker_id = worker
    assert len(mine) == 1
    with pytest.raises(WhichVisit) as which:
        town.visits.check_in(worker, husband.number, "in")
    assert [choice.address for choice in which.value.choices] == ["张爷爷", "陈奶奶"]
    chosen = which.value.choices[1]
    visit = town.visits.check_in(worker, husband.number, "in", chosen.order_id)
    assert (visit.elder_address, visit.verified) == ("陈奶奶", True)


def test_the_place_tells_two_orders_apart(town: Town) -> None:
    first, second = town.accept(town.place(DEMO.wang)), town.accept(town.place(DEMO.quiet))
    with town.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = first.worker_id
    assert first.worker_id
    assert town.visits.check_in(first.worker_id, DEMO.quiet.number, "in").number == second.number


def test_a_worker_that_is_not_there(town: Town) -> None:
    with pytest.raises(NotFound):
        town.visits.check_in(999_999, HOME, "in")


def test_two_check_ins_at_once_are_one_visit(any_town: Town) -> None:
    order = any_town.accept(any_town.place())
    worker = order.worker_id or 0
    ends = at_once(4, lambda at: any_town.visits.check_in(worker, HOME, f"call-{at}"))
    assert len([end for end in ends if isinstance(end, (AlreadyIn, NoVisitToday))]) == 3
    assert len(any_town.rows(Visit)) == 1
    ends = at_once(4, lambda at: any_town.visits.check_out(worker, HOME, f"call-{at}"))
    assert len([end for end in ends if isinstance(end, NotIn)]) == 3
    assert len([row for row in any_town.rows(Callback) if row.kind == "after_service"]) == 1


def wrong(town: Town, number: str | None, times: int) -> None:
    for _ in range(times):
        with pytest.raises((WrongPin, PinLocked)):
            town.visits.identify(number, "000000", "call-1")


def test_a_workers_own_phone_locks_the_worker_everywhere_and_the_desk_is_told_once(any_town: Town) -> None:
    town, own = any_town, DEMO.worker.number
    wrong(town, own, 5)
    with pytest.raises(PinLocked):
        town.visits.identify(HOME, DEMO.worker.pin)
    assert town.visits.identify(HOME, WORKERS[1].pin)
    (case,) = town.rows(Case)
    assert (case.kind, case.call_id, case.number, case.elder_id) == ("visit", "call-1", own, None)
    town.clock.forward(minutes=15)
    assert town.visits.identify(own, DEMO.worker.pin)
    with town.reading() as session:
        worker = session.get_one(Worker, town.worker_id(DEMO.worker.code))
        assert (worker.pin_failures, worker.locked_until) == (0, None)


def test_wrong_pins_at_a_home_lock_no_worker(town: Town) -> None:
    wrong(town, HOME, 3)
    assert town.visits.identify(DEMO.worker.number, DEMO.worker.pin)
    (case,) = town.rows(Case)
    assert (case.number, case.elder_id) == (HOME, town.elder_id(DEMO.wang))


def test_many_wrong_pins_at_once_lock_once(any_town: Town) -> None:
    at_once(6, lambda _at: any_town.visits.identify(HOME, "000000"))
    assert len(any_town.rows(Case)) == 1
    with pytest.raises(PinLocked):
        any_town.visits.identify(HOME, DEMO.worker.pin)


def test_it_says_what_telephone_it_was(town: Town) -> None:
    order = town.accept(town.place())
    worker = order.worker_id or 0
    seen = town.visits.check_in(worker, None, "in")
    assert (seen.called_from, seen.verified) == (CalledFrom.WITHHELD, False)
    town.visits.check_out(worker, DEMO.worker.number, "out")
    (row,) = town.rows(Visit)
    assert (row.in_from, row.out_from) == ("withheld", "worker")
    assert {each.kind for each in town.rows(VisitException)} == {"unverified_in", "unverified_out"}


def test_who_was_not_asked_is_not_at_the_wrong_home(town: Town) -> None:
    order = town.accept(town.place())
    worker = order.worker_id or 0
    with pytest.raises(WrongHome) as first:
        town.visits.check_in(worker, DEMO.quiet.number, "in")
    assert first.value.homes == ("李爷爷",)
    assert [choice.address for choice in first.value.choices] == ["王奶奶"]
    assert town.rows(Visit) == []
    seen = town.visits.check_in(worker, DEMO.quiet.number, "in", order.id, agreed={Agreed.ELSEWHERE})
    assert (seen.called_from, seen.verified) == (CalledFrom.OTHER_HOME, False)


def test_a_colleague_of_the_company_may_come_instead_and_another_companys_may_not(town: Town) -> None:
    order = town.accept(town.place())
    colleague, stranger = town.worker_id("W02"), town.worker_id("W03")
    with pytest.raises(NoVisitToday):
        town.visits.check_in(stranger, HOME, "in", order.id, agreed=set(Agreed))
    with pytest.raises(InsteadOf):
        town.visits.check_in(colleague, HOME, "in")
    with pytest.raises(NoVisitToday):  # From elsewhere nobody can take a colleague's order.
        town.visits.check_in(colleague, None, "in", order.id, agreed=set(Agreed))
    seen = town.visits.check_in(colleague, HOME, "in", agreed={Agreed.INSTEAD})
    assert seen.instead and seen.verified
    assert town.orders.get(order.id).worker_id == colleague
    assert f"instead of worker:{order.worker_id}" in town.orders.history(order.id)[-1].reason
    with pytest.raises(NoVisitToday):
        town.visits.check_in(order.worker_id or 0, HOME, "in")


def test_out_without_in_is_written_only_once_it_is_agreed_on(any_town: Town) -> None:
    town = any_town
    order = town.accept(town.place())
    worker = order.worker_id or 0
    with pytest.raises(NoBegin) as first:
        town.visits.check_out(worker, HOME, "out")
    assert [choice.order_id for choice in first.value.choices] == [order.id]
    ends = at_once(4, lambda at: town.visits.check_out(worker, HOME, f"out-{at}", agreed={Agreed.NO_BEGIN}))
    assert len([end for end in ends if isinstance(end, NotIn)]) == 3
    (row,) = town.rows(Visit)
    assert (row.checked_in_at, row.in_verified, row.in_from, row.out_verified) == (None, False, "", True)
    assert [each.kind for each in town.rows(VisitException)] == ["missing_in"]
    assert len([each for each in town.rows(Callback) if each.kind == "after_service"]) == 1


def test_who_went_on_without_checking_out_is_checked_in_at_the_next_home(town: Town) -> None:
    first, second = town.accept(town.place(DEMO.wang)), town.accept(town.place(DEMO.quiet))
    worker = first.worker_id or 0
    with town.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = worker
    town.visits.check_in(worker, HOME, "in")
    town.clock.forward(hours=1)
    with pytest.raises(AlreadyIn) as again:  # From a mobile nothing proves that they have gone on.
        town.visits.check_in(worker, DEMO.worker.number, "in")
    assert again.value.since is not None and again.value.order_id == first.id
    assert town.visits.check_in(worker, DEMO.quiet.number, "in").order_id == second.id
    assert [each.kind for each in town.rows(VisitException)] == ["missing_out"]
    assert town.visits.check_out(worker, DEMO.quiet.number, "out").order_id == second.id
    with pytest.raises(NotIn):
        town.visits.check_out(worker, HOME, "out")


def test_one_worker_with_two_calls_at_once_is_in_one_home(any_town: Town) -> None:
    town = any_town
    first, second = town.accept(town.place(DEMO.wang)), town.accept(town.place(DEMO.quiet))
    worker = first.worker_id or 0
    with town.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = worker
    ends = at_once(2, lambda at: town.visits.check_in(worker, None, f"in-{at}", (first, second)[at].id))
    assert len([end for end in ends if isinstance(end, AlreadyIn)]) == 1
    assert len(town.rows(Visit)) == 1


def test_time_is_counted_in_steps(town: Town) -> None:
    order = town.accept(town.place())
    town.visits.check_in(order.worker_id or 0, HOME, "in")
    town.clock.forward(minutes=53)
    seen = town.visits.check_out(order.worker_id or 0, HOME, "out")
    assert (seen.minutes, seen.worked_minutes) == (53, 60)


def test_a_task_of_another_item_or_visit_is_refused(town: Town) -> None:
    order = town.served(item="bathing")
    (visit,) = [row for row in town.rows(Visit) if row.order_id == order.id]
    other = next(task for task in town.rows(ItemTask) if task.item_id != order.item_id)
    with pytest.raises(Invalid):
        town.visits.report_task(visit.id, other.id, TaskResult.DONE)
    with pytest.raises(NotFound):
        town.visits.report_task(visit.id, 999, TaskResult.DONE)
    with pytest.raises(NotFound):
        town.visits.report_task(999, other.id, TaskResult.DONE)


def test_no_more_tasks_are_asked_than_a_call_can_bear(town: Town) -> None:
    with town.unit_of_work() as session:
        for at in range(10):
            session.add(
                ItemTask(item_id=town.item_id("bathing"), code=f"more-{at}", position=9, name="更多", name_en="more")
            )
    order = town.accept(town.place(item="bathing"))
    town.visits.check_in(order.worker_id or 0, HOME, "in")
    assert len(town.visits.check_out(order.worker_id or 0, HOME, "out").tasks) == 4

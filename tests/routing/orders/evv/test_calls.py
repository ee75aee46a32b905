"""Every case of a worker's call: locks, what telephone it was, other homes, colleagues, no begin, on to the next."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.demo_services import WORKERS
from db.models import Callback, Case, ItemTask, Order, Visit, VisitException, Worker
from routing.errors import Invalid, NotFound
from routing.orders.errors import AlreadyIn, InsteadOf, NoBegin, NotIn, NoVisitToday, PinLocked, WrongHome, WrongPin
from routing.orders.evv.policy import CalledFrom
from routing.orders.visits import Agreed, TaskResult
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

HOME = DEMO.wang.number


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

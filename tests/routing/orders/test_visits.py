"""Who is it, in and out, and what a worker can do wrong."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.demo_services import WORKERS
from db.models import Callback, Elder, Order, Visit
from routing.errors import NotFound
from routing.orders.errors import (
    AlreadyIn,
    NotIn,
    NoVisitToday,
    PinLocked,
    WhichVisit,
    WrongPin,
)
from routing.orders.pins import TRIES_WITHHELD
from routing.orders.policy import OrderState
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


def test_the_company_of_a_worker_whose_pin_is_locked_is_told_by_sms_once_and_at_night(town: Town) -> None:
    town.clock.forward(hours=14)
    for _ in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            town.visits.identify(DEMO.worker.number, "000000")
    with pytest.raises(PinLocked):
        town.visits.identify(DEMO.worker.number, "000000")
    assert town.sms.send_due().accepted == 1
    (told,) = town.carrier.handed
    assert (told.number, DEMO.worker.name in told.text) == (DEMO.company.number, True)


def test_wrong_pins_from_an_elders_telephone_name_no_worker_and_so_no_company(town: Town) -> None:
    for _ in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            town.visits.identify(HOME, "000000")
    town.sms.send_due()
    assert town.carrier.handed == []


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

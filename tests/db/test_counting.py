"""The days of companies: counted with whatever changes an order or makes an offer, on both databases."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, text

from db.counting import Slot, recount
from db.demo import DEMO
from db.encryption import FieldCipher
from db.models import CompanyDay, Offer, Order
from tests.routing.town import MORNING, ZONE, Town

LONG_AGO = date(2026, 1, 1)
TODAY = MORNING.date()
THREADS, EACH = 4, 6


@pytest.fixture
def any_town(engine: Engine, cipher: FieldCipher) -> Town:
    """The town on each kind of database in turn."""
    return Town(engine, cipher)


def _given(town: Town, company_id: int, **more: object) -> int:
    """An order that a company has."""
    order_id = town.place(DEMO.wang, "meal", **more).id  # type: ignore[arg-type]
    town.dispatch.assign(order_id, company_id, actor="user:2", channel="desk")
    return order_id


def _kept(town: Town, company_id: int) -> dict[date, tuple[int, int]]:
    with town.reading() as session:
        rows = session.scalars(select(CompanyDay).where(CompanyDay.company_id == company_id))
        return {row.day: (row.orders, row.offers) for row in rows if row.orders or row.offers}


def test_an_order_counts_on_the_day_on_which_it_is_due_while_a_company_has_it(any_town: Town) -> None:
    order_id = _given(any_town, 1)
    assert _kept(any_town, 1)[TODAY][0] == 1
    with any_town.unit_of_work() as session:
        session.get_one(Order, order_id).due_at += timedelta(days=1)
    assert _kept(any_town, 1)[TODAY + timedelta(days=1)][0] == 1
    any_town.dispatch.reassign(order_id, 3, actor="user:2", reason="because")
    assert not any(orders for orders, _offers in _kept(any_town, 1).values())
    assert _kept(any_town, 3)[TODAY + timedelta(days=1)][0] == 1
    any_town.orders.cancel(order_id, actor="user:2", channel="desk", reason="-")
    assert not any(orders for orders, _offers in _kept(any_town, 3).values())


def test_what_is_rolled_back_is_not_counted_nor_what_a_savepoint_gave_back(any_town: Town) -> None:
    first, second = any_town.place(DEMO.wang, "meal").id, any_town.place(DEMO.wang, "repair").id
    with pytest.raises(ZeroDivisionError), any_town.unit_of_work() as session:
        session.get_one(Order, first).state, session.get_one(Order, first).company_id = "accepted", 1
        session.flush()
        raise ZeroDivisionError
    with any_town.unit_of_work() as session:
        order = session.get_one(Order, first)
        order.state, order.company_id = "accepted", 1
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            other = session.get_one(Order, second)
            other.state, other.company_id = "accepted", 1
            session.flush()
            raise ZeroDivisionError
        with session.begin_nested():
            session.get_one(Order, second).company_id = 3
    assert sum(orders for orders, _offers in _kept(any_town, 1).values()) == 1
    with any_town.unit_of_work() as session:
        assert not recount(session, ZONE, LONG_AGO, repair=False)


def test_what_is_wrong_is_told_and_put_right_and_old_days_go(any_town: Town) -> None:
    _given(any_town, 1)
    with any_town.unit_of_work() as session:
        session.execute(text("UPDATE company_days SET orders = 7"))
        session.add(CompanyDay(day=LONG_AGO, company_id=1, orders=1, offers=1))
    with any_town.unit_of_work() as session:
        wrong = recount(session, ZONE, TODAY, repair=False)
        assert [(each.slot, each.kept, each.found) for each in wrong if each.slot.company_id == 1] == [
            (Slot(TODAY, 1, "orders"), 7, 1)
        ]
        recount(session, ZONE, TODAY, repair=True)
    with any_town.unit_of_work() as session:
        assert not recount(session, ZONE, TODAY, repair=False)
    assert LONG_AGO not in _kept(any_town, 1)


def test_many_at_once_count_each_one(any_town: Town) -> None:
    """Companies in every order, and a recount in the middle of it: nobody waits for each other in a circle."""
    order_id = any_town.place(DEMO.wang, "meal").id
    failed: list[Exception] = []

    def offer(thread: int) -> None:
        try:
            for number in range(EACH):
                with any_town.unit_of_work() as session:
                    for company_id in (1, 2, 3) if thread % 2 else (3, 2, 1):
                        session.add(
                            Offer(
                                order_id=order_id, company_id=company_id, round=100 * (thread + 1) + number,
                                state="expired", offered_at=MORNING, expires_at=MORNING,
                            )
                        )  # fmt: skip
                        session.flush()
                if number == EACH // 2:
                    with any_town.unit_of_work() as session:
                        recount(session, ZONE, TODAY, repair=True)
        except Exception as error:  # noqa: BLE001  # Told by the test's own thread.
            failed.append(error)

    before = {each: _kept(any_town, each).get(TODAY, (0, 0))[1] for each in (1, 2, 3)}
    threads = [threading.Thread(target=offer, args=(each,)) for each in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not failed
    assert all(_kept(any_town, each)[TODAY][1] == before[each] + THREADS * EACH for each in (1, 2, 3))

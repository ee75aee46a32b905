"""Plans and the orders made from them: each once, taken back while nobody was asked, and nothing silently lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.encryption import FieldCipher
from db.models import Case, Elder, Order, OrderPlan, ServiceItem
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.errors import NotServed, PlanChanged
from routing.orders.planning.made import PlanTimes
from routing.orders.planning.making import PlanMaker
from routing.orders.planning.plans import OrderPlans
from routing.orders.planning.policy import NO_HOLIDAYS, PlanState
from routing.orders.planning.views import PlanView, PlanWish
from tests.routing.orders.test_service import at_once
from tests.routing.town import MORNING, ZONE, Town

TODAY = MORNING.date()


def maker_of(town: Town) -> PlanMaker:
    return PlanMaker(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, publish=town.published.append,
        orders=town.orders, holidays=lambda: NO_HOLIDAYS, times=PlanTimes(ZONE),
    )  # fmt: skip


def plans_of(town: Town) -> OrderPlans:
    return OrderPlans(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, maker=maker_of(town),
        holidays=lambda: NO_HOLIDAYS, zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip


def wish(town: Town, rule: str = "FREQ=DAILY", times: str = "11:30", starts: date = TODAY, **more: Any) -> PlanWish:
    return PlanWish(town.item_id("meal"), rule, times, starts, **more)


def daily(town: Town, key: str = "a-plan") -> PlanView:
    return plans_of(town).create(town.elder_id(DEMO.wang), wish(town), key=key)


def days(town: Town, *, state: str = "requested") -> list[date | None]:
    return sorted(order.plan_day for order in town.rows(Order) if order.state == state and order.plan_day)


def set_row(town: Town, kind: type[Elder] | type[ServiceItem], row_id: int, **values: object) -> None:
    with town.unit_of_work() as session:
        row = session.get_one(kind, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def test_orders_are_made_some_days_ahead_with_price_and_source(any_town: Town) -> None:
    plan = daily(any_town)
    assert days(any_town) == [TODAY + timedelta(days=n) for n in range(1, 4)]
    assert plan.made_until == TODAY + timedelta(days=3)
    today = next(order for order in any_town.rows(Order) if order.plan_day == TODAY)
    assert today.state == "offered", "it is due in two hours"
    assert all((order.source, order.price_fen) == ("plan", 1500) for order in any_town.rows(Order))
    assert any_town.dispatch.sweep() == 0, "what is due in days is not offered yet"
    any_town.clock.forward(days=1)
    assert maker_of(any_town).make().made == 1
    assert maker_of(any_town).make().made == 0
    assert any_town.dispatch.sweep() >= 1


def test_the_same_key_makes_one_plan_and_makers_at_once_make_each_order_once(any_town: Town) -> None:
    assert daily(any_town).id == daily(any_town).id
    any_town.clock.forward(days=2)
    results = at_once(4, lambda _at: maker_of(any_town).make())
    assert not [each for each in results if isinstance(each, Exception)]
    made = [order.plan_day for order in any_town.rows(Order)]
    assert len(made) == len(set(made)) == 6


def test_a_change_takes_back_what_nobody_was_asked_for_and_nothing_else(any_town: Town) -> None:
    plan = daily(any_town)
    changed = plans_of(any_town).change(plan.id, wish(any_town, "FREQ=WEEKLY;BYDAY=FR", "17:00"), version=plan.version)
    assert changed.version == plan.version + 1
    friday = TODAY + timedelta(days=2)
    assert days(any_town) == [friday]
    assert days(any_town, state="offered") == [TODAY], "the company was asked already"
    assert len(days(any_town, state="cancelled")) == 3
    cancelled = next(order for order in any_town.rows(Order) if order.state == "cancelled")
    assert "its rule was changed" in any_town.orders.history(cancelled.id)[-1].reason or "time" in (
        any_town.orders.history(cancelled.id)[-1].reason
    )
    plans_of(any_town).change(plan.id, wish(any_town))
    assert days(any_town) == [TODAY + timedelta(days=n) for n in range(1, 4)], "it comes back when it is wanted again"
    with pytest.raises(PlanChanged, match="first"):
        plans_of(any_town).change(plan.id, wish(any_town), version=plan.version)


def test_what_the_elder_cancelled_is_not_made_again(town: Town) -> None:
    daily(town)
    order = next(order for order in town.rows(Order) if order.plan_day == TODAY + timedelta(days=1))
    town.orders.cancel(order.id, actor="elder:1", channel="phone_key", reason="away")
    assert maker_of(town).settle(1).made == 0
    assert len(days(town)) == 2


def test_a_pause_a_skip_and_a_move(town: Town) -> None:
    plans, plan = plans_of(town), daily(town)
    paused = plans.pause(plan.id, TODAY + timedelta(days=1), None, "住院")
    assert paused.state is PlanState.PAUSED
    assert days(town) == []
    cancelled = [order for order in town.rows(Order) if order.state == "cancelled"]
    assert {town.orders.history(order.id)[-1].reason.split(": ", 1)[1] for order in cancelled} == {"paused: 住院"}
    with pytest.raises(Conflict):
        plans.pause(plan.id, TODAY, None, "again")
    resumed = plans.resume(plan.id, TODAY + timedelta(days=2))
    assert resumed.state is PlanState.ACTIVE
    assert days(town) == [TODAY + timedelta(days=2), TODAY + timedelta(days=3)]
    plans.skip(plan.id, TODAY + timedelta(days=2))
    assert days(town) == [TODAY + timedelta(days=3)]
    with pytest.raises(Conflict, match="already"):
        plans.skip(plan.id, TODAY + timedelta(days=3), to=TODAY + timedelta(days=4))
    with pytest.raises(Invalid):
        plans.skip(plan.id, TODAY - timedelta(days=1))
    weekly = plans.create(town.elder_id(DEMO.quiet), wish(town, "FREQ=WEEKLY;BYDAY=TU"), key="weekly")
    tuesday = TODAY + timedelta(days=6)
    plans.skip(weekly.id, tuesday, to=TODAY + timedelta(days=1))
    moved = next(order for order in town.rows(Order) if order.plan_id == weekly.id)
    assert (moved.plan_day, moved.due_at.astimezone(ZONE).date()) == (tuesday, TODAY + timedelta(days=1))
    with pytest.raises(NotFound, match="no date"):
        plans.skip(weekly.id, TODAY + timedelta(days=2))


@pytest.mark.parametrize("state", ["deceased", "deregistered", "moved"])
def test_the_plan_of_an_elder_who_is_gone_ends_with_a_case(any_town: Town, state: str) -> None:
    plan = daily(any_town)
    set_row(any_town, Elder, plan.elder_id, state=state)
    assert maker_of(any_town).make().ended == 1
    ended = plans_of(any_town).get(plan.id)
    assert (ended.state, ended.end_reason) == (PlanState.ENDED, f"the elder is {state}")
    assert days(any_town) == []
    (case,) = [case for case in any_town.rows(Case) if case.kind == "plan"]
    with any_town.reading() as session:
        note = session.get_one(Case, case.id).timeline[0].detail
    offered = next(order for order in any_town.rows(Order) if order.state == "offered")
    assert offered.number in note, "whoever reads it knows whom to ring"
    assert maker_of(any_town).make().ended == 0
    with pytest.raises(NotServed):
        plans_of(any_town).create(plan.elder_id, wish(any_town), key="another")


def test_an_item_that_is_not_offered_any_more_ends_its_plans_with_a_case(town: Town) -> None:
    plan = daily(town)
    set_row(town, ServiceItem, plan.item_id, active=False)
    town.clock.forward(days=1)
    maker_of(town).make()
    maker_of(town).make()
    assert plans_of(town).get(plan.id).state is PlanState.ENDED
    assert [case.kind for case in town.rows(Case)].count("plan") == 1
    assert days(town, state="requested") == []


def test_dates_that_passed_while_nothing_ran_are_told(town: Town) -> None:
    daily(town)
    town.clock.forward(days=6)
    maker_of(town).make()
    (case,) = [case for case in town.rows(Case) if case.kind == "plan"]
    with town.reading() as session:
        note = session.get_one(Case, case.id).timeline[0].detail
    assert str(TODAY + timedelta(days=4)) in note and str(TODAY + timedelta(days=5)) in note


def test_a_plan_that_ends_or_runs_out_leaves_nothing_behind(town: Town) -> None:
    plans, plan = plans_of(town), daily(town)
    assert plans.end(plan.id, "moves to the daughter").state is PlanState.ENDED
    assert days(town) == []
    with pytest.raises(Conflict, match="ended"):
        plans.pause(plan.id, TODAY, None, "")
    short = plans.create(town.elder_id(DEMO.quiet), wish(town, "FREQ=DAILY;COUNT=2"), key="short")
    town.clock.forward(days=4)
    maker_of(town).make()
    assert plans.get(short.id).end_reason == "the rule gives no date any more"
    assert not [case for case in town.rows(Case) if case.kind == "plan"]


def test_a_preview_tells_the_next_dates_with_reasons(town: Town) -> None:
    plans, plan = plans_of(town), daily(town)
    plans.pause(plan.id, TODAY + timedelta(days=1), TODAY + timedelta(days=2), "住院")
    shown = plans.preview(plan.id, 3)
    assert [each.reason for each in shown if each.due_at is None] == ["paused: 住院"] * 2
    assert sum(each.due_at is not None for each in shown) == 3
    with pytest.raises(Invalid):
        plans.preview_of(wish(town, starts=TODAY - timedelta(days=1)))


_MAKING = """
import os, sys
from db.encryption import FieldCipher
from db.session import make_engine
from routing.orders import service
from tests.routing.orders.planning.test_plans import maker_of
from tests.routing.town import Town
town = Town(make_engine(sys.argv[1], FieldCipher(sys.argv[2], sys.argv[3])), FieldCipher(sys.argv[2], sys.argv[3]))
town.clock.forward(days=int(sys.argv[4]))
insert = service.insert_order
def slowly(*given):
    done = insert(*given)
    print("written", flush=True)
    sys.stdin.readline()
    return done
service.insert_order = slowly
maker_of(town).make()
"""


def test_a_maker_that_is_killed_in_the_middle_leaves_each_order_once(database_url: str) -> None:
    """Killed by signal 9 right after an order was written and before it is committed, again and again."""
    from db.encryption import new_key
    from db.session import make_engine

    keys = new_key(), new_key()
    engine = make_engine(database_url, FieldCipher(*keys))
    town = Town(engine, FieldCipher(*keys))
    for at, who in enumerate((DEMO.wang, DEMO.quiet, DEMO.one_key)):
        plans_of(town).create(town.elder_id(who), wish(town), key=f"plan-{at}")
    before = len(town.rows(Order))
    for lines in (1, 2, 4):
        making = subprocess.Popen(
            [sys.executable, "-c", _MAKING, database_url, *keys, "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.getcwd()},  # noqa: PTH109  # As the tests are run.
        )  # fmt: skip
        assert making.stdin is not None and making.stdout is not None
        for at in range(lines):
            if not making.stdout.readline():
                break
            if at + 1 < lines:
                making.stdin.write(b"\n")
                making.stdin.flush()
        making.send_signal(signal.SIGKILL)
        making.wait(30)
        making.stdin.close()
        making.stdout.close()
    town.clock.forward(days=2)
    maker_of(town).make()
    made = [(order.plan_id, order.plan_day) for order in town.rows(Order)]
    assert len(made) == len(set(made)) == before + 6
    with town.reading() as session:
        marked = set(session.scalars(select(OrderPlan.made_until)))
    assert marked == {TODAY + timedelta(days=5)}
    engine.dispose()


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "Asia/Shanghai"])
def test_midnight_in_the_hotline_s_zone_takes_nothing_back_from_a_plan_in_another(town: Town, zone: str) -> None:
    """A day of the plan's zone may be yesterday here, or tomorrow: what is to come of it stays, and comes once."""
    at = "21:00" if zone != "Pacific/Auckland" else "06:00"
    plan = plans_of(town).create(town.elder_id(DEMO.wang), wish(town, times=at, zone=zone), key="a-plan")
    made = {order.id: order.due_at for order in town.rows(Order)}
    town.clock.now = datetime.combine(TODAY + timedelta(days=1), time(0, 30), ZONE)
    to_come = {order_id for order_id, due_at in made.items() if due_at > town.clock()}
    assert to_come
    maker_of(town).make()
    assert {order.id for order in town.rows(Order) if order.state == "requested"} >= to_come
    assert not [order for order in town.rows(Order) if order.state == "cancelled"]
    assert {order.due_at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for order in town.rows(Order)} == {at}
    assert len({order.due_at for order in town.rows(Order)}) == len(town.rows(Order))
    first = min(made[order_id] for order_id in to_come)
    assert plans_of(town).preview(plan.id)[0].due_at == first, "the page shows it, too"
    assert not [case for case in town.rows(Case) if case.kind == "plan"]

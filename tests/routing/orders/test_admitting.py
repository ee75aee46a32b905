"""Whatever way an order comes in, the same is looked at first, and a key that is written gives its order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import routing
from db.demo import DEMO
from db.models import Company, Elder, Order, ServiceItem
from routing.errors import DomainError
from routing.orders.errors import BadDue, NobodyServes, NotServed
from routing.orders.intake import Asked, Intake
from routing.orders.views import OrderView
from tests.routing.town import Town

Way = Callable[..., OrderView]


def by_place(source: str) -> Callable[[Town], Way]:
    def way(town: Town) -> Way:
        return lambda elder, item, key, **more: town.orders.place(elder, item, key=key, source=source, **more)

    return way


def by_intake(town: Town) -> Way:
    intake = Intake(town.reading, town.orders)
    return lambda elder, item, key, **more: intake.place(
        Asked(elder, item, key=key, actor="user:1", confirm_repeat=True, **more)
    )


WAYS = [by_place("voice"), by_place("desk"), by_place("import"), by_place("sms"), by_intake]


def mark(town: Town, state: str) -> None:
    with town.unit_of_work() as session:
        session.scalars(select(Elder).where(Elder.code == DEMO.wang.code)).one().state = state


def nobody_brings(town: Town) -> None:
    with town.unit_of_work() as session:
        for company in session.scalars(select(Company)):
            company.districts = "天涯街道"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("prepare", "later", "error", "says"),
    [
        (lambda town: mark(town, "deceased"), 3, NotServed, "is deceased: correct the record"),
        (lambda town: mark(town, "deregistered"), 3, NotServed, "is deregistered"),
        (nobody_brings, 3, NobodyServes, "no company serves 清水湾街道 for 送餐; .* place_anyway"),
        (lambda _town: None, -0.2, BadDue, "the time is past"),
        (lambda _town: None, 24 * 366, BadDue, "more than a year away"),
        (lambda _town: None, 24 * 365 * 900, BadDue, "more than a year away"),
    ],
)  # fmt: skip
def test_no_way_in_goes_round_the_checks(  # noqa: PLR0917  # What a case is made of.
    town: Town, way: Callable[[Town], Way], prepare: Callable[[Town], None], later: float, error: type[DomainError],
    says: str,
) -> None:  # fmt: skip
    prepare(town)
    with pytest.raises(error, match=says):
        way(town)(town.elder_id(DEMO.wang), town.item_id("meal"), "k1", due_at=town.clock() + timedelta(hours=later))
    assert town.rows(Order) == []


def test_what_cannot_be_ordered_is_not_quoted_either(town: Town) -> None:
    who, meal = town.elder_id(DEMO.wang), town.item_id("meal")
    with pytest.raises(BadDue):
        town.orders.quote(who, meal, due_at=town.clock() - timedelta(hours=1))
    nobody_brings(town)
    with pytest.raises(NobodyServes):
        town.orders.quote(who, meal)
    assert town.orders.quote(who, meal, place_anyway=True).price_fen == 1500


@pytest.mark.parametrize("way", WAYS)
def test_a_key_that_is_written_gives_its_order_whatever_is_so_by_now(town: Town, way: Callable[[Town], Way]) -> None:
    who, meal = town.elder_id(DEMO.wang), town.item_id("meal")
    first = way(town)(who, meal, "k1", due_at=town.clock() + timedelta(hours=3))
    mark(town, "deceased")
    nobody_brings(town)
    town.clock.forward(days=400)
    assert way(town)(who, meal, "k1", due_at=first.due_at).id == first.id
    assert len(town.rows(Order)) == 1


def test_placed_anyway_it_is_left_to_a_supervisor(town: Town) -> None:
    nobody_brings(town)
    order = town.orders.place(
        town.elder_id(DEMO.wang), town.item_id("meal"), key="k1", source="desk", place_anyway=True
    )
    assert town.orders.get(order.id).state.value == "unassigned"


def test_districts_of_companies_that_are_not_active_serve_nobody(town: Town) -> None:
    with town.unit_of_work() as session:
        session.scalars(select(Company).where(Company.code == "C01")).one().active = False
    with pytest.raises(NobodyServes):
        town.orders.place(town.elder_id(DEMO.wang), town.item_id("meal"), key="k1", source="voice")


def test_nothing_else_writes_an_order() -> None:
    """Who would add a way in finds the gate: the one statement that writes an order is used in one place."""
    packages = Path(routing.__file__).parents[1]
    writers, makers = set(), set()
    for path in (each for name in ("routing", "ivr", "agent_console") for each in (packages / name).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\binsert_order\(", text):
            writers.add(path.relative_to(packages).as_posix())
        if re.search(r"(?<![\w.])Order\(|insert\(Order\)", text):
            makers.add(path.relative_to(packages).as_posix())
    assert writers == {"routing/orders/placing.py", "routing/orders/service.py"}
    assert makers == set()


def test_an_item_that_is_over_is_refused(town: Town) -> None:
    with town.unit_of_work() as session:
        session.scalars(select(ServiceItem).where(ServiceItem.code == "meal")).one().active = False
    with pytest.raises(NotServed, match="送餐 is not offered any more"):
        town.orders.place(town.elder_id(DEMO.wang), town.item_id("meal"), key="k1", source="voice")

"""Classes of payers: added with a rule, ended with their rules, once whoever is faster."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from db.demo import DEMO
from db.models import Elder, PayerClass, PayerRule
from routing.errors import NotFound
from routing.orders.pricing.book import Written
from routing.orders.pricing.classes import ClassEnded, ClassTaken, PayerClasses
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.reasons import Code
from tests.routing.orders.test_service import at_once
from tests.routing.town import MORNING, ZONE, Town

TODAY = MORNING.date()


def classes(town: Town) -> PayerClasses:
    return PayerClasses(town.unit_of_work, town.reading, town.clock, ZONE)


def written(first: date = TODAY, last: date | None = None) -> Written:
    return Written("user:1", first, last)


def put_wang_in(town: Town, code: str) -> int:
    with town.unit_of_work() as session:
        session.get_one(Elder, town.elder_id(DEMO.wang)).payer_class = code
    return town.elder_id(DEMO.wang)


def pays(town: Town, days: int = 0) -> tuple[int, Code]:
    due = MORNING + timedelta(days=days, hours=3)
    price = town.orders.quote(town.elder_id(DEMO.wang), town.item_id("meal"), due_at=due)
    return price.elder_pays_fen, price.reasons[1].code


def test_a_class_begins_with_its_rule_and_ends_with_it(any_town: Town) -> None:
    town, of = any_town, classes(any_town)
    of.add("veterans", "优抚对象", "", 20, None, written())
    assert (of.names()["veterans"], of.names("en")["veterans"]) == ("优抚对象", "veterans")
    put_wang_in(town, "veterans")
    assert pays(town) == (300, Code.SHARE)
    placed = town.place()
    assert of.end("veterans", TODAY + timedelta(days=3), "user:2", sure=True) == 1
    assert (pays(town, 3), pays(town, 4)) == ((300, Code.SHARE), (1500, Code.UNRULED))
    assert town.orders.get(placed.id).elder_pays_fen == 300
    with pytest.raises(ClassEnded, match="no rule after"):
        of.end("veterans", TODAY + timedelta(days=3), "user:2", sure=True)
    town.prices.set_rule("veterans", 50, None, written(TODAY + timedelta(days=6)))
    assert (pays(town, 5)[1], pays(town, 6)) == (Code.UNRULED, (750, Code.SHARE)), "a new rule begins it anew"
    of.end("veterans", TODAY + timedelta(days=5), "user:2", sure=True)
    assert pays(town, 6)[1] is Code.UNRULED, "what was planned after the last day is withdrawn"


def test_a_class_is_not_ended_over_the_heads_of_its_elders(town: Town) -> None:
    with pytest.raises(PriceRefused, match=r"elders are of this class and would pay all after 2026-03-04: .* say sure"):
        classes(town).end("assisted", TODAY, "user:1")
    with pytest.raises(PriceRefused, match="is past"):
        classes(town).end("assisted", TODAY - timedelta(days=2), "user:1", sure=True)
    with pytest.raises(NotFound, match="no class of payers"):
        classes(town).end("nobody", TODAY, "user:1")
    assert all(row.valid_to is None for row in town.rows(PayerRule))


def test_of_many_who_add_the_same_class_one_does(any_town: Town) -> None:
    of = classes(any_town)
    tried = at_once(5, lambda at: of.add("veterans", f"优抚 {at}", "", 0, None, written()))
    assert sum(isinstance(each, ClassTaken) for each in tried) == 4
    assert [row.code for row in any_town.rows(PayerClass)].count("veterans") == 1
    assert [row.payer_class for row in any_town.rows(PayerRule)].count("veterans") == 1


@pytest.mark.parametrize(
    ("code", "name", "percent", "monthly", "says"),
    [
        ("V", "优抚", 0, None, "no code of a class"), ("9v", "优抚", 0, None, "no code"),
        ("v-v", "优抚", 0, None, "no code"), ("v" * 21, "优抚", 0, None, "no code"),
        ("vv", "", 0, None, "has a name"), ("vv", "优" * 41, 0, None, "has a name"),
        ("vv", "优抚", -1, None, "between 0 and 100"), ("vv", "优抚", 100, 5, "has no quota"),
        ("vv", "优抚", 0, 0, "covers nothing"),
    ],
)  # fmt: skip
def test_absurd_classes_are_refused(  # noqa: PLR0917  # What a case is made of.
    town: Town, code: str, name: str, percent: int, monthly: int | None, says: str
) -> None:
    with pytest.raises(PriceRefused, match=says):
        classes(town).add(code, name, "", percent, monthly, written())
    assert len(town.rows(PayerClass)) == 3

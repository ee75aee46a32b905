"""Kinds of services: what the voice menus are made of."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from db.models import ServiceItem, ServiceKind
from routing.orders.kinds import Menu
from tests.routing.town import Town


def change(town: Town, what: type[Any], code: str, /, **values: object) -> None:
    with town.unit_of_work() as session:
        row = session.query(what).filter(what.code == code).one()
        for name, value in values.items():
            setattr(row, name, value)


def offered(town: Town, menu: Menu) -> list[tuple[int, str, str]]:
    return [(kind.key, kind.code, kind.item.code) for kind in town.orders.kinds(menu)]


def test_both_menus_are_read_from_the_database(any_town: Town) -> None:
    assert offered(any_town, Menu.DAILY) == [
        (1, "meals", "meal"), (2, "cleaning", "cleaning"), (3, "personal_care", "bathing"), (4, "repairs", "repair"),
    ]  # fmt: skip
    assert offered(any_town, Menu.CARE) == [
        (1, "medical", "escort"), (2, "medicines", "medicine"), (3, "companionship", "companionship"),
    ]  # fmt: skip


def test_a_kind_stands_for_its_item_with_the_lowest_key(town: Town) -> None:
    with town.unit_of_work() as session:
        session.add_all(
            ServiceItem(code=code, kind="meals", name=code, name_en=code, menu_key=key, price_fen=1200)
            for code, key in (("lunch", 2), ("feast", None), ("free_soup", 0))
        )
    assert offered(town, Menu.DAILY)[0] == (1, "meals", "meal")
    change(town, ServiceItem, "meal", active=False)
    assert offered(town, Menu.DAILY)[0] == (1, "meals", "lunch")
    change(town, ServiceItem, "lunch", active=False)
    assert offered(town, Menu.DAILY)[0] == (2, "cleaning", "cleaning")


@pytest.mark.parametrize("values", [{"active": False}, {"menu": ""}, {"menu_key": None}, {"menu_key": 5}])
def test_a_kind_that_is_not_in_a_menu_is_not_offered(town: Town, values: dict[str, object]) -> None:
    change(town, ServiceKind, "meals", **values)
    assert "meals" not in [kind.code for kind in town.orders.kinds()]


def test_two_active_kinds_never_share_a_key(any_town: Town) -> None:
    with pytest.raises(IntegrityError):
        change(any_town, ServiceKind, "meals", menu_key=2)
    change(any_town, ServiceKind, "cleaning", active=False)
    change(any_town, ServiceKind, "meals", menu_key=2)
    assert offered(any_town, Menu.DAILY)[0] == (2, "meals", "meal")


def test_an_item_belongs_to_a_kind_that_there_is(any_town: Town) -> None:
    with pytest.raises(IntegrityError):
        change(any_town, ServiceItem, "meal", kind="nothing")


@pytest.mark.parametrize("what", [(ServiceItem, "meal"), (ServiceKind, "meals")])
def test_what_is_not_offered_any_more_is_no_item(town: Town, what: tuple[type[Any], str]) -> None:
    item_id = town.item_id("meal")
    item = town.orders.item(item_id)
    assert item is not None
    assert (item.code, item.day_and_night) == ("meal", False)
    change(town, *what, active=False)
    assert town.orders.item(item_id) is None
    assert town.orders.item(999_999) is None


def test_repairs_come_by_day_and_by_night(town: Town) -> None:
    assert [kind.code for kind in town.orders.kinds() if kind.item.day_and_night] == ["repairs"]

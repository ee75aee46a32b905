"""The first menu: what it offers when services are missing, and to whoever always orders the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Order, ServiceItem, ServiceKind
from ivr.flows.welcome import Welcome
from routing.calls.caller import Caller
from routing.hours.policy import Standing, Why
from routing.manners.manner import Manner
from routing.orders.items import ItemRegister
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number


def without(town: Town, *menus: str) -> None:
    with town.unit_of_work() as session:
        for kind in session.query(ServiceKind).filter(ServiceKind.menu.in_(menus)):
            kind.active = False


def always_orders(exchange: Exchange, code: str, *, offered: bool = True) -> None:
    """Have everybody who calls order `code` always."""
    directory, favourite = exchange.directory, exchange.town.item_id(code)

    class Learnt:
        def look_up(self, number: str | None) -> Caller:
            caller = directory.look_up(number)
            manner = Manner(favourite_item_id=favourite, favourite_offered=offered)
            return replace(caller, elders=tuple(replace(elder, manner=manner) for elder in caller.elders))

    exchange.directory = Learnt()


def close(exchange: Exchange) -> None:
    exchange.services["standing"] = lambda: Standing(False, None, None, Why.WEEKDAY)


def test_the_usual_menu_is_one_prompt_with_three_choices(exchange: Exchange) -> None:
    assert exchange.call(Welcome, WANG).heard[1:] == ["welcome.menu", "welcome.person"]
    for key, then in (("1", "services.intro"), ("2", "status.none"), ("3", "services.intro")):
        assert exchange.call(Welcome, WANG, {"welcome.menu": key}).heard[2] == then


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (("care",), ["welcome.services", "welcome.orders", "welcome.help"]),
        (("daily",), ["welcome.orders", "welcome.care", "welcome.help"]),
        (("daily", "care"), ["welcome.orders", "welcome.help"]),
    ],
)
def test_a_menu_without_any_kind_has_no_key(
    exchange: Exchange, town: Town, missing: tuple[str, ...], said: list[str]
) -> None:
    without(town, *missing)
    talk = exchange.call(Welcome, WANG)
    assert talk.heard[1:-1] == said
    assert not talk.call.not_spoken
    for key, menu in (("1", "daily"), ("3", "care")):
        heard = exchange.call(Welcome, WANG, {"welcome.help": key}).heard
        assert ("services.intro" in heard) == (menu not in missing), key
        assert ("error.wrong_key" in heard) == (menu in missing), key


def test_kinds_that_have_no_item_are_as_if_they_were_not_there(exchange: Exchange, town: Town) -> None:
    with town.unit_of_work() as session:
        for item in session.query(ServiceItem):
            item.active = False
    assert exchange.call(Welcome, WANG).heard[1:-1] == ["welcome.orders", "welcome.help"]


def test_what_is_always_ordered_comes_first(exchange: Exchange, town: Town) -> None:
    always_orders(exchange, "meal")
    talk = exchange.call(Welcome, WANG, {"welcome.favourite": "1", "order.confirm_free": "1"})
    assert talk.said("welcome.favourite")["service"] == "送餐"
    (order,) = town.rows(Order)
    assert (order.item_id, talk.goes) == (town.item_id("meal"), "bye")
    assert "services.intro" not in talk.heard
    assert not talk.call.not_spoken


def test_after_it_the_other_choices_are_all_there(exchange: Exchange) -> None:
    always_orders(exchange, "cleaning")
    talk = exchange.call(Welcome, WANG)
    assert talk.heard[1:-1] == [
        "welcome.favourite", "welcome.orders", "welcome.care", "welcome.services", "welcome.help",
    ]  # fmt: skip
    assert talk.said("welcome.services")["key"] == "4"
    first = {"2": "status.none", "3": "services.intro", "4": "services.intro"}
    for key, then in first.items():
        talk = exchange.call(Welcome, WANG, {"welcome.help": key})
        assert talk.heard[talk.heard.index("welcome.help") + 1] == then
    kinds = [each.values["service"] for each in talk.call.heard if each.key == "services.choice"]
    assert kinds[0] == "送餐", "4 is the menu of daily life"


def test_by_night_it_comes_after_what_is_urgent(exchange: Exchange) -> None:
    always_orders(exchange, "meal")
    close(exchange)
    heard = exchange.call(Welcome, WANG).heard
    assert heard[2:] == [
        "closed.urgent", "welcome.favourite", "welcome.orders", "welcome.care", "welcome.services", "closed.person",
    ]  # fmt: skip


def _not_active(town: Town) -> None:
    with town.unit_of_work() as session:
        session.query(ServiceItem).filter(ServiceItem.code == "meal").one().active = False


def _kind_not_active(town: Town) -> None:
    with town.unit_of_work() as session:
        session.query(ServiceKind).filter(ServiceKind.code == "meals").one().active = False


@pytest.mark.parametrize("gone", [_not_active, _kind_not_active])
def test_what_is_not_offered_any_more_is_not_asked_about(
    exchange: Exchange, town: Town, gone: Callable[[Town], None]
) -> None:
    always_orders(exchange, "meal")
    gone(town)
    assert exchange.call(Welcome, WANG).heard[1] == "welcome.menu"


def test_who_does_not_wish_to_be_asked_hears_the_usual_menu(exchange: Exchange) -> None:
    always_orders(exchange, "meal", offered=False)
    assert exchange.call(Welcome, WANG).heard[1] == "welcome.menu"


@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("55", "hold"), ("9", "sos")])
def test_0_9_and_no_key_are_as_ever(exchange: Exchange, keys: str, goes: str) -> None:
    always_orders(exchange, "meal")
    talk = exchange.call(Welcome, WANG, lambda prompt, _before: keys if prompt == "welcome.favourite" else "")
    assert talk.goes == goes


def test_a_caller_may_go_at_any_step(exchange: Exchange) -> None:
    always_orders(exchange, "meal")
    keys = {"welcome.favourite": "1", "order.confirm_free": "3"}
    assert every_step(lambda step: exchange.call(Welcome, WANG, keys, hang_up_at=step)) >= 5


def told_at(town: Town, menu: str, times: str) -> None:
    with town.reading() as session:
        codes = session.scalars(select(ServiceKind.code).where(ServiceKind.menu == menu)).all()
    for code in codes:
        ItemRegister(town.unit_of_work, town.reading, town.clock).set_menu_times(code, times, "user:2")


@pytest.mark.parametrize(
    ("times", "told"),
    [("off", False), ("", True), ("mon-sun 00:00-24:00", True), ("mon-sun 03:00-03:01", False)],
)
def test_a_menu_is_told_at_its_times_alone_and_no_other_key_moves(
    exchange: Exchange, town: Town, times: str, told: bool
) -> None:
    told_at(town, "care", times)
    heard = exchange.call(Welcome, WANG).heard[1:-1]
    assert heard == (["welcome.menu"] if told else ["welcome.services", "welcome.orders", "welcome.help"])
    for key, then in (("1", "services.intro"), ("2", "status.none")):
        assert then in exchange.call(Welcome, WANG, {("welcome.menu" if told else "welcome.help"): key}).heard


def test_nobody_is_left_without_a_person_an_sos_and_their_orders(exchange: Exchange, town: Town) -> None:
    for menu in ("daily", "care"):
        told_at(town, menu, "off")
    assert exchange.call(Welcome, WANG).heard[1:-1] == ["welcome.orders", "welcome.help"]
    assert "status.none" in exchange.call(Welcome, WANG, {"welcome.help": "2"}).heard
    assert exchange.call(Welcome, WANG, {"welcome.help": "0"}).goes == "hold"
    assert exchange.call(Welcome, WANG, {"welcome.help": "9"}).goes == "sos"


def test_what_is_always_ordered_is_not_offered_out_of_its_times(exchange: Exchange, town: Town) -> None:
    always_orders(exchange, "meal")
    assert "welcome.favourite" in exchange.call(Welcome, WANG).heard
    ItemRegister(town.unit_of_work, town.reading, town.clock).set_menu_times("meals", "off", "user:2")
    assert "welcome.favourite" not in exchange.call(Welcome, WANG).heard

"""Ordering by keys, from the welcome on."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from db.models import Order, ServiceItem
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from routing.orders.kinds import Menu
from routing.orders.policy import OrderState
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number
MEAL = {"welcome.menu": "1", "services.intro": "1", "order.confirm_free": "1", "order.confirm": "1"}


def test_an_elder_orders_a_meal_and_hears_its_number(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, WANG, MEAL)
    (order,) = town.rows(Order)
    assert talk.heard[1:] == [
        "welcome.menu", "services.intro", "order.confirm_free", "order.placed", "order.visit_at", "bye.goodbye",
    ]  # fmt: skip
    assert talk.said("order.placed")["number"] == order.number
    assert talk.said("order.visit_at")["when"] == datetime(2026, 3, 4, 11, 30, tzinfo=town.clock.now.tzinfo)
    assert (order.source, order.call_id, order.state) == ("voice", talk.call.facts.call_id, "offered")
    assert (talk.goes, talk.book.ends, talk.book.tickets) == ("bye", ["self_served"], [])
    assert "order.placed" in talk.book.steps
    assert not talk.call.not_spoken


def test_the_whole_menu_is_read_with_its_keys(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, WANG, {"welcome.menu": "1"})
    read = [(each.values["service"], each.values["key"]) for each in talk.call.heard if each.key == "services.choice"]
    assert read == [("送餐", "1"), ("保洁", "2"), ("洗澡护理", "3"), ("维修", "4")]
    assert not talk.call.not_spoken


def test_who_pays_hears_the_price(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, DEMO.quiet.number, MEAL | {"order.confirm_half": "1"})
    assert talk.said("order.confirm_half")["price"] == 750
    assert town.rows(Order)[0].elder_pays_fen == 750
    assert not talk.call.not_spoken


def test_who_says_no_gets_no_order(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, WANG, MEAL | {"order.confirm_free": "3"})
    assert "order.cancelled" in talk.heard
    assert not town.rows(Order)
    assert talk.goes == "bye"


@pytest.mark.parametrize(("again", "orders"), [("1", 2), ("2", 1), ("", 1)])
def test_the_same_again_is_asked_not_doubled(exchange: Exchange, town: Town, again: str, orders: int) -> None:
    exchange.call(Welcome, WANG, MEAL)
    talk = exchange.call(Welcome, WANG, MEAL | {"order.twice": again})
    assert "order.twice" in talk.heard
    assert len(town.rows(Order)) == orders


@pytest.mark.parametrize("at", ["services.intro", "order.confirm_free"])
@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("9", "sos"), ("##", "hold")])
def test_no_key_or_a_wrong_one_is_a_person_who_knows_what_it_is_about(
    exchange: Exchange, town: Town, at: str, keys: str, goes: str
) -> None:
    def presses(prompt: str, _before: int) -> str:
        return keys if prompt == at else MEAL.get(prompt, "")

    talk = exchange.call(Welcome, WANG, presses)
    assert talk.goes == goes
    assert talk.ticket.intent is (Intent.SOS if goes == "sos" else Intent.ORDER)
    assert not town.rows(Order)


def test_nothing_to_order_is_said_and_a_person_helps(exchange: Exchange, town: Town) -> None:
    class ClosesMeanwhile(type(town.orders)):  # type: ignore[misc]
        def kinds(self, menu: Menu | None = None) -> object:
            return () if menu else super().kinds()

    town.orders.__class__ = ClosesMeanwhile
    talk = exchange.call(Welcome, WANG, MEAL)
    assert talk.heard[-1] == "services.none"
    assert talk.goes == "hold"


def test_an_order_that_is_refused_is_said_and_a_person_helps(exchange: Exchange, town: Town) -> None:
    class ClosesMeanwhile(type(town.orders)):  # type: ignore[misc]
        def place(self, *args: object, **named: object) -> object:
            with town.unit_of_work() as session:
                session.query(ServiceItem).filter(ServiceItem.code == "meal").one().active = False
            return super().place(*args, **named)

    town.orders.__class__ = ClosesMeanwhile
    talk = exchange.call(Welcome, WANG, MEAL)
    assert (talk.heard[-1], talk.goes) == ("order.not_served", "hold")


def test_when_the_database_is_away_it_is_said_and_a_person_helps(exchange: Exchange, town: Town) -> None:
    class Down:
        def kinds(self, _menu: object = None) -> None:
            raise ConnectionError

    exchange.services["orders"] = Down()
    talk = exchange.call(Welcome, WANG, MEAL)
    assert (talk.heard[-1], talk.goes) == ("error.technical", "hold")
    assert town.rows(Order) == []


def test_a_caller_may_go_at_any_step_and_one_call_orders_once(exchange: Exchange, town: Town) -> None:
    def talk(at: int | None) -> object:
        town.clock.forward(minutes=11)
        return exchange.call(Welcome, WANG, MEAL, hang_up_at=at)

    steps = every_step(talk)  # type: ignore[arg-type]
    placed = town.rows(Order)
    assert len({order.call_id for order in placed}) == len(placed)
    assert 1 <= len(placed) < steps
    assert {OrderState(order.state) for order in placed} <= {OrderState.OFFERED, OrderState.UNASSIGNED}

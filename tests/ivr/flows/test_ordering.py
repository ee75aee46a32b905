"""The question that places an order: what it costs, for when, and what is asked at which hour."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from db.models import Company, Elder, Order
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import ZONE, Town

WANG = DEMO.wang.number
QUESTION = (
    "order.confirm_free",
    "order.free_left",
    "order.today",
    "order.tomorrow",
    "order.not_at_all",
    "services.person",
)


def ask(exchange: Exchange, answer: str, *, service: str = "1", hang_up_at: int | None = None) -> Talk:
    """Go to the question of a service of daily life, and press `answer` over its last choice each time."""
    return exchange.call(
        Welcome, WANG, {"welcome.menu": "1", "services.intro": service, "order.not_at_all": [answer] * 4},
        hang_up_at=hang_up_at,
    )  # fmt: skip


def at(exchange: Exchange, hour: int, minute: int = 0) -> None:
    exchange.town.clock.now = datetime(2026, 3, 4, hour, minute, tzinfo=ZONE)


def test_all_of_it_is_one_question(exchange: Exchange) -> None:
    heard = ask(exchange, "").heard
    at_first = heard.index("order.confirm_free")
    assert tuple(heard[at_first : at_first + 6]) == QUESTION
    assert heard[at_first + 6] == "error.hint"


def test_1_is_today_as_soon_as_possible_and_the_time_is_read_back(exchange: Exchange, town: Town) -> None:
    talk = ask(exchange, "1")
    (order,) = town.rows(Order)
    assert order.due_at == datetime(2026, 3, 4, 11, 30, tzinfo=ZONE)
    assert talk.said("order.visit_at")["when"] == order.due_at
    assert talk.heard[-3:] == ["order.placed", "order.visit_at", "bye.goodbye"]


def test_2_is_tomorrow_morning(exchange: Exchange, town: Town) -> None:
    talk = ask(exchange, "2")
    (order,) = town.rows(Order)
    assert order.due_at == datetime(2026, 3, 5, 9, tzinfo=ZONE)
    assert talk.said("order.visit_at")["when"] == order.due_at
    assert talk.said("order.tomorrow")["key"] == "2"
    assert not talk.call.not_spoken


def test_3_is_not_at_all(exchange: Exchange, town: Town) -> None:
    talk = ask(exchange, "3")
    assert talk.heard[-3:] == ["order.cancelled", "services.person", "bye.goodbye"]
    assert (town.rows(Order), talk.book.ends, talk.goes) == ([], ["self_served"], "bye")


def test_1_1_1_pressed_blindly_orders_a_meal(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, WANG, {"welcome.greet_morning": "111"})
    (order,) = town.rows(Order)
    assert (order.source, talk.goes) == ("voice", "bye")


def test_late_in_the_evening_1_is_tomorrow_morning_and_the_words_say_so(exchange: Exchange, town: Town) -> None:
    at(exchange, 21, 40)
    talk = ask(exchange, "1")
    (order,) = town.rows(Order)
    assert order.due_at == datetime(2026, 3, 5, 9, tzinfo=ZONE)
    assert "order.too_late_today" in talk.book.steps
    assert "order.today" not in talk.heard


@pytest.mark.parametrize(("key", "orders"), [("1", 1), ("3", 0), ("2", 0)])
def test_late_in_the_evening_2_means_nothing_and_3_still_not_at_all(
    exchange: Exchange, town: Town, key: str, orders: int
) -> None:
    at(exchange, 21, 40)
    talk = exchange.call(
        Welcome, WANG, {"welcome.menu": "1", "services.intro": "1", "order.tomorrow": [key, key, key]}
    )  # fmt: skip
    assert len(town.rows(Order)) == orders
    assert talk.said("order.tomorrow")["key"] == "1"
    assert talk.heard.index("order.too_late") < talk.heard.index("order.tomorrow")
    assert talk.goes == ("hold" if key == "2" else "bye")
    assert not talk.call.not_spoken


def test_before_dawn_it_is_promised_for_seven(exchange: Exchange, town: Town) -> None:
    at(exchange, 2)
    ask(exchange, "1")
    assert town.rows(Order)[0].due_at == datetime(2026, 3, 4, 7, tzinfo=ZONE)


def test_an_urgent_repair_comes_at_night(exchange: Exchange, town: Town) -> None:
    with town.unit_of_work() as session:
        session.query(Company).filter(Company.code == "C03").one().districts = ""
    at(exchange, 22, 20)
    talk = ask(exchange, "1", service="4")
    assert "order.at_once" in talk.heard
    assert town.rows(Order)[0].due_at == datetime(2026, 3, 5, 0, 30, tzinfo=ZONE)


def test_where_nobody_brings_it_that_is_said_at_once_and_a_person_helps(exchange: Exchange, town: Town) -> None:
    talk = ask(exchange, "1", service="4")
    assert talk.heard[-1] == "order.nobody_serves"
    assert talk.said("order.nobody_serves")["service"] == "维修"
    assert (town.rows(Order), talk.goes, talk.next.intent) == ([], "hold", Intent.ORDER)
    assert "order.refused" in talk.book.steps


def test_nobody_who_died_meanwhile_is_ordered_for(exchange: Exchange, town: Town) -> None:
    class DiesMeanwhile(type(town.orders)):  # type: ignore[misc]
        def place(self, *args: object, **named: object) -> object:
            with town.unit_of_work() as session:
                session.query(Elder).filter(Elder.code == DEMO.wang.code).one().state = "deceased"
            return super().place(*args, **named)

    town.orders.__class__ = DiesMeanwhile
    talk = ask(exchange, "1")
    assert (talk.heard[-1], talk.goes, town.rows(Order)) == ("order.not_served", "hold", [])


@pytest.mark.parametrize(
    ("keys", "goes", "intent"),
    [
        ("", "hold", Intent.ORDER), ("0", "hold", Intent.ORDER), ("44", "hold", Intent.ORDER),
        ("9", "sos", Intent.SOS), ("****", "hold", Intent.ORDER),
    ],
)  # fmt: skip
def test_whatever_else_is_pressed_a_person_comes_and_nothing_is_ordered(
    exchange: Exchange, town: Town, keys: str, goes: str, intent: Intent
) -> None:
    talk = ask(exchange, keys)
    assert (talk.goes, talk.ticket.intent) == (goes, intent)
    assert town.rows(Order) == []


def test_what_is_tried_twice_in_one_call_is_one_order(town: Town) -> None:
    """The key of an order: its call, its item and its day, whatever half hour it is by now."""
    elder, meal = town.elder_id(DEMO.wang), town.item_id("meal")

    def place(minute: int, day: int = 4) -> int:
        due = datetime(2026, 3, day, 11, minute, tzinfo=ZONE)
        key = f"voice-c1-{meal}-{due:%Y%m%d}"
        return town.orders.place(elder, meal, key=key, source="voice", call_id="c1", due_at=due).id

    assert place(0) == place(30)
    assert place(0, day=5) != place(0)


def test_a_crash_after_the_order_was_written_never_doubles_it(exchange: Exchange, town: Town) -> None:
    """The flow runs again for the same call, two minutes and so half an hour of promised time later."""
    ask(exchange, "1")
    exchange.calls -= 1
    town.clock.now = datetime(2026, 3, 4, 9, 31, tzinfo=ZONE)
    talk = exchange.call(
        Welcome, WANG, {"welcome.menu": "1", "services.intro": "1", "order.twice": "1", "order.confirm_free": "1"}
    )  # fmt: skip
    (order,) = town.rows(Order)
    assert talk.said("order.placed")["number"] == order.number
    assert talk.said("order.visit_at")["when"] == order.due_at


def test_the_database_is_gone_between_the_price_and_the_order(exchange: Exchange, town: Town) -> None:
    class Gone(type(town.orders)):  # type: ignore[misc]
        def place(self, *_args: object, **_named: object) -> object:
            raise ConnectionError

    town.orders.__class__ = Gone
    talk = ask(exchange, "1")
    assert (talk.heard[-1], talk.goes, talk.ticket.intent) == ("error.technical", "hold", Intent.GENERAL)


@pytest.mark.parametrize("answer", ["1", "2", "3"])
def test_a_caller_may_go_at_any_step(exchange: Exchange, town: Town, answer: str) -> None:
    def talk(step: int | None) -> Talk:
        town.clock.forward(minutes=11)
        return ask(exchange, answer, hang_up_at=step)

    assert every_step(talk) >= 6
    placed = town.rows(Order)
    assert len({order.call_id for order in placed}) == len(placed)

"""The care workers' line."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Order, Visit
from ivr.flows.visits import Visits
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import Town

HOME, PIN = DEMO.wang.number, DEMO.worker.pin
IN = {"visit.enter_pin": f"{PIN}#", "visit.which": "1"}
OUT = IN | {"visit.which": "2"}


@pytest.fixture
def order(town: Town) -> OrderView:
    return town.accept(town.place())


def test_in_and_out_from_the_elders_phone(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(Visits, HOME, IN)
    assert talk.heard == ["visit.greet", "visit.enter_pin", "visit.which", "visit.checked_in", "bye.goodbye"]
    assert (talk.goes, talk.book.began_as, talk.book.ends) == ("bye", ["inbound"], ["self_served"])
    assert town.orders.get(order.id).state is OrderState.VISITING
    town.clock.forward(minutes=35)
    talk = exchange.call(Visits, HOME, OUT)
    assert talk.said("visit.checked_out")["minutes"] == 35
    assert town.orders.get(order.id).state is OrderState.DONE
    (visit,) = town.rows(Visit)
    assert (visit.in_verified, visit.out_verified, visit.in_call_id) == (True, True, "a-1")
    assert not talk.call.not_spoken


@pytest.mark.parametrize("number", [DEMO.worker.number, "", "anonymous"])
def test_from_another_phone_it_is_written_and_said_to_be_unverified(
    exchange: Exchange, town: Town, order: OrderView, number: str
) -> None:
    talk = exchange.call(Visits, number, IN)
    assert "visit.unverified" in talk.heard
    assert town.orders.get(order.id).state is OrderState.VISITING
    assert not town.rows(Visit)[0].in_verified


def wrong(exchange: Exchange, number: str = HOME, keys: str = "135792#") -> Talk:
    return exchange.call(Visits, number, {"visit.enter_pin": keys, "visit.wrong_pin": [keys, keys]})


def test_three_wrong_pins_lock_the_phone_and_a_person_helps(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = wrong(exchange)
    assert talk.heard[-1] == "visit.locked"
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.WORKER)
    locked = exchange.call(Visits, HOME, IN)
    assert locked.heard[-1] == "visit.locked"
    assert town.orders.get(order.id).state is OrderState.ACCEPTED


def test_a_pin_never_shows_in_the_journey(exchange: Exchange, order: OrderView) -> None:
    for talk in (wrong(exchange), exchange.call(Visits, DEMO.quiet.number, IN)):
        assert PIN not in repr(talk.book)
        assert "135792" not in repr(talk.book)


def test_a_second_try_is_enough(exchange: Exchange, order: OrderView) -> None:
    talk = exchange.call(Visits, HOME, {"visit.enter_pin": "111111#", "visit.wrong_pin": f"{PIN}#", "visit.which": "1"})
    assert "visit.checked_in" in talk.heard


@pytest.mark.parametrize(
    ("presses", "said"),
    [(IN | {"visit.which": "2"}, "visit.no_order"), (IN, "visit.no_order")],
    ids=["out without in", "no order today"],
)
def test_what_cannot_be_is_said_and_a_person_helps(exchange: Exchange, presses: dict[str, str], said: str) -> None:
    talk = exchange.call(Visits, HOME, presses)
    assert talk.heard[-1] == said
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.WORKER)


def test_in_twice_is_said(exchange: Exchange, town: Town, order: OrderView) -> None:
    exchange.call(Visits, HOME, IN)
    talk = exchange.call(Visits, HOME, IN)
    assert (talk.heard[-1], talk.goes) == ("visit.already", "hold")
    assert len(town.rows(Visit)) == 1


def test_two_elders_at_one_number(exchange: Exchange, town: Town) -> None:
    first, second = (town.accept(town.place(who)) for who in DEMO.couple)
    with town.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = first.worker_id
    presses = IN | {"visit.order": ["", "2"]}
    talk = exchange.call(Visits, DEMO.couple[0].number, presses)
    asked = [each.values["who"] for each in talk.call.heard if each.key == "visit.order"]
    assert asked == ["张爷爷", "陈奶奶"]
    assert town.orders.get(second.id).state is OrderState.VISITING
    assert town.orders.get(first.id).state is OrderState.ACCEPTED
    assert not talk.call.not_spoken


@pytest.mark.parametrize("at", ["visit.enter_pin", "visit.which"])
@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0#", "hold"), ("9#", "sos"), ("##", "hold")])
def test_no_key_0_and_9(exchange: Exchange, order: OrderView, at: str, keys: str, goes: str) -> None:
    talk = exchange.call(Visits, HOME, lambda prompt, _before: keys if prompt == at else IN.get(prompt, ""))
    assert talk.goes == goes


def test_a_worker_may_go_at_any_step_and_checks_in_once(exchange: Exchange, town: Town, order: OrderView) -> None:
    assert every_step(lambda at: exchange.call(Visits, HOME, IN, hang_up_at=at)) >= 6
    assert len(town.rows(Visit)) == 1

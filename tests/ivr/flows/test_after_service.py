"""The automatic call after a service."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Case, Rating
from ivr.flows.after_service import AfterService
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number
DONE = {"callback.any_key": "5", "callback.done": "1"}


@pytest.fixture
def order(town: Town) -> OrderView:
    """An order that was done, and whose call has been placed."""
    served = town.served()
    town.clock.forward(minutes=31)
    assert town.callbacks.dial_due() == 1
    return served


def owed(town: Town, order: OrderView) -> str:
    return town.callbacks.get(f"after-service-order-{order.id}").state


@pytest.mark.parametrize("score", [3, 4, 5])
def test_she_gives_a_score(exchange: Exchange, town: Town, order: OrderView, score: int) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.score": str(score)}, ref=order.id)
    assert talk.heard == [
        "callback.greet", "callback.any_key", "callback.done", "callback.score", "callback.thanks", "bye.take_care",
    ]  # fmt: skip
    assert talk.said("callback.greet")["who"] == "王奶奶"
    (rating,) = town.rows(Rating)
    assert (rating.channel, rating.score, rating.done) == ("call", score, True)
    assert (town.orders.get(order.id).state, owed(town, order)) == (OrderState.RATED, "done")
    assert (talk.goes, talk.book.began_as) == ("bye", ["outbound"])
    assert not talk.call.not_spoken


@pytest.mark.parametrize("shown", ["", "12349"])
def test_she_is_known_by_the_order_whatever_number_the_call_shows(
    exchange: Exchange, town: Town, order: OrderView, shown: str
) -> None:
    talk = exchange.call(AfterService, shown, {"callback.any_key": "0"}, ref=order.id)
    assert talk.said("callback.greet")["who"] == "王奶奶"
    assert talk.ticket.elder_id == order.elder_id


@pytest.mark.parametrize("score", ["1", "2"])
def test_a_low_score_opens_a_complaint_and_she_hears_that_a_person_rings(
    exchange: Exchange, town: Town, order: OrderView, score: str
) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.score": score}, ref=order.id)
    assert "callback.low" in talk.heard
    assert [case.kind for case in town.rows(Case)] == ["complaint"]
    assert town.orders.get(order.id).state is OrderState.DISPUTED


def test_not_done_opens_a_complaint(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.done": "2"}, ref=order.id)
    assert "callback.not_done" in talk.heard
    assert town.orders.get(order.id).state is OrderState.DISPUTED
    assert owed(town, order) == "done"


def test_nobody_who_listens_is_called_again(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, ref=order.id)
    assert talk.heard == ["callback.greet", *["callback.any_key"] * 3]
    assert talk.call.now == 4 * 3 + 3 * 4.5, "no silence is longer than five seconds"
    assert (talk.goes, owed(town, order)) == ("bye", "due")
    assert not town.rows(Rating)


@pytest.mark.parametrize("at", ["callback.greet", "callback.any_key", "callback.done", "callback.score"])
@pytest.mark.parametrize("pressed", [("0", "hold"), ("9", "sos")])
def test_0_is_a_person_who_knows_the_order_and_9_is_sos(
    exchange: Exchange, town: Town, order: OrderView, at: str, pressed: tuple[str, str]
) -> None:
    key, goes = pressed
    talk = exchange.call(AfterService, WANG, DONE | {at: key}, ref=order.id)
    assert talk.goes == goes
    assert talk.ticket.elder_id == order.elder_id
    if goes == "hold":
        assert (talk.ticket.intent, talk.ticket.order_id) == (Intent.CALLBACK, order.id)
        assert owed(town, order) == "done"


@pytest.mark.parametrize("at", ["callback.done", "callback.score"])
@pytest.mark.parametrize("keys", ["", "##", "77"])
def test_no_key_or_a_wrong_one_is_a_person(
    exchange: Exchange, town: Town, order: OrderView, at: str, keys: str
) -> None:
    talk = exchange.call(
        AfterService, WANG, lambda prompt, _before: keys if prompt == at else DONE.get(prompt, ""), ref=order.id
    )
    assert talk.goes == "hold"
    assert not town.rows(Rating)


@pytest.mark.parametrize("ref", ["", "999999", "abc"])
def test_an_order_that_is_not_there_is_a_person(exchange: Exchange, ref: str) -> None:
    talk = exchange.call(AfterService, WANG, DONE, ref=ref)
    assert talk.goes == "hold"


def test_she_may_go_at_any_step_and_is_called_again_until_she_has_answered(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    presses = DONE | {"callback.score": "5"}
    talk = exchange.call(AfterService, WANG, presses, ref=order.id, hang_up_at=4)
    assert talk.goes == ""
    assert owed(town, order) == "due"
    assert every_step(lambda at: exchange.call(AfterService, WANG, presses, ref=order.id, hang_up_at=at)) >= 6
    assert [rating.score for rating in town.rows(Rating)] == [5]
    assert owed(town, order) == "done"

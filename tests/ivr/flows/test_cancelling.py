"""An elder cancels an order by keys, or learns that only a person can."""

from __future__ import annotations

import pytest

from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from tests.ivr.flows.my_orders import WANG, ask, state
from tests.ivr.flows.talk import Exchange
from tests.routing.town import ZONE, Town


def test_1_and_1_again_cancel_it_and_the_history_says_who(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    talk = ask(exchange, status_cancel="1", cancel_sure="1")
    assert state(town, order.id) is OrderState.CANCELLED
    last = town.orders.history(order.id)[-1]
    assert (last.to_state, last.actor, last.channel) == ("cancelled", f"elder:{order.elder_id}", "phone_key")
    assert talk.heard[-2:] == ["cancel.done", "bye.goodbye"]
    assert talk.goes == "bye"
    assert not talk.call.not_spoken


def test_an_offer_of_a_cancelled_order_is_withdrawn(exchange: Exchange, town: Town) -> None:
    town.place()
    assert town.open_offers()
    ask(exchange, status_cancel="1", cancel_sure="1")
    assert town.open_offers() == []


def test_2_keeps_it(exchange: Exchange, town: Town) -> None:
    order = town.place()
    talk = ask(exchange, status_cancel="1", cancel_sure="2")
    assert state(town, order.id) is OrderState.OFFERED
    assert talk.heard[-2:] == ["cancel.kept", "bye.goodbye"]


@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("34", "hold"), ("9", "sos")])
def test_whoever_is_not_sure_gets_a_person_and_the_order_stands(
    exchange: Exchange, town: Town, keys: str, goes: str
) -> None:
    order = town.place()

    def presses(prompt: str, before: int) -> str:
        return {"welcome.menu": "2", "status.cancel": "1"}.get(prompt, keys if prompt == "cancel.sure" else "")

    talk = exchange.call(Welcome, WANG, presses)
    assert talk.goes == goes
    assert goes == "sos" or (talk.ticket.intent, talk.ticket.order_id) == (Intent.ORDER, order.id)
    assert state(town, order.id) is OrderState.OFFERED


def test_while_the_worker_is_on_the_way_a_person_cancels(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    town.clock.now = order.due_at.astimezone(ZONE)
    town.clock.forward(minutes=-59)
    talk = ask(exchange, status_cancel="1")
    assert talk.heard[-1] == "cancel.on_the_way"
    assert (talk.goes, talk.ticket.intent, talk.ticket.order_id) == ("hold", Intent.ORDER, order.id)
    assert state(town, order.id) is OrderState.ACCEPTED


def test_while_the_worker_is_there_a_person_cancels_and_no_time_is_told(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id is not None
    town.visits.check_in(order.worker_id, WANG, "in")
    talk = ask(exchange, status_cancel="1")
    assert "order.visit_at" not in talk.heard
    assert (talk.heard[-1], talk.goes) == ("cancel.on_the_way", "hold")


def test_a_worker_who_begins_while_the_elder_decides_is_not_cancelled(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    assert order.worker_id is not None

    def presses(prompt: str, _before: int) -> str:
        if prompt == "cancel.sure":
            town.visits.check_in(order.worker_id or 0, WANG, "in")
            return "1"
        return {"welcome.menu": "2", "status.cancel": "1"}.get(prompt, "")

    talk = exchange.call(Welcome, WANG, presses)
    assert (talk.heard[-1], talk.goes) == ("cancel.on_the_way", "hold")
    assert state(town, order.id) is OrderState.VISITING


def test_what_was_cancelled_meanwhile_is_cancelled_once(exchange: Exchange, town: Town) -> None:
    order = town.place()

    def presses(prompt: str, _before: int) -> str:
        if prompt == "cancel.sure":
            town.orders.cancel(order.id, actor="user:1", channel="desk", reason="the daughter asked")
            return "1"
        return {"welcome.menu": "2", "status.cancel": "1"}.get(prompt, "")

    talk = exchange.call(Welcome, WANG, presses)
    assert "cancel.done" in talk.heard
    assert [step.to_state for step in town.orders.history(order.id)].count("cancelled") == 1

"""A duty phone is told of an order that presses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.demo_people import mobile
from db.models import Callback
from ivr.flows.base import Next
from ivr.flows.overdue import Overdue
from routing.hours.rota import DutyPhone
from routing.orders.escalation.policy import USUAL_MINUTES
from routing.orders.policy import OrderState
from tests.ivr.flows.talk import Exchange, Talk, every_step

OWNER = mobile(301)


@pytest.fixture
def level(exchange: Exchange) -> int:
    return overdue_meal(exchange)


def overdue_meal(exchange: Exchange) -> int:
    """Nobody came to a meal, and the first duty phone has been picked up: give what it is rung about."""
    town = exchange.town
    town.on_duty = [DutyPhone(1, "", OWNER), DutyPhone(2, "", mobile(302))]
    order = town.accept(town.place())
    town.clock.now = order.due_at + timedelta(minutes=USUAL_MINUTES[OrderState.ACCEPTED] + 31)
    town.escalations.sweep()
    (call,) = [each for each in town.callbacks.claim_due() if each.flow == "overdue"]
    town.callbacks.settle(call.cause, "answered")
    return int(call.reference)


def calls(exchange: Exchange) -> list[str]:
    return [row.state for row in exchange.town.rows(Callback) if row.kind == "overdue"]


def test_who_presses_1_looks_after_it_and_nobody_else_is_woken(exchange: Exchange, level: int) -> None:
    talk = exchange.call(Overdue, OWNER, {"overdue.take": "1"}, ref=level)
    assert talk.heard[:3] == ["overdue.greet", "overdue.order", "overdue.take"]
    assert talk.next == Next.BYE
    assert exchange.town.escalations.get(level).taken_by == "duty:1"
    exchange.town.escalations.sweep()
    assert calls(exchange) == ["done"]


@pytest.mark.parametrize("keys", [[], ["0"], ["9"], ["5", "5"]])
def test_who_does_not_leaves_it_to_the_next_phone(exchange: Exchange, level: int, keys: list[str]) -> None:
    assert exchange.call(Overdue, OWNER, {"overdue.take": keys}, ref=level).next == Next.BYE
    assert exchange.town.escalations.get(level).taken_by is None
    exchange.town.escalations.sweep()
    assert calls(exchange) == ["done", "due"]


def test_an_order_that_moved_meanwhile_needs_nobody(exchange: Exchange, level: int) -> None:
    order = exchange.town.escalations.get(level)
    exchange.town.orders.cancel(order.order_id, actor="user:2", channel="desk", reason="the elder called")
    talk = exchange.call(Overdue, OWNER, {"overdue.take": "1"}, ref=level)
    assert "overdue.gone" in talk.heard
    assert exchange.town.escalations.get(level).taken_by is None


def test_whoever_hangs_up_has_taken_nothing_over_and_the_next_phone_is_rung(exchange: Exchange) -> None:
    def talk(hang_up_at: int | None) -> Talk:
        return exchange.call(Overdue, OWNER, {"overdue.take": "1"}, ref=overdue_meal(exchange), hang_up_at=hang_up_at)

    every_step(talk)

"""What callers hear of the price, and why; and that nobody is charged more than they heard."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Order, PayerRule
from ivr.flows.welcome import Welcome
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import ZONE, Town

MEAL = 1500


def rule(town: Town, percent: int, monthly: int | None, payer_class: str = "assisted") -> None:
    with town.unit_of_work() as session:
        for row in session.query(PayerRule).filter_by(payer_class=payer_class):
            row.elder_percent, row.monthly_fen = percent, monthly


def order(exchange: Exchange, answer: str = "1", who: DemoElder = DEMO.wang, **more: object) -> Talk:
    presses = {"welcome.menu": "1", "services.intro": "1", "order.not_at_all": [answer] * 4} | more
    return exchange.call(Welcome, who.number, presses)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("percent", "monthly", "said", "pays"),
    [
        (0, None, ["order.confirm_free"], 0),
        (0, 2 * MEAL, ["order.confirm_free", "order.free_left"], 0),
        (0, MEAL, ["order.confirm_free", "order.free_last"], 0),
        (0, 500, ["order.confirm_partly"], 1000),
        (50, None, ["order.confirm_half"], 750),
        (30, None, ["order.confirm_share"], 450),
        (100, None, ["order.confirm"], 1500),
    ],
)
def test_a_caller_hears_what_they_pay_and_why(
    exchange: Exchange, percent: int, monthly: int | None, said: list[str], pays: int
) -> None:  # fmt: skip
    rule(exchange.town, percent, monthly)
    talk = order(exchange)
    assert [key for key in talk.heard if key.startswith(("order.confirm", "order.free"))] == said
    if pays:
        assert talk.said(said[0])["price"] == pays
    assert [row.elder_pays_fen for row in exchange.town.rows(Order)] == [pays]
    assert not talk.call.not_spoken


def test_a_month_that_is_used_up(exchange: Exchange, town: Town) -> None:
    rule(town, 0, MEAL)
    town.place()
    town.clock.forward(minutes=11)
    assert order(exchange).said("order.confirm_used_up")["price"] == MEAL


class Meanwhile:
    """A relative orders the same while the caller listens: the month's last free meal goes."""

    def __init__(self, town: Town) -> None:
        self.quote, self.town = town.orders.quote, town

    def __call__(self, *args: int, **more: datetime) -> object:
        quoted = self.quote(*args, **more)
        if not self.town.rows(Order):
            self.town.place(key="relative")
        return quoted


@pytest.mark.parametrize(("answer", "orders"), [("1", 2), ("2", 1)])
def test_a_price_that_rises_while_they_listen_is_asked_about(
    exchange: Exchange, town: Town, monkeypatch: pytest.MonkeyPatch, answer: str, orders: int
) -> None:  # fmt: skip
    rule(town, 0, MEAL)
    monkeypatch.setattr(town.orders, "quote", Meanwhile(town))
    talk = order(exchange, **{"order.price_changed": answer})
    assert talk.said("order.price_changed")["price"] == MEAL
    assert (len(town.rows(Order)), talk.goes) == (orders, "bye")
    assert "order.price_changed" in talk.book.steps


def test_silence_after_a_new_price_is_a_person_and_no_order(
    exchange: Exchange, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    rule(town, 0, MEAL)
    monkeypatch.setattr(town.orders, "quote", Meanwhile(town))
    talk = order(exchange)
    assert (len(town.rows(Order)), talk.goes) == (1, "hold")


def test_tomorrow_is_another_month_with_another_price(exchange: Exchange, town: Town) -> None:
    """Today's price was said; tomorrow's month has nothing left of what a planned order took."""
    town.clock.now = datetime(2026, 3, 31, 9, 10, tzinfo=ZONE)
    rule(town, 0, MEAL)
    town.orders.place(
        town.elder_id(DEMO.wang), town.item_id("meal"), key="plan", source="plan",
        due_at=datetime(2026, 4, 2, 11, tzinfo=ZONE),
    )  # fmt: skip
    town.clock.forward(minutes=11)
    talk = order(exchange, "2", **{"order.price_changed": "1"})
    assert "order.confirm_free" in talk.heard
    assert talk.said("order.price_changed")["price"] == MEAL
    assert max(town.rows(Order), key=lambda row: row.id).elder_pays_fen == MEAL


def test_a_caller_may_go_at_any_step_of_a_new_price(
    exchange: Exchange, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    rule(town, 0, 2)  # Two fen: whatever is told, an order of another time took them.
    real = town.orders.quote

    def told_too_little(*args: int, **more: datetime) -> object:
        rule(town, 0, None)
        quoted = real(*args, **more)
        rule(town, 0, 2)
        return quoted

    monkeypatch.setattr(town.orders, "quote", told_too_little)

    def talk(step: int | None) -> Talk:
        town.clock.forward(minutes=11)
        presses = {
            "welcome.menu": "1", "services.intro": "1", "order.not_at_all": "1", "order.price_changed": "1",
        }  # fmt: skip
        return exchange.call(Welcome, DEMO.wang.number, presses, hang_up_at=step)

    assert every_step(talk) >= 7

"""Where an order stands."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

ASK = {"welcome.menu": "2"}
WANG = DEMO.wang.number


def test_the_latest_order_is_told(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    talk = exchange.call(Welcome, WANG, ASK)
    assert talk.said("status.stands") == {"service": "送餐", "number": order.number, "state": "accepted"}
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])
    assert talk.call.now < 30
    assert not talk.call.not_spoken


def test_no_order_is_told_too(exchange: Exchange) -> None:
    assert "status.none" in exchange.call(Welcome, WANG, ASK).heard


@pytest.mark.parametrize("pressed", [("0", "hold", Intent.ORDER), ("9", "sos", Intent.SOS)])
@pytest.mark.parametrize("prompt", ["status.stands", "services.person"])
def test_a_person_knows_which_order(
    exchange: Exchange, town: Town, prompt: str, pressed: tuple[str, str, Intent]
) -> None:
    key, goes, intent = pressed
    order = town.place()
    talk = exchange.call(Welcome, WANG, ASK | {prompt: key})
    assert (talk.goes, talk.ticket.intent) == (goes, intent)
    if key == "0":
        assert talk.ticket.order_id == order.id


def test_a_caller_may_go_at_any_step(exchange: Exchange, town: Town) -> None:
    town.place()
    assert every_step(lambda at: exchange.call(Welcome, WANG, ASK, hang_up_at=at)) >= 5

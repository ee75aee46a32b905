"""The other menu: seeing a doctor, medicines, company."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Order
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number


@pytest.mark.parametrize(("key", "item"), [("1", "escort"), ("2", "medicine"), ("3", "companionship")])
def test_each_is_ordered_by_two_keys_and_the_question(exchange: Exchange, town: Town, key: str, item: str) -> None:
    talk = exchange.call(
        Welcome, WANG, {"welcome.menu": "3", "services.intro": key, "order.confirm_free": "2"}
    )  # fmt: skip
    (order,) = town.rows(Order)
    assert order.item_id == town.item_id(item)
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])
    assert not talk.call.not_spoken


def test_it_offers_its_own_kinds_only(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, WANG, {"welcome.menu": "3", "services.person": "0"})
    read = [(each.values["service"], each.values["key"]) for each in talk.call.heard if each.key == "services.choice"]
    assert read == [("陪诊", "1"), ("代买药", "2"), ("陪聊", "3")]
    assert talk.ticket.intent is Intent.ORDER


@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("44", "hold"), ("9", "sos")])
def test_no_key_or_a_wrong_one_is_a_person(exchange: Exchange, town: Town, keys: str, goes: str) -> None:
    def presses(prompt: str, _before: int) -> str:
        return "3" if prompt == "welcome.menu" else keys if prompt == "services.intro" else ""

    talk = exchange.call(Welcome, WANG, presses)
    assert (talk.goes, town.rows(Order)) == (goes, [])


def test_a_caller_may_go_at_any_step(exchange: Exchange) -> None:
    keys = {"welcome.menu": "3", "services.intro": "1", "order.confirm_free": "3"}
    assert every_step(lambda step: exchange.call(Welcome, WANG, keys, hang_up_at=step)) >= 6

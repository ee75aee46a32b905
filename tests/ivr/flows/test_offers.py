"""Companies: the line they dial, and the automatic call that offers an order."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Callback
from db.models import Offer as OfferRow
from ivr.flows.companies import Companies
from ivr.flows.offer import Offer
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

COMPANY = DEMO.company.number
LISTENS = {"offer.any_key": "5"}
ACCEPT = LISTENS | {"offer.menu": "1"}


def offer_id(town: Town) -> int:
    return town.open_offers()[0][0]


def call_state(town: Town) -> str:
    return town.rows(Callback)[0].state


def test_a_company_accepts_on_the_automatic_call(exchange: Exchange, town: Town) -> None:
    order = town.place()
    town.callbacks.dial_due()
    talk = exchange.call(Offer, COMPANY, ACCEPT, ref=offer_id(town))
    assert talk.heard == [
        "offer.greet", "offer.any_key", "offer.order", "offer.menu", "offer.accepted", "bye.goodbye",
    ]  # fmt: skip
    assert talk.said("offer.order")["number"] == order.number
    assert town.orders.get(order.id).state is OrderState.ACCEPTED
    assert (talk.goes, talk.book.began_as, call_state(town)) == ("bye", ["outbound"], "done")
    assert not talk.call.not_spoken


def test_a_company_declines(exchange: Exchange, town: Town) -> None:
    order = town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": "2"}, ref=offer_id(town))
    assert "offer.declined" in talk.heard
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert town.rows(OfferRow)[0].state == "declined"


def test_3_reads_it_again_so_often_and_then_a_person_asks(exchange: Exchange, town: Town) -> None:
    town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": ["3", "3", "1"]}, ref=offer_id(town))
    assert talk.heard.count("offer.order") == 3
    assert "offer.accepted" in talk.heard
    town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": ["3"] * 20}, ref=offer_id(town))
    assert (talk.goes, talk.heard.count("offer.order")) == ("hold", 4)


def test_an_answering_machine_is_called_again(exchange: Exchange, town: Town) -> None:
    town.place()
    town.callbacks.dial_due()
    talk = exchange.call(Offer, COMPANY, ref=offer_id(town))
    assert (talk.goes, talk.heard[-1]) == ("bye", "offer.any_key")
    assert call_state(town) == "due"


@pytest.mark.parametrize("ref", ["", "999999", "abc", "1;drop", "-1"])
def test_an_offer_that_is_not_there(exchange: Exchange, ref: str) -> None:
    talk = exchange.call(Offer, COMPANY, ACCEPT, ref=ref)
    assert (talk.heard, talk.goes) == (["offer.gone"], "bye")


def test_an_offer_that_was_taken_meanwhile(exchange: Exchange, town: Town) -> None:
    order = town.place()
    taken = offer_id(town)
    town.orders.cancel(order.id, actor="user:1", channel="desk", reason="-")
    talk = exchange.call(Offer, COMPANY, ACCEPT, ref=taken)
    assert "offer.gone" in talk.heard
    assert town.orders.get(order.id).state is OrderState.CANCELLED


@pytest.mark.parametrize("at", ["offer.greet", "offer.any_key", "offer.order", "offer.menu"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9(exchange: Exchange, town: Town, at: str, key: str, goes: str) -> None:
    town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {at: key}, ref=offer_id(town))
    assert talk.goes == goes
    if goes == "hold":
        assert talk.ticket.intent is Intent.COMPANY


@pytest.mark.parametrize("keys", ["", "##", "77"])
def test_no_answer_or_a_wrong_one_is_a_person(exchange: Exchange, town: Town, keys: str) -> None:
    town.place()
    talk = exchange.call(
        Offer, COMPANY, lambda prompt, _before: keys if prompt == "offer.menu" else LISTENS.get(prompt, ""),
        ref=offer_id(town),
    )  # fmt: skip
    assert (talk.goes, call_state(town)) == ("hold", "done")
    assert len(town.open_offers()) == 1


def test_a_company_may_go_at_any_step_of_the_automatic_call(exchange: Exchange, town: Town) -> None:
    town.place()
    ref = offer_id(town)
    assert every_step(lambda at: exchange.call(Offer, COMPANY, LISTENS, ref=ref, hang_up_at=at)) >= 6


def test_a_company_that_dials_hears_what_waits_and_accepts(exchange: Exchange, town: Town) -> None:
    orders = [town.place(), town.place(DEMO.quiet)]
    talk = exchange.call(Companies, COMPANY, {"offer.menu": ["1", "1"]})
    assert talk.said("company.waiting")["orders"] == 2
    assert [town.orders.get(order.id).state for order in orders] == [OrderState.ACCEPTED] * 2
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])
    assert not talk.call.not_spoken


def test_a_company_for_which_nothing_waits(exchange: Exchange) -> None:
    talk = exchange.call(Companies, COMPANY)
    assert (talk.heard, talk.goes) == (["company.greet", "company.none"], "bye")


@pytest.mark.parametrize("number", [DEMO.stranger, DEMO.wang.number, "", "anonymous"])
def test_who_is_no_company_is_put_through(exchange: Exchange, town: Town, number: str) -> None:
    town.place()
    talk = exchange.call(Companies, number, {"offer.menu": "1"})
    assert (talk.heard, talk.goes, talk.ticket.intent) == (["company.unknown"], "hold", Intent.COMPANY)
    assert len(town.open_offers()) == 1


@pytest.mark.parametrize("at", ["company.greet", "company.waiting", "offer.order", "offer.menu"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_on_the_line_of_companies(exchange: Exchange, town: Town, at: str, key: str, goes: str) -> None:
    town.place()
    assert exchange.call(Companies, COMPANY, {at: key}).goes == goes


def test_a_company_may_go_at_any_step(exchange: Exchange, town: Town) -> None:
    town.place()
    assert every_step(lambda at: exchange.call(Companies, COMPANY, hang_up_at=at)) >= 5

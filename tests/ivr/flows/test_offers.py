"""The automatic call that offers an order to a company."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback, WorkerCertificate
from db.models import Offer as OfferRow
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


def declined(town: Town) -> tuple[str, str]:
    """The state of the offer, and why."""
    offer = town.rows(OfferRow)[0]
    return offer.state, offer.decline_reason


@pytest.mark.parametrize(("key", "why"), [("1", "no_staff"), ("2", "too_far"), ("3", "bad_time"), ("4", "other")])
def test_a_company_declines_and_says_why(exchange: Exchange, town: Town, key: str, why: str) -> None:
    order = town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": "2", "offer.why": key}, ref=offer_id(town))
    assert talk.heard[-3:] == ["offer.why", "offer.declined", "bye.goodbye"]
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert declined(town) == ("declined", why)
    assert why in [step.reason for step in town.orders.history(order.id) if step.to_state == "requested"][-1]
    assert not talk.call.not_spoken


@pytest.mark.parametrize(("keys", "goes"), [("", "bye"), ("77", "bye"), ("0", "hold")])
def test_who_declines_and_does_not_say_why_has_declined(exchange: Exchange, town: Town, keys: str, goes: str) -> None:
    town.place()
    talk = exchange.call(
        Offer, COMPANY,
        lambda prompt, _before: keys if prompt == "offer.why" else (LISTENS | {"offer.menu": "2"}).get(prompt, ""),
        ref=offer_id(town),
    )  # fmt: skip
    assert (talk.goes, declined(town)) == (goes, ("declined", ""))


def test_who_hangs_up_over_the_question_why_has_declined(exchange: Exchange, town: Town) -> None:
    town.place()
    presses, ref = LISTENS | {"offer.menu": "2"}, offer_id(town)
    steps = exchange.call(Offer, COMPANY, presses | {"offer.why": "0"}, ref=ref).call.steps
    town.clock.forward(minutes=1)
    order = town.place(DEMO.quiet)
    ref = next(each[0] for each in town.open_offers() if each[1] == order.id)
    exchange.call(Offer, COMPANY, presses, ref=ref, hang_up_at=steps)
    assert [offer.state for offer in town.rows(OfferRow)] == ["declined", "declined"]


def test_9_over_the_question_why_is_an_sos_at_once(exchange: Exchange, town: Town) -> None:
    town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": "2", "offer.why": "9"}, ref=offer_id(town))
    assert (talk.goes, declined(town)) == ("sos", ("open", ""))


def test_a_star_says_the_whole_offer_again(exchange: Exchange, town: Town) -> None:
    town.place()
    talk = exchange.call(Offer, COMPANY, LISTENS | {"offer.menu": ["*", "1"]}, ref=offer_id(town))
    assert talk.heard.count("offer.order") == 2
    assert "offer.accepted" in talk.heard


def test_an_offer_that_another_answers_while_it_is_heard(exchange: Exchange, town: Town) -> None:
    order = town.place()
    ref = offer_id(town)

    def presses(prompt: str, _before: int) -> str:
        if prompt == "offer.menu":  # Somebody at the desk is faster than the key.
            town.orders.cancel(order.id, actor="user:1", channel="desk", reason="-")
            return "1"
        return LISTENS.get(prompt, "")

    talk = exchange.call(Offer, COMPANY, presses, ref=ref)
    assert talk.heard[-2:] == ["offer.gone", "bye.goodbye"]
    assert town.orders.get(order.id).state is OrderState.CANCELLED


def test_an_offer_that_expires_while_it_is_heard(exchange: Exchange, town: Town) -> None:
    town.place()
    ref = offer_id(town)

    def presses(prompt: str, _before: int) -> str:
        if prompt == "offer.menu":
            town.clock.forward(minutes=11)
            return "1"
        return LISTENS.get(prompt, "")

    assert "offer.gone" in exchange.call(Offer, COMPANY, presses, ref=ref).heard


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


def test_a_company_whose_certificates_ran_out_meanwhile_is_helped_by_a_person(exchange: Exchange, town: Town) -> None:
    order = town.place(item="bathing")
    with town.unit_of_work() as session:
        for certificate in session.scalars(select(WorkerCertificate)):
            certificate.state = "revoked"
    talk = exchange.call(Offer, COMPANY, ACCEPT, ref=offer_id(town))
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.COMPANY)
    assert "offer.not_qualified" in talk.book.steps
    assert town.orders.get(order.id).state is OrderState.OFFERED, "nothing was written"

"""A whole list of offers, as the night's batch makes them: one call asks about all at once, or one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from db.demo import DEMO
from db.models import Callback, Company, WorkerCertificate
from db.models import Offer as OfferRow
from ivr.flows.companies import Companies
from ivr.flows.offer import Offer
from ivr.flows.offer_list import ONE_BY_ONE
from routing.calls.messages import Intent
from routing.orders.offers import offer_cause
from routing.orders.views import OrderView
from tests.ivr.flows.talk import Exchange, Talk
from tests.routing.town import Town

COMPANY = DEMO.company.number
LISTENS = {"offer.any_key": "5"}


def listed(town: Town, orders: int = 3) -> tuple[list[OrderView], int]:
    """Have orders offered as by night: at one moment, with one call for all; give them, and what it is about."""
    placed = [
        town.orders.place(
            town.elder_id(DEMO.wang), town.item_id("meal"), key=f"list-{town.clock()}-{at}", source="voice",
            due_at=town.clock() + timedelta(hours=3 + at),
        )
        for at in range(orders)
    ]  # fmt: skip
    first, *others = town.rows(OfferRow)[-orders:]
    with town.unit_of_work() as session:
        session.execute(delete(Callback).where(Callback.cause.in_([offer_cause(each.id) for each in others])))
    return placed, first.id


def states(town: Town) -> list[str]:
    return [offer.state for offer in town.rows(OfferRow)]


def hear(exchange: Exchange, ref: int, presses: dict[str, str | list[str]]) -> Talk:
    return exchange.call(Offer, COMPANY, LISTENS | presses, ref=ref)


def test_one_key_accepts_all(exchange: Exchange, town: Town) -> None:
    orders, ref = listed(town)
    town.callbacks.dial_due()
    talk = hear(exchange, ref, {"offer.list_menu": "1"})
    assert talk.heard == [
        "offer.greet", "offer.any_key", "offer.list", "offer.list_menu", "offer.all_accepted", "bye.goodbye",
    ]  # fmt: skip
    assert talk.said("offer.list")["orders"] == talk.said("offer.all_accepted")["orders"] == 3
    assert {town.orders.get(order.id).state.value for order in orders} == {"accepted"}
    assert [row.state for row in town.rows(Callback) if row.kind == "offer"] == ["done"]
    assert not talk.call.not_spoken


def test_one_key_declines_all_with_one_reason(exchange: Exchange, town: Town) -> None:
    _orders, ref = listed(town)
    talk = hear(exchange, ref, {"offer.list_menu": "3", "offer.why": "1"})
    assert talk.heard[-3:] == ["offer.why", "offer.all_declined", "bye.goodbye"]
    assert [(offer.state, offer.decline_reason) for offer in town.rows(OfferRow)] == [("declined", "no_staff")] * 3


def test_one_by_one_each_has_its_own_answer(exchange: Exchange, town: Town) -> None:
    _orders, ref = listed(town)
    talk = hear(exchange, ref, {"offer.list_menu": "2", "offer.menu": ["1", "2", "3", "1"], "offer.why": "3"})
    assert talk.heard.count("offer.order") == 4, "the last was heard twice"
    assert states(town) == ["accepted", "declined", "accepted"]
    assert (talk.goes, talk.heard[-1]) == ("bye", "bye.goodbye")


@pytest.mark.parametrize("keys", ["", "77", "4"])
def test_no_answer_is_a_person_and_nothing_is_lost(exchange: Exchange, town: Town, keys: str) -> None:
    _orders, ref = listed(town)
    talk = exchange.call(
        Offer,
        COMPANY,
        lambda prompt, _before: keys if prompt == "offer.list_menu" else LISTENS.get(prompt, ""),
        ref=ref,
    )
    assert (talk.goes, talk.ticket.intent, states(town)) == ("hold", Intent.COMPANY, ["open"] * 3)


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
@pytest.mark.parametrize("at", ["offer.list", "offer.list_menu", "offer.why"])
def test_0_and_9_over_the_list(exchange: Exchange, town: Town, at: str, key: str, goes: str) -> None:
    _orders, ref = listed(town)
    presses = {"offer.list_menu": "3"} | {at: key}
    assert hear(exchange, ref, presses).goes == goes
    # Whoever wants a person over the question why has declined, as with one order.
    assert set(states(town)) == ({"declined"} if (at, key) == ("offer.why", "0") else {"open"})


@pytest.mark.parametrize("presses", [
    {"offer.list_menu": "1"}, {"offer.list_menu": "2", "offer.menu": ["1", "2", "1"], "offer.why": "1"},
    {"offer.list_menu": "3", "offer.why": "2"},
])  # fmt: skip
def test_who_hangs_up_at_any_step_loses_nothing(exchange: Exchange, town: Town, presses: dict[str, object]) -> None:
    _orders, ref = listed(town, 2)
    whole = exchange.call(Offer, COMPANY, LISTENS | presses, ref=ref).call.steps
    assert whole >= 5
    for step in range(1, whole + 1):
        town.clock.forward(minutes=1)
        _orders, ref = listed(town, 2)
        assert exchange.call(Offer, COMPANY, LISTENS | presses, ref=ref, hang_up_at=step).next is None
        after = states(town)[-2:]
        assert set(after) <= {"open", "accepted", "declined"}
        hear(exchange, ref, {"offer.list_menu": "1", "offer.menu": "1"})
        assert states(town)[-2:] == ["accepted" if each == "open" else each for each in after], "the rest waited"


def test_what_others_have_taken_meanwhile_is_said(exchange: Exchange, town: Town) -> None:
    orders, ref = listed(town)

    def presses(prompt: str, _before: int) -> str:
        if prompt == "offer.list_menu":
            town.orders.cancel(orders[1].id, actor="user:1", channel="desk", reason="-")
            return "1"
        return LISTENS.get(prompt, "")

    talk = exchange.call(Offer, COMPANY, presses, ref=ref)
    assert (talk.said("offer.all_accepted")["orders"], talk.said("offer.some_gone")["orders"]) == (2, 1)
    assert states(town) == ["accepted", "withdrawn", "accepted"]


def test_the_call_is_still_made_when_the_first_of_the_list_is_gone(exchange: Exchange, town: Town) -> None:
    orders, ref = listed(town)
    town.orders.cancel(orders[0].id, actor="user:1", channel="desk", reason="-")
    (call,) = [row for row in town.rows(Callback) if row.kind == "offer"]
    if call.state == "due":
        assert len(town.callbacks.claim_due()) == 1
    talk = hear(exchange, ref, {"offer.list_menu": "1"})
    assert talk.said("offer.list")["orders"] == 2
    assert states(town) == ["withdrawn", "accepted", "accepted"]


def test_one_that_is_left_is_offered_as_one(exchange: Exchange, town: Town) -> None:
    orders, ref = listed(town, 2)
    town.orders.cancel(orders[0].id, actor="user:1", channel="desk", reason="-")
    talk = hear(exchange, ref, {"offer.menu": "1"})
    assert talk.said("offer.order")["number"] == orders[1].number
    assert states(town) == ["withdrawn", "accepted"]


def test_who_lacks_a_certificate_keeps_what_was_accepted_and_gets_a_person(exchange: Exchange, town: Town) -> None:
    _orders, ref = listed(town, 2)
    bathing = town.place(item="bathing")
    with town.unit_of_work() as session:
        offer = session.scalars(select(OfferRow).where(OfferRow.order_id == bathing.id)).one()
        offer.company_id = town.company_id()
        session.execute(delete(Callback).where(Callback.cause == offer_cause(offer.id)))
        for certificate in session.scalars(select(WorkerCertificate)):
            certificate.state = "revoked"
    talk = hear(exchange, ref, {"offer.list_menu": "1"})
    assert (talk.goes, talk.said("offer.all_accepted")["orders"]) == ("hold", 2)
    assert states(town) == ["accepted", "accepted", "open"]


def test_a_long_list_is_read_so_far_and_the_line_asks_the_same(exchange: Exchange, town: Town) -> None:
    with town.unit_of_work() as session:
        session.get_one(Company, town.company_id()).daily_capacity = 200
    orders, ref = listed(town, ONE_BY_ONE + 3)
    talk = hear(exchange, ref, {"offer.list_menu": "2", "offer.menu": ["1"] * len(orders)})
    assert talk.heard.count("offer.order") == ONE_BY_ONE
    assert talk.heard[-2:] == ["offer.list_rest", "bye.goodbye"]
    assert states(town).count("open") == 3
    more = [town.place(DEMO.quiet, key=f"more-{at}") for at in range(4)]
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["1"], "offer.list_menu": "1"})
    assert talk.said("offer.all_accepted")["orders"] == 3 + len(more)
    assert set(states(town)) == {"accepted"}

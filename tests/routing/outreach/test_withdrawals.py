"""Calls that ring in vain: as an order moves, the router is told to let go of those that are settled."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.models import Callback, Offer
from routing.calls.messages import OrderMoved
from routing.orders.policy import OrderState
from routing.outreach.withdrawals import Withdrawals, may_end_calls
from tests.routing.orders.dispatching.test_emergencies import accept, add_repairers
from tests.routing.town import Town


def follow(town: Town) -> set[str]:
    """What the router is told, of all that was published."""
    causes: list[str] = []
    withdrawals = Withdrawals(town.reading, causes.append)
    for message in town.published:
        if isinstance(message, OrderMoved) and may_end_calls(message):
            withdrawals.let_go(message.order_id)
    return set(causes)


def test_the_others_stop_ringing_when_one_company_wins(town: Town) -> None:
    add_repairers(town)
    town.place(item="repair")
    assert len(town.callbacks.claim_due()) == 3
    first, second, third = town.rows(Offer)
    assert follow(town) == set()
    town.callbacks.settle(f"offer-{first.id}.1", "answered")
    accept(town, first)
    assert follow(town) == {f"offer-{second.id}.1", f"offer-{third.id}.1"}
    for each in follow(town):
        town.callbacks.settle(each, "withdrawn")
    by_cause = {row.cause: (row.state, row.last_outcome) for row in town.rows(Callback)}
    assert by_cause[f"offer-{second.id}"] == by_cause[f"offer-{third.id}"] == ("cancelled", "offer_gone")
    assert follow(town) == set(), "said once is enough"


def test_it_stops_ringing_when_the_order_is_cancelled_or_given_at_the_desk(town: Town) -> None:
    order = town.place()
    (offer,) = town.rows(Offer)
    town.callbacks.claim_due()
    town.orders.cancel(order.id, actor="user:1", channel="desk", reason="-")
    assert follow(town) == {f"offer-{offer.id}.1"}


def test_an_after_service_call_stops_ringing_once_the_elder_has_spoken(town: Town) -> None:
    order = town.served()
    town.clock.forward(hours=2)
    town.callbacks.claim_due()
    (call,) = [row for row in town.rows(Callback) if row.kind == "after_service"]
    assert call.state == "dialling"
    assert follow(town) == set()
    town.ratings.score(order.id, "sms", score=5)
    assert town.orders.get(order.id).state is OrderState.RATED
    assert follow(town) == {f"{call.cause}.1"}


def test_nobody_is_sent_to_look_when_no_telephone_rings(town: Town) -> None:
    """Of 500 scores by SMS hardly one has a telephone that rings; if nobody can say, somebody looks."""
    order = town.place()
    withdrawals = Withdrawals(town.reading, lambda _cause: None)
    assert not withdrawals.rings(order.id)
    town.callbacks.claim_due()
    assert withdrawals.rings(order.id)
    assert not withdrawals.rings(order.id + 1)

    def away() -> AbstractContextManager[Session]:
        raise OperationalError("", None, Exception())

    assert Withdrawals(away, lambda _cause: None).rings(order.id)


def test_a_router_that_cannot_be_told_harms_nobody(town: Town) -> None:
    order = town.place()
    town.callbacks.claim_due()
    town.orders.cancel(order.id, actor="user:1", channel="desk", reason="-")

    def away(_cause: str) -> None:
        raise ConnectionError

    Withdrawals(town.reading, away).let_go(order.id)

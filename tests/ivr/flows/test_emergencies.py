"""An emergency by telephone: three companies are called, the first key wins, the later ones hear that it is taken."""

from __future__ import annotations

from db.models import Company
from db.models import Offer as OfferRow
from ivr.flows.offer import Offer
from routing.orders.policy import OrderState
from tests.ivr.flows.talk import Exchange
from tests.routing.orders.dispatching.test_emergencies import add_repairers
from tests.routing.town import Town

ACCEPT = {"offer.any_key": "5", "offer.menu": "1"}


def test_the_first_key_wins_and_the_later_ones_hear_that_it_is_taken(exchange: Exchange, town: Town) -> None:
    add_repairers(town, 3)
    order = town.place(item="repair")
    assert town.callbacks.dial_due() == 3, "all three are called at once"
    phones = {row.id: row.phone for row in town.rows(Company)}
    talks = [exchange.call(Offer, phones[each.company_id], ACCEPT, ref=each.id) for each in town.rows(OfferRow)]
    assert ["offer.accepted" in talk.heard for talk in talks] == [True, False, False]
    assert ["offer.gone" in talk.heard for talk in talks] == [False, True, True]
    taken = town.orders.get(order.id)
    assert (taken.state, taken.company_id) == (OrderState.ACCEPTED, town.rows(OfferRow)[0].company_id)

"""The automatic call that offers an order to a company."""

from __future__ import annotations

from ivr.flows.any_key import somebody_listens
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from ivr.flows.offer_list import OfferList
from ivr.flows.offering import Offering
from routing.calls.messages import Intent
from routing.errors import NotFound
from routing.orders.offers import offer_cause
from routing.orders.views import OfferView


class Offer(Flow[CallDesk]):
    """Read the order to the company, and take 1 for yes and 2 for no; a night's list is asked about as a whole."""

    cause = ""
    reached = False

    def run(self) -> Next:
        self.call.answer()
        try:
            offer = self._offer()
        except NotFound as over:
            self.desk.step("offer.over", over.code)
            self.dialogue.conclude("offer.gone")
            return Next.BYE
        self.cause = offer_cause(offer.id)
        if not somebody_listens(self.call, [("offer.greet", {})], "offer.any_key"):
            return Next.BYE
        self.reached = True  # Even without an answer they have heard it; the SMS has the order, and time runs on.
        listed = self.desk.services.dispatch.told_with(offer.id)
        if not (
            OfferList(self.dialogue, self.desk).answered(listed)
            if len(listed) > 1
            else Offering(self.dialogue, self.desk).answered(listed[0] if listed else offer)
        ):
            return self.person()
        self.dialogue.conclude("bye.goodbye")
        return Next.BYE

    def _offer(self) -> OfferView:
        """The offer, whose call begins. Who is called is looked up after it: the record can do without, in need."""
        try:
            offer = self.desk.services.dispatch.get_offer(self.desk.reference)
            self.desk.services.callbacks.begin(offer_cause(offer.id))
            return offer
        finally:
            self.desk.began("outbound")

    def person(self) -> Next:
        """Whoever takes over knows that a company is on the line."""
        self.reached = True
        return self.hold(intent=Intent.COMPANY)

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

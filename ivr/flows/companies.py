"""The line of service companies: what waits for their answer."""

from __future__ import annotations

from ivr.dialogue import PromptPart
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from ivr.flows.offering import Offering
from routing.calls.messages import Intent

GREETING = "company.greet"
MOST_AT_ONCE = 5
"""Offers read in one call; whoever has more calls again or answers the automatic call."""


class Companies(Flow[CallDesk]):
    """A company hears the offers that wait for it, and accepts or declines each by key."""

    def run(self) -> Next:
        self.call.answer()
        company_id = self.desk.caller.company_id
        if self.call.facts.flow == "companies":
            self.desk.began()
        if company_id is None:
            self.dialogue.conclude("company.unknown")
            return self.person()
        self.dialogue.say(GREETING)  # Whatever waits for them, it takes a moment to find out.
        offers = self.desk.services.dispatch.waiting_for(company_id)
        if not offers:
            self.dialogue.conclude("company.none")
            return Next.BYE
        before: list[PromptPart] = [("company.waiting", {"orders": len(offers)})]
        for offer in offers[:MOST_AT_ONCE]:
            if not Offering(self.dialogue, self.desk).answered(offer, before):
                return self.person()
            before = []
        self.desk.served()
        self.dialogue.conclude("bye.goodbye")
        return Next.BYE

    def person(self) -> Next:
        """Whoever takes over knows that a company calls."""
        return self.hold(intent=Intent.COMPANY)

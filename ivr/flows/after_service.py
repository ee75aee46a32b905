"""The automatic call after a service: was it done, and how was it?"""

from __future__ import annotations

from ivr.dialogue import value_or_person
from ivr.flows.any_key import somebody_listens
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.caller import KnownElder
from routing.calls.messages import Intent
from routing.outreach.owing import after_service_cause

SCORES = {str(score): score for score in range(1, 6)}


class AfterService(Flow[CallDesk]):
    """Ask the elder whether it was done, and for a score from 1 to 5. A low score or a 0 goes to a person."""

    cause = ""
    reached = False
    order_id: int | None = None

    def run(self) -> Next:
        self.call.answer()
        order = self.desk.services.orders.get(self.desk.reference)
        self.order_id, self.cause = order.id, after_service_cause(order.id)
        self.desk.services.callbacks.begin(self.cause)
        self.desk.elder = self._elder(order.elder_id)
        self.desk.began("outbound", order.elder_id)
        greeting = ("callback.greet", {"who": address_of(self.desk.elder) if self.desk.elder else ""})
        if not somebody_listens(self.call, [greeting], "callback.any_key"):
            self.desk.step("after_service.nobody_listens")
            return Next.BYE
        self.desk.elder = self.desk.elder or self.desk.services.directory.elder(order.elder_id)
        if not value_or_person(self.dialogue.confirm("callback.done", service=order.item_name)):
            return self._not_done(order.id)
        return self._score(order.id)

    def _elder(self, elder_id: int) -> KnownElder | None:
        """Whom we call; None when that takes too long: then they are greeted without their name."""
        try:
            return self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except TooSlow:
            return None

    def person(self) -> Next:
        """A person, who sees which order it is about. They answered, and so the call that was owed is made."""
        self.reached = True
        return self.hold(intent=Intent.CALLBACK, about=self.order_id)

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

    def _not_done(self, order_id: int) -> Next:
        self.desk.services.ratings.score(order_id, "call", done=False)
        self.reached = True
        self.desk.step("after_service.not_done")
        return self._goodbye("callback.not_done")

    def _score(self, order_id: int) -> Next:
        score = value_or_person(self.dialogue.rate("callback.score", SCORES))
        given = self.desk.services.ratings.score(order_id, "call", score=score, done=True)
        self.reached = True
        self.desk.step("after_service.scored", str(score))
        return self._goodbye("callback.thanks" if given.complaint_case_id is None else "callback.low")

    def _goodbye(self, thanks: str) -> Next:
        self.desk.served()
        self.dialogue.conclude([(thanks, {}), ("bye.take_care", {})])
        return Next.BYE

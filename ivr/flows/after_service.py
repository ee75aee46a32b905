"""The automatic call after a service: was it done, and how was it?"""

from __future__ import annotations

from ivr.dialogue import PersonAsked, SosAsked, value_or_person
from ivr.flows.any_key import somebody_listens
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from ivr.flows.recorded import FOLDER, MOST_SECONDS, SILENCE_SECONDS, said_something
from routing.calls.caller import KnownElder
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from routing.orders.voice_notes import recording_name
from routing.outreach.owing import after_service_cause

SCORES = {str(score): score for score in range(1, 6)}
NO_MORE = "8"
_UNSEEN = frozenset({OrderState.ACCEPTED, OrderState.VISITING})


class AfterService(Flow[CallDesk]):
    """Ask the elder whether it was done, and for a score from 1 to 5. A low score or a 0 goes to a person.

    Of a service that should be over, and that nobody has told us of, whether anybody came. 8 twice: no more such calls.
    """

    cause = ""
    reached = False
    order_id: int | None = None
    case_id: int | None = None

    def run(self) -> Next:
        self.call.answer()
        order = self.desk.services.orders.get(self.desk.reference)
        self.order_id, self.cause = order.id, after_service_cause(order.id)
        self.desk.services.callbacks.begin(self.cause)
        self.desk.elder = self._elder(order.elder_id)
        self.desk.began("outbound", order.elder_id)
        key = self._who_listens()
        if key is None:
            return self._nobody()
        self.desk.elder = self.desk.elder or self.desk.services.directory.elder(order.elder_id)
        if key == NO_MORE and self._is_sure():
            return self._no_more(order.elder_id)
        if order.state in _UNSEEN:
            return self._did_anybody_come(order)
        if not value_or_person(self.dialogue.confirm("callback.done", service=order.item_name)):
            return self._not_done(order.id)
        return self._score(order.id)

    def person(self) -> Next:
        """A person, who sees which order it is about. They answered, and so the call that was owed is made."""
        self.reached = True
        return self.hold(intent=Intent.CALLBACK, about=self.order_id, case=self.case_id)

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

    def _who_listens(self) -> str | None:
        greeting = ("callback.greet", {"who": address_of(self.desk.elder) if self.desk.elder else ""})
        return somebody_listens(self.call, [greeting], "callback.any_key", "callback.no_more")

    def _elder(self, elder_id: int) -> KnownElder | None:
        """Whom we call; None when that takes too long: then they are greeted without their name."""
        try:
            return self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except TooSlow:
            return None

    def _nobody(self) -> Next:
        """A machine, or somebody who does not find the keys: say once who called, without a word about whom or what."""
        self.desk.step("after_service.nobody_listens")
        if self.desk.services.elder_words.leaves_message(self.cause):
            self.dialogue.conclude("callback.who_called")
        return Next.BYE

    def _is_sure(self) -> bool:
        """Whether 8 was meant: it is a key like any other, too, and any key was asked for. So it is said and pressed
        again; whoever presses nothing, or another key, is asked how it was."""
        return somebody_listens(self.call, [("callback.no_more", {})], times=1) == NO_MORE

    def _no_more(self, elder_id: int) -> Next:
        self.desk.services.elder_words.no_more(elder_id)
        self.reached = True
        self.desk.step("after_service.no_more")
        return self._goodbye("callback.opted_out")

    def _did_anybody_come(self, order: OrderView) -> Next:
        came = value_or_person(self.dialogue.confirm("callback.came", service=order.item_name))
        words = self.desk.services.elder_words
        if came:
            words.somebody_came(order.id, self.desk.facts.call_id)
        else:
            self.case_id = words.nobody_came(order.id, self.desk.facts.call_id)
        self.reached = True
        self.desk.step("after_service.came" if came else "after_service.nobody_came")
        return self._goodbye("callback.thanks" if came else "callback.not_done")

    def _not_done(self, order_id: int) -> Next:
        self.case_id = self.desk.services.ratings.score(order_id, "call", done=False).complaint_case_id
        self.reached = True
        self.desk.step("after_service.not_done")
        return self._goodbye("callback.not_done")

    def _score(self, order_id: int) -> Next:
        score = value_or_person(self.dialogue.rate("callback.score", SCORES))
        given = self.desk.services.ratings.score(order_id, "call", score=score, done=True)
        self.reached, self.case_id = True, given.complaint_case_id
        self.desk.step("after_service.scored", str(score))
        if given.complaint_case_id is not None:
            self._remark(given.complaint_case_id)
            return self._goodbye("callback.low")
        return self._goodbye("callback.thanks")

    def _remark(self, case_id: int) -> None:
        """Have them say what was wrong. The complaint stands already: whoever says nothing is rung all the same."""
        self.dialogue.conclude([("complaint.sorry", {}), ("complaint.leave", {})])
        name = recording_name("complaint", self.desk.facts.call_id)
        recording = self.call.record(f"{FOLDER}/{name}", MOST_SECONDS, SILENCE_SECONDS, "#09")
        if said_something(recording):
            number = self.desk.caller.number
            self.desk.services.elder_words.keep_remark(case_id, self.desk.facts.call_id, name, number)
            self.desk.step("after_service.remark", f"{recording.seconds:.0f} s")
        if recording.key == "9":
            raise SosAsked
        if recording.key == "0":
            raise PersonAsked

    def _goodbye(self, thanks: str) -> Next:
        self.desk.served()
        self.dialogue.conclude([(thanks, {}), ("bye.take_care", {})])
        return Next.BYE

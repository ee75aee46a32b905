"""The daily call to an elder who lives alone: are you well?"""

from __future__ import annotations

import structlog

from ivr.dialogue import Matched, PersonWanted, PromptPart, SosWanted
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.caller import KnownElder
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.outreach.wellbeing.policy import Heard

log = structlog.get_logger(__name__)

ANSWERS = {"1": Heard.WELL, "2": Heard.CALL_ME}
KEY_SECONDS = 4.5
HINTS = 2
"""Elders take a while to find the keys; nobody who is well shall cause an alarm for want of time."""


class WellBeing(Flow[CallDesk]):
    """1 is well, 2 has a person call, 0 is a person at once and 9 an SOS. No key counts as no answer."""

    check_id: int | None = None
    cause = ""
    reached = False

    def run(self) -> Next:
        self.call.answer()
        check = self.desk.services.well_being.of_call(self.desk.reference)
        self.check_id, self.cause = check.id, check.cause
        self.desk.services.callbacks.begin(self.cause)
        self.desk.elder = self._elder(check.elder_id)
        self.desk.began("outbound", check.elder_id)
        who = address_of(self.desk.elder) if self.desk.elder else ""
        words: list[PromptPart] = [("wellbeing.greet", {"who": who}), ("wellbeing.ask", {})]
        answer = self.dialogue.menu(words, ANSWERS, hints=HINTS, key_seconds=KEY_SECONDS)
        if isinstance(answer, PersonWanted):
            return self.person()
        if isinstance(answer, SosWanted):
            return self.sos()
        if not isinstance(answer, Matched):
            self.desk.step("wellbeing.no_key")
            self.dialogue.conclude("wellbeing.no_key")
            return Next.BYE
        self._answered(answer.value)
        self.desk.step(f"wellbeing.{answer.value.value}")
        self.desk.served()
        self.dialogue.conclude(f"wellbeing.{answer.value.value}")
        return Next.BYE

    def person(self) -> Next:
        """They are there and want somebody: a person, as one of those who go first."""
        self._answered(Heard.PERSON)
        return self.hold(intent=Intent.CALLBACK, caller_class=CallerClass.FRAIL)

    def sos(self) -> Next:
        """9 is an SOS; the day's call is answered by it."""
        self._answered(Heard.SOS)
        return Next.SOS

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled; without a key it counts as no answer."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

    def _answered(self, heard: Heard) -> None:
        """Write it down. Who pressed 0 or 9 goes on to a person even if that cannot be written."""
        if self.check_id is None:
            return
        try:
            self.desk.services.well_being.answered(self.check_id, heard, self.call.facts.call_id)
            self.reached = True
        except Exception:
            if heard in ANSWERS.values():
                raise
            log.exception("well_being.not_written", check_id=self.check_id)

    def _elder(self, elder_id: int) -> KnownElder | None:
        """Whom we call; None when that takes too long: then they are greeted without their name."""
        try:
            return self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except (DirectoryUnavailable, TooSlow):
            log.warning("well_being.without_the_name")
            return None

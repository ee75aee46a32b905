"""The automatic call that reminds an elder of a medicine."""

from __future__ import annotations

import structlog

from ivr.dialogue import Matched, PersonWanted, PromptPart, SosWanted
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.caller import KnownElder
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.outreach.medicine.policy import Told

log = structlog.get_logger(__name__)

ANSWERS = {"1": Told.TAKEN, "2": Told.LATER}
KEY_SECONDS = 4.5
HINTS = 2


class Medicine(Flow[CallDesk]):
    """1 is taken, 2 is once more in twenty minutes, 0 a person, 9 an SOS. No key counts as no answer."""

    dose_id: int | None = None
    cause = ""
    reached = False

    def run(self) -> Next:
        self.call.answer()
        reminding = self.desk.services.doses.of_call(self.desk.reference)
        self.dose_id, self.cause = reminding.dose_id, reminding.cause
        self.desk.services.callbacks.begin(self.cause)
        self.desk.elder = self._elder(reminding.elder_id)
        self.desk.began("outbound", reminding.elder_id)
        who = address_of(self.desk.elder) if self.desk.elder else ""
        which: PromptPart = ("medicine.said", {"what": reminding.text})
        if not reminding.text:
            which = (f"medicine.{reminding.part}", {})
        words: list[PromptPart] = [("medicine.greet", {"who": who}), which, ("medicine.ask", {})]
        answer = self.dialogue.menu(words, ANSWERS, hints=HINTS, key_seconds=KEY_SECONDS)
        if isinstance(answer, PersonWanted):
            return self.person()
        if isinstance(answer, SosWanted):
            return self.sos()
        if not isinstance(answer, Matched):
            return self._goodbye("no_key")
        again = self._told(answer.value)
        self.desk.served()
        if answer.value is Told.LATER and not again:
            return self._goodbye("no_more")
        return self._goodbye(answer.value.value)

    def person(self) -> Next:
        """They are there and want somebody."""
        self._told_safely(Told.PERSON)
        return self.hold(intent=Intent.CALLBACK, caller_class=CallerClass.FRAIL)

    def sos(self) -> Next:
        """9 is an SOS, and nobody is reminded again."""
        self._told_safely(Told.SOS)
        return Next.SOS

    def clean_up(self) -> None:
        """However the talk ended, the call that was owed is settled; without a key it counts as no answer."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, self.reached)

    def _goodbye(self, how: str) -> Next:
        self.desk.step(f"medicine.{how}")
        self.dialogue.conclude(f"medicine.{how}")
        return Next.BYE

    def _told(self, told: Told) -> bool:
        again = self.dose_id is not None and self.desk.services.doses.told(self.dose_id, told)
        self.reached = True
        return again

    def _told_safely(self, told: Told) -> None:
        """Who pressed 0 or 9 goes on to a person even if that cannot be written."""
        try:
            self._told(told)
        except Exception:
            log.exception("medicine.not_written", dose_id=self.dose_id)

    def _elder(self, elder_id: int) -> KnownElder | None:
        """Whom we call; None when that takes too long: then they are greeted without their name."""
        try:
            return self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except (DirectoryUnavailable, TooSlow):
            log.warning("medicine.without_the_name")
            return None

"""The automatic call to a relative or neighbour of an elder who did not answer: please look in."""

from __future__ import annotations

import structlog

from ivr.dialogue import Matched, PersonWanted, PromptPart, SosWanted
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.outreach.wellbeing.policy import Looked

log = structlog.get_logger(__name__)

ANSWERS = {"1": Looked.WELL, "2": Looked.NEEDS_US, "3": Looked.GOING}
KEY_SECONDS = 6.0
"""They did not wait for this call, and have to think."""


class LookIn(Flow[CallDesk]):
    """1: the elder is well. 2: you are needed. 3: I go and look, and am rung again. No key: the next one is rung."""

    look_in_id: int | None = None
    cause = ""

    def run(self) -> Next:
        self.call.answer()
        asked = self.desk.services.well_being.asked(self.desk.reference)
        self.look_in_id, self.cause = asked.id, asked.cause
        self.desk.services.callbacks.begin(self.cause)
        self.desk.began("outbound", asked.elder_id)
        if asked.over:
            self.desk.step("look_in.gone")
            self.dialogue.conclude("look_in.gone")
            return Next.BYE
        words: list[PromptPart] = [("look_in.greet", {}), self._whom(asked.elder_id), ("look_in.ask", {})]
        answer = self.dialogue.menu(words, ANSWERS, key_seconds=KEY_SECONDS)
        if isinstance(answer, PersonWanted):
            return self.person()
        if isinstance(answer, SosWanted):
            return self.sos()
        if not isinstance(answer, Matched):
            self.desk.step("look_in.no_key")
            return Next.BYE
        self._looked(answer.value)
        self.desk.step(f"look_in.{answer.value.value}")
        self.dialogue.conclude(f"look_in.{answer.value.value}")
        return Next.BYE

    def person(self) -> Next:
        """A person, who sees the elder's open case."""
        self._looked_safely(Looked.PERSON)
        return self.hold(intent=Intent.CALLBACK, caller_class=CallerClass.FRAIL)

    def sos(self) -> Next:
        """They stand beside the elder and something is wrong."""
        self._looked_safely(Looked.SOS)
        return Next.SOS

    def clean_up(self) -> None:
        """However the talk ended, this call was made; whoever pressed no key said nothing, and the next is rung."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, reached=True)

    def _looked(self, answer: Looked) -> None:
        if self.look_in_id is not None:
            self.desk.services.well_being.looked(self.look_in_id, answer)

    def _looked_safely(self, answer: Looked) -> None:
        """Who pressed 0 or 9 goes on to a person even if that cannot be written."""
        try:
            self._looked(answer)
        except Exception:
            log.exception("look_in.not_written", look_in_id=self.look_in_id)

    def _whom(self, elder_id: int) -> PromptPart:
        """Whom to look in on, by name; while that takes too long, whoever they are a contact of."""
        try:
            elder = self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except (DirectoryUnavailable, TooSlow):
            log.warning("look_in.without_the_name")
            elder = None
        return ("look_in.who", {"who": address_of(elder)}) if elder else ("look_in.someone", {})

"""Who calls again while we owe them a call: they keep their place, on the line or by the call that was promised."""

from __future__ import annotations

from typing import Literal

from ivr.dialogue import Matched, PromptPart, SosWanted
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from ivr.flows.promising import Promising

Choice = Literal["take", "keep", "cancel"]
CHOICES: dict[str, Choice] = {"1": "take", "2": "keep", "3": "cancel"}


class KeptPlace(Flow[CallDesk]):
    """Tell them of the promise. No key means a person, as everywhere.

    Then the promise's ticket gets this call's channel, and the place that it always had (`CallDesk.open_ticket`); so it
    is for an SOS too, for nobody is to be dialled while help is on the line.
    """

    def run(self) -> Next:
        match self.dialogue.menu("promise.menu", CHOICES, before=self._promise(), hints=0):
            case Matched("keep"):
                return self._keep()
            case Matched("cancel"):
                return self._cancel()
            case SosWanted():
                return self.sos()
            case _:
                self.dialogue.say("promise.taken")
                return self.person()

    def _promise(self) -> list[PromptPart]:
        """What was promised, and at which number: they may be calling from another telephone."""
        number = self.desk.owed.number if self.desk.owed else None
        return [("promise.waiting", {}), *([("promise.number", {"number": number})] if number else [])]

    def _keep(self) -> Next:
        self.desk.step("promise.kept")
        self.desk.promised()
        self.dialogue.conclude([("promise.kept", {}), ("bye.goodbye", {})])
        return Next.BYE

    def _cancel(self) -> Next:
        """Afterwards they are a caller like any other, who may want something else."""
        Promising(self.desk).cancel()
        self.dialogue.conclude("promise.cancelled")
        return Next.BYE

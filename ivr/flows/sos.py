"""A cry for help: no menu, a calm voice, a person."""

from __future__ import annotations

from ivr.dialogue import PersonAsked, SosAsked
from ivr.flows.base import Flow, Next, NextKind
from ivr.flows.desk import CallDesk
from routing.calls.messages import CallerClass, Intent


class Sos(Flow[CallDesk]):
    """Open the case, say that help is on the line, and hold the caller ahead of everyone. Needs no database."""

    def run(self) -> Next:
        self.call.answer()
        case_id = self.desk.open_sos()
        self._calm()
        return Next(NextKind.SOS, Intent.SOS, CallerClass.SOS, case_id=case_id)

    def person(self) -> Next:
        """Whoever cried for help stays an SOS, whatever happens."""
        return Next.SOS

    def _calm(self) -> None:
        """Say the calm words; keys pressed in panic do not matter."""
        try:
            self.dialogue.conclude("sos.calm", again=False)
        except (PersonAsked, SosAsked):
            return

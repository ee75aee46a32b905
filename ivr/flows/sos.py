"""A cry for help: no menu, no word of ours that somebody would have to wait for, a person."""

from __future__ import annotations

from ivr.flows.base import Flow, Next, NextKind
from ivr.flows.desk import CallDesk
from routing.calls.messages import CallerClass, Intent


class Sos(Flow[CallDesk]):
    """Open the case, and hold the caller ahead of everyone. Needs no database.

    Nothing is said here: the dialplan's calm voice speaks already, and goes on while the agent's phone rings. Words in
    a flow would keep the phone from ringing, for no call can be taken out of a flow that speaks.
    """

    def run(self) -> Next:
        self.call.answer()
        return Next(NextKind.SOS, Intent.SOS, CallerClass.SOS, case_id=self.desk.open_sos())

    def person(self) -> Next:
        """Whoever cried for help stays an SOS, whatever happens."""
        return Next.SOS

"""The duty phone: whoever picks it up hears who is calling, and takes the call by a key."""

from __future__ import annotations

import structlog

from ivr import variables
from ivr.dialogue import Matched, PromptPart
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.promising import Promising
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass
from routing.calls.records import Ticket

log = structlog.get_logger(__name__)

TAKE = "1"
KEY_SECONDS = 4.0
"""After the words; the dialplan gives the whole talk 15 s."""


class Duty(Flow[CallDesk]):
    """Runs on the duty phone's own channel, while the caller hears music. Only the key takes the call.

    A voice mailbox presses nothing, and the next duty phone rings.
    """

    def run(self) -> Next:
        self.call.set(variables.DUTY_ANSWER, "0")
        ticket = Promising(self.desk).ticket()
        answer = self.dialogue.menu(self._words(ticket), {TAKE: True}, hints=0, key_seconds=KEY_SECONDS)
        if isinstance(answer, Matched):
            self.call.set(variables.DUTY_ANSWER, "1")
            self.desk.step("duty.taken")
        else:
            self.desk.step("duty.not_taken")
        return Next.BYE

    def person(self) -> Next:
        """0 takes no call, and neither does a fault."""
        return Next.BYE

    def sos(self) -> Next:
        """The caller may be one; the owner of the phone is none."""
        return Next.BYE

    def _words(self, ticket: Ticket | None) -> list[PromptPart]:
        who = self._who(ticket)
        if ticket is not None and ticket.caller_class is CallerClass.SOS:
            return [("duty.sos", {"who": who})]
        caller: PromptPart = ("duty.caller", {"who": who}) if who else ("duty.unknown", {})
        return [("duty.greet", {}), caller, ("duty.accept", {})]

    def _who(self, ticket: Ticket | None) -> str:
        """How the elder is addressed; nothing if nobody knows."""
        if ticket is None or ticket.elder_id is None:
            return ""
        try:
            elder = self.desk.services.directory.elder(ticket.elder_id)
        except DirectoryUnavailable:
            log.warning("duty.directory_down")
            return ""
        return address_of(elder) if elder else ""

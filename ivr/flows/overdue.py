"""The automatic call that tells a duty phone of an order that presses and that nobody looks after."""

from __future__ import annotations

import structlog

from ivr.dialogue import Matched, PromptPart
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.directory import DirectoryUnavailable
from routing.errors import NotFound
from routing.orders.errors import MovedOn
from routing.orders.escalation.views import OverdueOrder

log = structlog.get_logger(__name__)

TAKE = "1"
KEY_SECONDS = 6.0
"""Who is woken by it needs a moment; it is read twice."""


class Overdue(Flow[CallDesk]):
    """Read which order, and have it taken over by a key. A voice mailbox presses nothing: the next phone is rung."""

    cause = ""

    def run(self) -> Next:
        self.call.answer()
        try:
            order, self.cause, who = self.desk.services.escalations.of_call(self.desk.reference)
            self.desk.services.callbacks.begin(self.cause)
        finally:
            self.desk.began("outbound")
        if order.over or order.taken_at is not None:
            return self._gone()
        words: list[PromptPart] = [("overdue.greet", {}), self._order(order), ("overdue.take", {})]
        answer = self.dialogue.menu(words, {TAKE: True}, key_seconds=KEY_SECONDS)
        if not isinstance(answer, Matched):
            self.desk.step("overdue.not_taken", order.number)
            return Next.BYE
        try:
            self.desk.services.escalations.take_over(order.id, who)
        except (MovedOn, NotFound):
            return self._gone()
        self.desk.step("overdue.taken", order.number)
        self.dialogue.conclude("overdue.taken")
        return Next.BYE

    def person(self) -> Next:
        """Whoever is on duty is the person: 0 takes nothing over, and the next phone is rung."""
        return Next.BYE

    def sos(self) -> Next:
        """The elder may be in need; the owner of the phone is not."""
        return Next.BYE

    def clean_up(self) -> None:
        """However the talk ended, this call was made; whether the order was taken over stands with the order."""
        if self.cause:
            self.desk.services.callbacks.finish(self.cause, reached=True)

    def _gone(self) -> Next:
        self.desk.step("overdue.gone")
        self.dialogue.conclude("overdue.gone")
        return Next.BYE

    def _order(self, order: OverdueOrder) -> PromptPart:
        due = order.due_at.astimezone(self.desk.services.zone)
        said = {"who": self._who(order.elder_id), "service": order.item_code, "number": order.number, "when": due}
        return ("overdue.order", said)

    def _who(self, elder_id: int) -> str:
        """How the elder is addressed; nothing while nobody knows, or finding it would take too long."""
        try:
            elder = self.desk.patience.look_up(lambda: self.desk.services.directory.elder(elder_id))
        except (DirectoryUnavailable, TooSlow):
            log.warning("overdue.without_the_name")
            return ""
        return address_of(elder) if elder else ""

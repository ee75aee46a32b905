"""The promised call-back, as the person who waited for it hears it."""

from __future__ import annotations

from ivr.flows.base import Flow, Next, NextKind
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.promising import Promising


class Promised(Flow[CallDesk]):
    """Say who calls, at once, and hold them for the agent who is reserved and sees their record already."""

    def run(self) -> Next:
        self.call.answer()
        self.desk.keeps = self.call.facts.arguments.get("ref", "")
        promise = Promising(self.desk).ticket()
        elder_id = promise.elder_id if promise else None
        self.desk.began("outbound", elder_id)
        if elder_id is not None:
            self.desk.elder = self.desk.services.directory.elder(elder_id)
        self.dialogue.say("callback.promised", who=address_of(self.desk.elder) if self.desk.elder else "")
        return Next.HOLD

    def on_next(self, next_step: Next) -> str:
        """The ticket is the promise: none is opened, but for an SOS it is said what it has become."""
        return super().on_next(next_step) if next_step.kind is NextKind.SOS else ""

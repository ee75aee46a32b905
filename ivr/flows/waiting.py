"""What a caller in hold hears between two pieces of music: their place, how long, and the offer to be called back."""

from __future__ import annotations

import structlog
from redis.exceptions import RedisError

from ivr.dialogue import Entered, Matched, PromptPart, SosWanted, value_or_person
from ivr.flows.base import Flow, Next, NextKind
from ivr.flows.desk import CallDesk
from ivr.flows.promising import Promising
from routing.calls.estimate import in_minutes
from routing.calls.messages import CallerClass
from routing.calls.records import Ticket
from routing.outreach.promises import NotCalledBack, PromisedAlready

log = structlog.get_logger(__name__)

CALL_BACK = "1"
"""The key that asks for the call-back, in the announcement and at any later time in hold."""
OFFER_SECONDS = 3.0
"""Silence after the offer, before the music goes on."""
NUMBER_DIGITS = (7, 12)
"""From a local fixed line to a fixed line with its area code."""
TRIES = 2
"""So many numbers that cannot be called, and the caller just waits on."""


class Waiting(Flow[CallDesk]):
    """Say where the caller stands. Whatever happens here, they keep their place; only a promise ends their wait.

    An agent may become free at any moment: then the call is taken away in the middle of a word, and that is right.
    """

    def run(self) -> Next:
        self.speak_as_before()
        ticket = self.promising.ticket()
        if ticket is None or ticket.caller_class is CallerClass.SOS:
            return Next.HOLD
        if self.call.facts.arguments.get("key") == CALL_BACK:
            return self._call_back(ticket)
        standing = self._standing(ticket)
        if not ticket.may_be_called_back:
            self.dialogue.conclude(standing)
        elif self._wants_a_call(standing):
            return self._call_back(ticket)
        return Next.HOLD

    @property
    def promising(self) -> Promising:
        return Promising(self.desk)

    def sos(self) -> Next:
        """The ticket becomes an SOS where it stands."""
        self.desk.keeps = self.desk.keeps or self.call.facts.arguments.get("ref", "")
        return Next.SOS

    def on_next(self, next_step: Next) -> str:
        """Back to hold with the ticket that they have; with the place of the promise, if 0 was pressed after it."""
        if next_step.kind is NextKind.HOLD and not self.desk.keeps:
            return ""
        return super().on_next(next_step)

    def _standing(self, ticket: Ticket) -> list[PromptPart]:
        minutes = in_minutes(ticket.told_seconds or 0.0)
        self.desk.step("waiting.told", f"{ticket.told_ahead or 0} ahead, {minutes} min")
        place: PromptPart = (
            ("hold.position", {"position": ticket.told_ahead}) if ticket.told_ahead else ("hold.next", {})
        )
        if minutes:
            return [place, ("hold.minutes", {"minutes": minutes})]
        return [place, ("hold.thanks" if ticket.told_soon else "hold.soon", {})]

    def _wants_a_call(self, standing: list[PromptPart]) -> bool:
        answer = self.dialogue.menu(
            "hold.offer_callback", {CALL_BACK: True}, before=standing, hints=0, key_seconds=OFFER_SECONDS
        )
        if isinstance(answer, SosWanted):
            value_or_person(answer)
        return isinstance(answer, Matched)

    def _call_back(self, ticket: Ticket) -> Next:
        number = self._number()
        if number is None:
            return Next.HOLD
        try:
            self.promising.promise(ticket, number)
        except PromisedAlready:
            self.dialogue.say("hold.promised_already")
            return Next.HOLD
        except NotCalledBack:
            self.dialogue.say("hold.not_promised")
            return Next.HOLD
        except RedisError:
            log.exception("waiting.not_promised")
            self.dialogue.say("hold.not_promised")
            return Next.HOLD
        self.dialogue.conclude([("hold.callback_promised", {}), ("bye.goodbye", {})])
        return Next.BYE

    def _number(self) -> str | None:
        """The number that the caller confirmed; None: they pressed nothing, or what cannot be called."""
        number = self.promising.number()
        for _ in range(TRIES + 1):
            if number is not None:
                answer = self.dialogue.confirm("hold.callback_number", hints=0, number=self.promising.as_read(number))
                if isinstance(answer, SosWanted):
                    value_or_person(answer)
                if not isinstance(answer, Matched):
                    return None
                if answer.value:
                    return number
            number = self._another()
            if number is None:
                return None
        return None

    def _another(self) -> str | None:
        for _ in range(TRIES):
            match self.dialogue.ask("hold.enter_number", digits=NUMBER_DIGITS, hints=0):
                case Entered(digits):
                    if number := self.promising.dialable(digits):
                        return number
                    self.dialogue.say("hold.bad_number")
                case SosWanted() as answer:
                    value_or_person(answer)
                case _:
                    return None
        return None

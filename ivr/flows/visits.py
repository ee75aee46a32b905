"""The care workers' line: in and out of a visit, from the elder's telephone."""

from __future__ import annotations

from enum import Enum

from ivr.dialogue import PromptPart, value_or_person
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.calls.messages import Intent
from routing.orders.errors import AlreadyIn, NotIn, NoVisitToday, PinLocked, VisitChoice, WhichVisit, WrongPin
from routing.orders.visits import VisitSeen

PIN_DIGITS = (4, 8)
PIN_TRIES = 3
VISITS_ASKED = 4
"""A menu has four choices at most; a worker with more visits in one home is helped by a person."""


class Direction(Enum):
    """What the worker calls for."""

    IN = "check_in"
    OUT = "check_out"


class Visits(Flow[CallDesk]):
    """The PIN proves the person, the telephone proves the place; then in or out."""

    def run(self) -> Next:
        self.call.answer()
        if self.call.facts.flow == "visits":
            self.desk.began()
        worker_id = self._identify()
        if worker_id is None:
            return self.person()
        direction = value_or_person(self.dialogue.menu("visit.which", {"1": Direction.IN, "2": Direction.OUT}))
        try:
            visit = self._move(worker_id, direction)
        except NoVisitToday:
            self.dialogue.conclude("visit.no_order")
            return self.person()
        except (AlreadyIn, NotIn) as wrong:
            self.desk.step(f"visits.{wrong.code}")
            self.dialogue.conclude("visit.already" if isinstance(wrong, AlreadyIn) else "visit.no_order")
            return self.person()
        return self._received(visit, direction)

    def person(self) -> Next:
        """Whoever takes over knows that a care worker calls."""
        return self.hold(intent=Intent.WORKER)

    def _identify(self) -> int | None:
        """Give the worker's id; None when the PIN was wrong three times, or the telephone is locked."""
        question = "visit.enter_pin"
        greeting: list[PromptPart] = [("visit.greet", {})]
        for _ in range(PIN_TRIES):
            pin = value_or_person(self.dialogue.ask(question, digits=PIN_DIGITS, before=greeting))
            try:
                return self.desk.services.visits.identify(self.desk.caller.number, pin).id
            except WrongPin:
                self.desk.step("visits.wrong_pin")
                question, greeting = "visit.wrong_pin", []
            except PinLocked:
                self.desk.step("visits.locked")
                self.dialogue.conclude("visit.locked")
                return None
        return None

    def _move(self, worker_id: int, direction: Direction) -> VisitSeen:
        """Check in or out; when several visits could be meant, ask which. Raises as the service does."""
        visits = self.desk.services.visits
        act = visits.check_in if direction is Direction.IN else visits.check_out
        call_id, number = self.call.facts.call_id, self.desk.caller.number
        try:
            return act(worker_id, number, call_id)
        except WhichVisit as several:
            if len(several.choices) > VISITS_ASKED:
                raise NoVisitToday("too many visits to ask by key") from several
            keys = {str(key): choice for key, choice in enumerate(several.choices, start=1)}
            chosen = value_or_person(
                self.dialogue.menu([part for key, choice in keys.items() for part in _choice(key, choice)], keys)
            )
            return act(worker_id, number, call_id, chosen.order_id)

    def _received(self, visit: VisitSeen, direction: Direction) -> Next:
        at = visit.at.astimezone(self.desk.services.zone)
        self.desk.step(f"visits.{direction.value}", f"{visit.number} {'' if visit.verified else 'un'}verified")
        self.desk.served()  # Whoever hangs up now has what they called for.
        words: list[PromptPart] = [] if visit.verified else [("visit.unverified", {})]
        if direction is Direction.IN:
            words.append(("visit.checked_in", {"when": at}))
        else:
            words.append(("visit.checked_out", {"when": at, "minutes": visit.minutes}))
        self.dialogue.conclude([*words, ("bye.goodbye", {})])
        return Next.BYE


def _choice(key: str, choice: VisitChoice) -> list[PromptPart]:
    """Whose visit it is and for what, and then the key."""
    about = {"who": choice.address, "service": choice.item_code, "number": choice.number}
    return [("visit.order", about), ("services.choice", {"service": choice.item_code, "key": key})]

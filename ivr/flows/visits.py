"""The care workers' line: in and out of a visit, from the elder's telephone, and what was done in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import Enum

from ivr.dialogue import NoInput, NoMatch, PromptPart, value_or_person
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, address_of
from routing.calls.messages import Intent
from routing.orders.errors import (
    AlreadyIn,
    AskFirst,
    InsteadOf,
    NoBegin,
    NotIn,
    NoVisitToday,
    PinLocked,
    VisitChoice,
    WhichVisit,
    WrongHome,
    WrongPin,
)
from routing.orders.visits import Agreed, TaskResult, VisitSeen

PIN_DIGITS = (4, 8)
PIN_TRIES = 3
VISITS_ASKED = 4
"""A menu has four choices at most; a worker with more visits in one home is helped by a person."""
QUESTIONS = 3
"""Which of several, whether instead of a colleague, whether elsewhere: more is never asked, and then a person helps."""


class Direction(Enum):
    """What the worker calls for."""

    IN = "check_in"
    OUT = "check_out"


RESULTS: Mapping[str, TaskResult] = {"1": TaskResult.DONE, "2": TaskResult.NOT_NEEDED, "3": TaskResult.REFUSED}
SURE: Mapping[type[AskFirst], tuple[Agreed, str, str]] = {
    WrongHome: (Agreed.ELSEWHERE, "visit.not_yours", "visit.sure_elsewhere"),
    InsteadOf: (Agreed.INSTEAD, "visit.of_colleague", "visit.sure_instead"),
    NoBegin: (Agreed.NO_BEGIN, "visit.no_begin", "visit.sure_no_begin"),
}
"""What is asked first, by its error: what a yes means, what is told and what is asked."""


class Visits(Flow[CallDesk]):
    """The PIN proves the person, the telephone proves the place; then in or out, and what was done."""

    def run(self) -> Next:
        self.call.answer()
        if self.call.facts.flow == "visits":
            self.desk.began()
        worker_id = self._identify()
        if worker_id is None:
            return self.person()
        question = self.dialogue.menu("visit.which", {"1": Direction.IN, "2": Direction.OUT}, before=self._home())
        try:
            visit, direction = self._move(worker_id, value_or_person(question))
        except AlreadyIn as before:
            return self._since(before)
        except (NoVisitToday, NotIn, WhichVisit, AskFirst) as wrong:
            self.desk.step(f"visits.{wrong.code}")
            self.dialogue.conclude("visit.no_order")
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
                return self.desk.services.visits.identify(self.desk.caller.number, pin, self.call.facts.call_id).id
            except WrongPin:
                self.desk.step("visits.wrong_pin")
                question, greeting = "visit.wrong_pin", []
            except PinLocked:
                self.desk.step("visits.locked")
                self.dialogue.conclude("visit.locked")
                return None
        return None

    def _home(self) -> list[PromptPart]:
        """Say whose home it is, as the telephone tells; nothing for one that is nobody's, or of more than two."""
        homes = [address_of(elder) for elder in self.desk.caller.elders]
        if len(homes) == 1:
            return [("visit.home", {"who": homes[0]})]
        return [("visit.home_of_two", {"first": homes[0], "second": homes[1]})] if len(homes) == 2 else []

    def _move(self, worker_id: int, direction: Direction) -> tuple[VisitSeen, Direction]:
        """Check in or out, and give which it was; what is not plain is asked. Raises as the service does."""
        order_id: int | None = None
        agreed: frozenset[Agreed] = frozenset()
        for _ in range(QUESTIONS):
            try:
                return self._act(direction)(worker_id, order_id, agreed), direction
            except WhichVisit as several:
                order_id = self._which(several.choices)
            except AskFirst as first:
                if not self._is_meant_so(first):
                    if isinstance(first, NoBegin):  # They have just come, and pressed the wrong key.
                        return self._move(worker_id, Direction.IN)
                    raise NoVisitToday("the worker says no") from first
                agreed |= {SURE[type(first)][0]}
                order_id = first.choices[0].order_id if len(first.choices) == 1 else self._which(first.choices)
        return self._act(direction)(worker_id, order_id, agreed), direction

    def _act(self, direction: Direction) -> Callable[[int, int | None, Collection[Agreed]], VisitSeen]:
        visits, number, call_id = self.desk.services.visits, self.desk.caller.number, self.call.facts.call_id
        act = visits.check_in if direction is Direction.IN else visits.check_out
        return lambda worker_id, order_id, agreed: act(worker_id, number, call_id, order_id, agreed=agreed)

    def _which(self, choices: tuple[VisitChoice, ...]) -> int:
        """Ask which of several. Raises NoVisitToday for more than a menu holds."""
        if len(choices) > VISITS_ASKED:
            raise NoVisitToday("too many visits to ask by key")
        keys = {str(key): choice for key, choice in enumerate(choices, start=1)}
        words = [part for key, choice in keys.items() for part in _choice(key, choice)]
        return value_or_person(self.dialogue.menu(words, keys)).order_id

    def _is_meant_so(self, first: AskFirst) -> bool:
        _agreed, told, question = SURE[type(first)]
        self.desk.step(f"visits.{first.code}")
        return value_or_person(self.dialogue.confirm([(told, {}), (question, {})]))

    def _since(self, before: AlreadyIn) -> Next:
        """Whoever checks in twice is told since when; nothing is written a second time."""
        self.desk.step("visits.already_in")
        if before.since is None:
            self.dialogue.conclude("visit.already")  # At this very moment, by another call.
            return self.person()
        self.desk.served()
        self.dialogue.conclude([("visit.already_since", {"when": self._local(before.since)}), ("bye.goodbye", {})])
        return Next.BYE

    def _received(self, visit: VisitSeen, direction: Direction) -> Next:
        """Say that it is written, and at what time. What was done is asked when the end is written: whoever hangs up
        in the middle of it has checked out."""
        self.desk.step(f"visits.{direction.value}", f"{visit.number} {'' if visit.verified else 'un'}verified")
        self.desk.served()  # Whoever hangs up now has what they called for.
        self._ask_tasks(visit)
        words: list[PromptPart] = [] if visit.verified else [("visit.unverified", {})]
        when = self._local(visit.at)
        if direction is Direction.IN:
            words.append(("visit.checked_in", {"when": when}))
        elif visit.minutes is None:
            words += [("visit.out_at", {"when": when}), ("visit.to_complete", {})]
        else:
            words.append(("visit.checked_out", {"when": when, "minutes": visit.minutes}))
        self.dialogue.conclude([*words, ("bye.goodbye", {})])
        return Next.BYE

    def _ask_tasks(self, visit: VisitSeen) -> None:
        """Ask task by task; whoever does not answer one is not asked the others, for the visit is written."""
        before: list[PromptPart] = [("visit.tasks", {})]
        for task in visit.tasks:
            words: list[PromptPart] = [("visit.task", {"task": task.name}), ("visit.task_keys", {})]
            answer = self.dialogue.menu(words, RESULTS, before=before)
            if isinstance(answer, (NoInput, NoMatch)):
                self.desk.step("visits.task_not_told", task.code)
                break
            result, before = value_or_person(answer), []
            self.desk.services.visits.report_task(visit.visit_id, task.id, result)
            self.desk.step("visits.task", f"{task.code} {result.value}")

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.desk.services.zone)


def _choice(key: str, choice: VisitChoice) -> list[PromptPart]:
    """Whose visit it is and for what, and then the key."""
    about = {"who": choice.address, "service": choice.item_code, "number": choice.number}
    return [("visit.order", about), ("services.choice", {"service": choice.item_code, "key": key})]

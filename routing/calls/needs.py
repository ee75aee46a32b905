"""Whose call it is and what for, when the ticket that knew it is gone: for callers who come back to hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from db.models.calls import CallRecord, JourneyEvent
from db.models.cases import Case
from db.session import UnitOfWork
from routing.calls.caller import Caller
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket


@dataclass(frozen=True)
class Need:
    """What was known of a caller; what is empty is not known."""

    intent: Intent = Intent.GENERAL
    caller_class: CallerClass | None = None
    elder_id: int | None = None
    skills: tuple[str, ...] = ()
    preferred_agent: str | None = None
    order_id: int | None = None
    case_id: int | None = None
    attempts: int = 0
    """Offers so far; each recording of the call is named after its own."""

    @classmethod
    def of(cls, ticket: Ticket) -> Need:
        """The need of an earlier ticket."""
        return cls(
            ticket.intent, ticket.caller_class, ticket.elder_id, ticket.skills, ticket.preferred_agent, ticket.order_id,
            ticket.case_id, ticket.attempts,
        )  # fmt: skip

    def lacking(self, ticket: Ticket) -> dict[str, Any]:
        """What this need knows and the ticket does not."""
        names = ("elder_id", "skills", "preferred_agent", "order_id", "case_id")
        lacks = {name: getattr(self, name) for name in names if getattr(self, name) and not getattr(ticket, name)}
        if self.intent is not Intent.GENERAL and ticket.intent is Intent.GENERAL:
            lacks["intent"] = self.intent
        return lacks


RecallNeed = Callable[[str, str], Need]
"""Finds out by call id and caller's number; may block, and may raise while the database is away."""


def joined_words(ticket: Ticket) -> str:
    """What a journey says of a ticket that joins; `CallNeeds` reads it again."""
    return " ".join(filter(None, (ticket.caller_class, ticket.intent, ",".join(ticket.skills))))


class CallNeeds:
    """Reads what the database knows of a call: its record, its journey, its open case, and whose number it is."""

    def __init__(self, reading: UnitOfWork, look_up: Callable[[str], Caller]) -> None:
        """`look_up` tells whose number it is (CallerDirectory)."""
        self._reading = reading
        self._look_up = look_up

    def recall(self, call_id: str, number: str) -> Need:
        """Tell what is known. Raises SQLAlchemyError or DirectoryUnavailable."""
        with self._reading() as session:
            elder_id = session.scalar(select(CallRecord.elder_id).where(CallRecord.id == call_id))
            steps = select(JourneyEvent.detail).where(
                JourneyEvent.call_id == call_id, JourneyEvent.what == "ticket.joined"
            )
            joined = session.scalar(steps.order_by(JourneyEvent.at.desc()).limit(1))
            offers = select(func.count()).where(JourneyEvent.call_id == call_id, JourneyEvent.what == "ticket.offered")
            attempts = session.scalar(offers) or 0
            open_case = select(Case.id).where(Case.call_id == call_id, Case.state == "open").order_by(Case.id).limit(1)
            case_id = session.scalar(open_case)
        intent, caller_class, skills = _read(joined or "")
        if elder_id is None and number:
            caller = self._look_up(number)
            elder_id = caller.elder_id
            if caller.elders and caller_class is None:
                caller_class = caller.caller_class
        return Need(intent, caller_class, elder_id, skills, case_id=case_id, attempts=attempts)


def _read(words: str) -> tuple[Intent, CallerClass | None, tuple[str, ...]]:
    """Read `joined_words`; words that are not ours say nothing."""
    caller_class, _, rest = words.partition(" ")
    intent, _, skills = rest.partition(" ")
    if caller_class not in set(CallerClass) or intent not in set(Intent):
        return Intent.GENERAL, None, ()
    return Intent(intent), CallerClass(caller_class), tuple(filter(None, skills.split(",")))

"""What the router, the journey and Redis are told in a rehearsal, kept in memory; each part can be away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import OpenTicket
from routing.calls.records import Ticket
from routing.calls.tickets import Tickets
from routing.manners.fares import Fare
from routing.manners.learning import Learning
from routing.outreach.jobs import Jobs
from routing.voice.studio import Take, Trouble, Unfit, Wish


class Book:
    """Everything that would go to Redis, in the order in which it was told."""

    def __init__(self) -> None:
        self.living: dict[str, Ticket] = {}
        self.opened: list[OpenTicket] = []
        self.promised: list[tuple[str, ...]] = []
        self.steps: list[str] = []
        self.outcomes: list[str] = []
        self.wishes: dict[str, Wish] = {}
        self.trouble: Trouble | None = None
        """What is wrong with each recording that is read into a telephone."""
        self.before_each: Callable[[str], None] = lambda what: None
        """Called with what is about to be told to Redis; raises redis.ConnectionError where that is away."""

    def begin(self) -> None:
        """Forget the talk before; who waits stays."""
        for kept in (self.opened, self.promised, self.steps, self.outcomes):
            kept.clear()
        self.before_each = lambda what: None


def away(_what: str) -> None:
    """Be no Redis."""
    raise RedisConnectionError("the rehearsal's Redis is away")


class BookTickets(Tickets):
    """Tickets as the router would keep them."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def open(self, command: OpenTicket) -> None:
        self._book.before_each("tickets.open")
        self._book.opened.append(command)

    def get(self, ticket_id: str) -> Ticket | None:
        self._book.before_each("tickets.get")
        return self._book.living.get(ticket_id)

    def promise(self, ticket_id: str, promise: Ticket) -> None:
        self._book.before_each("tickets.promise")
        self._book.promised.append(("promise", ticket_id, promise.ticket_id))

    def defer(self, promise_id: str, until: float) -> None:
        self._book.before_each("tickets.defer")

    def cancel_promise(self, promise_id: str, by: str) -> None:
        self._book.before_each("tickets.cancel_promise")
        self._book.promised.append(("cancel", promise_id))


class BookJourney(Journey):
    """The journey of the call. The real one never keeps a caller waiting, and neither does this one."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def began(self, call: CallFacts, what: str = "call.began", detail: str = "") -> None:
        self._book.steps.append(what)

    def note(self, call_id: str, what: str, detail: str = "") -> None:
        self._book.steps.append(what)

    def ended(self, call_id: str, outcome: str, detail: str = "") -> None:
        self._book.outcomes.append(outcome)


class LearningAtOnce(Learning):
    """Learning without its thread: who calls again the next moment is spoken to as they were learnt to be."""

    def keep(self, elder_id: int, fare: Fare) -> None:
        self.write(elder_id, fare)


class NoJobs(Jobs):
    """Nothing is done in the background: a talk does not wait for it."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def put(self, job: Callable[..., object], job_id: str, *arguments: Any, ttl: int | None = None) -> bool:
        self._book.before_each("jobs.put")
        return True


class BookStudio:
    """The studio by telephone (`routing.voice.studio.PhoneStudio`); what is read is never looked at here."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def wish(self, request: str) -> Wish | None:
        self._book.before_each("studio.wish")
        return self._book.wishes.get(request)

    def take(self, request: str) -> Take:
        if self._book.trouble is not None:
            raise Unfit(self._book.trouble, "as the rehearsal wants it")
        return Take(f"studio-{request}", 3.0)

    def keep_take(self, request: str) -> None:
        self._book.before_each("studio.keep_take")

    def forget(self, request: str) -> None:
        """There is no file."""

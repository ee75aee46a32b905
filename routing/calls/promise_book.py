"""Promises as the database keeps them: what is open is read from there, and each change goes there, sooner or later."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol

import structlog

from routing.calls import keys
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.records import RecordError, Ticket, from_json, to_json

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 15.0


class PromiseState(StrEnum):
    """How a promise stands."""

    DUE = "due"
    DONE = "done"
    FAILED = "failed"
    """Not reached: an SMS says that we tried, and a person must close the case."""
    CANCELLED = "cancelled"


class PromiseBook(Protocol):
    """The database's side. All methods may block, and raise while the database is away."""

    def kept(self) -> Sequence[Ticket]:
        """Give the promises that are open."""

    def write(self, promise: Ticket, state: PromiseState, outcome: str) -> None:
        """Note how a promise stands; a closed one stays as it is. Saying it twice changes nothing."""

    def barred(self, promise: Ticket) -> str:
        """Say why this person must not be called, as never_call for the list of whom never to call; empty: they may."""


class NoBook:
    """Keeps nothing: promises live in Redis alone."""

    def kept(self) -> Sequence[Ticket]:
        return ()

    def write(self, promise: Ticket, state: PromiseState, outcome: str) -> None:
        log.debug("promises.not_kept", promise=promise.ticket_id, state=state, outcome=outcome)

    def barred(self, promise: Ticket) -> str:
        log.debug("promises.nobody_asked", promise=promise.ticket_id)
        return ""


@dataclass(frozen=True)
class OwedPromise:
    """A change that is not written yet; `ticket` is the JSON of the promise."""

    ticket: str
    state: str
    outcome: str


class PromiseWriting:
    """Keeps each promise's latest change in Redis until the database has it."""

    def __init__(self, floor: Floor, errands: Errands, book: PromiseBook) -> None:
        self._floor = floor
        self._errands = errands
        self._book = book
        self._owed: dict[str, OwedPromise] = {}
        self._retry_at: dict[str, float] = {}
        self._under_way: set[str] = set()

    def restore(self, stored: Iterable[tuple[str, bytes | str]]) -> None:
        """Take up what an earlier router left in Redis."""
        for promise_id, text in stored:
            try:
                self._owed[promise_id] = OwedPromise(**json.loads(text))
            except (TypeError, ValueError) as error:
                log.warning("promises.unreadable", error=type(error).__name__)
            else:
                self._retry_at[promise_id] = 0.0

    def owe(self, promise: Ticket, state: PromiseState, outcome: str = "") -> None:
        """Have a change written; of one promise only the latest counts."""
        owed = OwedPromise(to_json(promise), state.value, outcome)
        self._owed[promise.ticket_id] = owed
        self._retry_at[promise.ticket_id] = 0.0
        self._floor.ledger.keep(keys.OWED_PROMISES, promise.ticket_id, json.dumps(asdict(owed)))
        self._floor.changed = True

    def is_owed(self, promise_id: str) -> bool:
        """Whether the database does not know yet how this promise stands."""
        return promise_id in self._owed

    def is_closed(self, promise_id: str) -> bool:
        """Whether this promise is over, and the database does not know it yet."""
        owed = self._owed.get(promise_id)
        return owed is not None and owed.state != PromiseState.DUE

    def step(self, now: float) -> None:
        """Write what is owed and not under way."""
        for promise_id in [each for each, at in self._retry_at.items() if at <= now and each not in self._under_way]:
            self._retry_at[promise_id] = now + _RETRY_SECONDS
            self._under_way.add(promise_id)
            self._errands.send(self._write(promise_id))

    def next_change(self) -> float | None:
        """Tell when `step` has something to do."""
        return min((at for each, at in self._retry_at.items() if each not in self._under_way), default=None)

    async def _write(self, promise_id: str) -> None:
        owed = self._owed[promise_id]
        try:
            promise = from_json(Ticket, owed.ticket)
            await asyncio.to_thread(self._book.write, promise, PromiseState(owed.state), owed.outcome)
        except (RecordError, ValueError) as error:
            log.error("promises.unreadable", error=str(error))  # noqa: TRY400  # The trace may hold a number.
        except Exception as error:  # noqa: BLE001  # Whatever the database's trouble is, the change waits here.
            log.warning("promises.not_written", promise=promise_id, error=type(error).__name__)
            return
        finally:
            self._under_way.discard(promise_id)
            self._floor.changed = True  # It may have changed again meanwhile.
        if self._owed.get(promise_id) is owed:
            del self._owed[promise_id], self._retry_at[promise_id]
            self._floor.ledger.keep(keys.OWED_PROMISES, promise_id, None)

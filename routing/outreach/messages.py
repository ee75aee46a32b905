"""Messages that callers left: each becomes a call-back, once, that a person must close with an outcome."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Callback, CallRecord
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.hours.policy import Standing
from routing.outreach.owing import owe

log = structlog.get_logger(__name__)

KIND = "message"
_LONGEST_NOTE = 2_000  # Characters.
_CALL_ID = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class LeftMessage:
    """A message as the work list shows it. The number is E.164, or empty if it is withheld or not known yet."""

    id: int
    call_id: str
    left_at: datetime
    due_at: datetime
    elder_id: int | None
    number: str = field(repr=False)
    closed_at: datetime | None
    closed_by: str | None
    closing_note: str | None = field(repr=False)


class Messages:
    """Owes, lists and closes them. Nothing but a person closes one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime],
        standing: Callable[[], Standing], recordings: Path,
    ) -> None:  # fmt: skip
        """`recordings` is the folder in which Asterisk keeps what it recorded."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._standing = standing
        self._recordings = recordings

    def take(self, call_id: str, at: datetime) -> int:
        """Owe a call-back for the message left in a call, once, and give its id; due now, or when the hotline opens."""
        due_at = self._standing().opens_at or at
        with self._unit_of_work() as session:
            call = session.get(CallRecord, call_id)
            row = owe(
                session, at, cause=f"{KIND}-{call_id}", kind=KIND, flow="", reference=call_id[:80],
                number=(call.number if call else None) or "", elder_id=call.elder_id if call else None, due_at=due_at,
                call_id=call_id,
            )  # fmt: skip
            session.flush()
            log.info("messages.taken", call_id=call_id, callback=row.id)
            return row.id

    def close(self, callback_id: int, note: str, actor: str) -> LeftMessage:
        """Close a message with what became of it. Raises NotFound, Invalid without a word, Conflict if it is closed."""
        note = note.strip()[:_LONGEST_NOTE]
        if not note:
            raise Invalid("a message is closed with an outcome: say what became of it")
        now = self._clock()
        with self._unit_of_work() as session:
            row = _taken(session, callback_id)
            if row.closed_at is not None:
                raise Conflict(f"message {callback_id} was closed by {row.closed_by}")
            row.state, row.last_outcome, row.closed_at, row.closed_by = "done", "closed", now, actor[:60]
            row.closing_note, row.updated_at = note, now
            return _shown(row)

    def get(self, callback_id: int) -> LeftMessage:
        """Give one message. Raises NotFound."""
        with self._reading() as session:
            return _shown(_taken(session, callback_id))

    def complete(self, call_ids: Iterable[str]) -> None:
        """Take over who called, for messages that were taken before anybody knew: of calls that Asterisk served alone.

        Raises SQLAlchemyError; asking again is right.
        """
        query = select(Callback.id).where(Callback.kind == KIND, Callback.call_id.in_(list(call_ids)))
        with self._reading() as session:
            found = session.scalars(query).all()
        for callback_id in found:
            with self._unit_of_work() as session:
                row = _taken(session, callback_id)
                call = session.get(CallRecord, row.call_id)
                if call is not None and not row.number:
                    row.number, row.elder_id = call.number or "", row.elder_id or call.elder_id

    def open(self, limit: int = 100) -> tuple[LeftMessage, ...]:
        """Give those that nobody has closed, the oldest first."""
        with self._reading() as session:
            query = select(Callback).where(Callback.kind == KIND, Callback.closed_at.is_(None))
            return tuple(map(_shown, session.scalars(query.order_by(Callback.id).limit(limit))))

    def open_count(self) -> int:
        """Count those that nobody has closed."""
        with self._reading() as session:
            query = select(func.count()).where(Callback.kind == KIND, Callback.closed_at.is_(None))
            return session.scalar(query) or 0

    def recording(self, call_id: str) -> Path | None:
        """Give the file of what was said; None if it is not on this machine, or was removed."""
        if not _CALL_ID.fullmatch(call_id):
            return None
        path = self._recordings / f"{KIND}-{call_id}.wav"
        return path if path.is_file() else None


def _taken(session: Session, callback_id: int) -> Callback:
    row = session.get(Callback, callback_id, with_for_update=True)
    if row is None or row.kind != KIND:
        raise NotFound(f"there is no message {callback_id}")
    return row


def _shown(row: Callback) -> LeftMessage:
    return LeftMessage(
        row.id, row.call_id or "", row.created_at, row.due_at, row.elder_id, row.number, row.closed_at, row.closed_by,
        row.closing_note,
    )  # fmt: skip

"""The list of whom never to call: numbers and elders, with a reason and, if it passes, an end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditEntry, Elder, NeverCall
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.reach import NumberIndex

REASONS = ("asked", "hospital", "fax", "wrong_number", "other")
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Barred:
    """One entry. Exactly one of `elder_id` and `number` is set."""

    id: int
    elder_id: int | None
    number: str | None = field(repr=False)
    reason: str
    note: str = field(repr=False)
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class NeverCallList:
    """Adds, ends and shows entries; each change is in the audit. `by` is as user:2."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        number_index: NumberIndex,
        normalise: Callable[[str], str | None],
    ) -> None:
        """`normalise` gives E.164, or None for what is no number."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._number_index = number_index
        self._normalise = normalise

    def add(
        self,
        *,
        reason: str,
        by: str,
        number: str | None = None,
        elder_id: int | None = None,
        note: str = "",
        expires_at: datetime | None = None,
    ) -> Barred:
        """Put a number or an elder on the list; one that stands there already gets the new reason and end.

        Raises Invalid for what is no number, an unknown reason or an end that is past; NotFound for an elder.
        """
        now = self._clock()
        if (number is None) == (elder_id is None):
            raise Invalid("say a number or an elder, one of them")
        if reason not in REASONS:
            raise Invalid(f"the reason is one of {', '.join(REASONS)}")
        if len(note) > LONGEST_NOTE:
            raise Invalid(f"a note has {LONGEST_NOTE} characters at most")
        if expires_at is not None and expires_at <= now:
            raise Invalid("the entry must end after now: leave the end empty for one that lasts")
        normal = self._normalise(number) if number is not None else None
        if number is not None and normal is None:
            raise Invalid("this is no telephone number: write it as it is dialled, with its area code")
        index = self._number_index(normal) if normal else None
        with self._unit_of_work() as session:
            if elder_id is not None and session.get(Elder, elder_id) is None:
                raise NotFound(f"there is no elder {elder_id}")
            whose = NeverCall.number_index == index if index is not None else NeverCall.elder_id == elder_id
            row = session.scalar(select(NeverCall).where(whose, NeverCall.ended_at.is_(None)).with_for_update())
            if row is None:
                row = NeverCall(
                    elder_id=elder_id, number=normal, number_index=index, created_at=now, created_by=by[:60]
                )
                session.add(row)
            row.reason, row.note, row.expires_at = reason, note or None, expires_at
            session.flush()
            _audit(session, now, by, "never_call.added", row)
            return _barred(row)

    def end(self, entry_id: int, *, by: str) -> Barred:
        """Take an entry off the list; it stays in the history. Raises NotFound, and Conflict if it has ended."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.get(NeverCall, entry_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no entry {entry_id} on the list")
            if row.ended_at is not None:
                raise Conflict(f"entry {entry_id} was ended by {row.ended_by}")
            row.ended_at, row.ended_by = now, by[:60]
            _audit(session, now, by, "never_call.ended", row)
            return _barred(row)

    def standing(self, limit: int = 200) -> tuple[Barred, ...]:
        """Give what counts now, the newest first."""
        now = self._clock()
        lasting = NeverCall.expires_at.is_(None) | (NeverCall.expires_at > now)
        with self._reading() as session:
            query = select(NeverCall).where(NeverCall.ended_at.is_(None), lasting)
            return tuple(map(_barred, session.scalars(query.order_by(NeverCall.id.desc()).limit(limit))))


def _audit(session: Session, now: datetime, by: str, action: str, row: NeverCall) -> None:
    session.add(AuditEntry(at=now, actor=by[:60], action=action, subject=f"never_call:{row.id}", detail=row.reason))


def _barred(row: NeverCall) -> Barred:
    return Barred(
        row.id, row.elder_id, row.number, row.reason, row.note or "", row.created_at, row.created_by, row.expires_at,
        row.ended_at, row.ended_by,
    )  # fmt: skip

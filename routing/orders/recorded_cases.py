"""Complaints and registrations as the work list shows them: who left them, by when, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import CallRecord, Case
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.orders.voice_notes import KINDS

_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class RecordedCase:
    """A case that a person must hear, or ask about. The number is E.164, or None if nobody knows it."""

    id: int
    kind: str
    state: str
    call_id: str | None
    opened_at: datetime
    due_at: datetime | None
    elder_id: int | None
    order_id: int | None
    number: str | None = field(repr=False)
    recording: str | None


class RecordedCases:
    """Lists them and finds their files; `Cases` opens and closes them."""

    def __init__(self, reading: UnitOfWork, recordings: Path) -> None:
        """`recordings` is the folder in which Asterisk keeps what it recorded."""
        self._reading = reading
        self._recordings = recordings

    def open(self, kinds: Iterable[str] = KINDS, limit: int = 100) -> tuple[RecordedCase, ...]:
        """Give those that nobody has closed, the oldest first."""
        wanted = [kind for kind in kinds if kind in KINDS]
        query = select(Case).where(Case.kind.in_(wanted), Case.state == "open").order_by(Case.opened_at, Case.id)
        with self._reading() as session:
            return tuple(_shown(session, case) for case in session.scalars(query.limit(limit)))

    def open_counts(self) -> dict[str, int]:
        """Count those that nobody has closed, by kind."""
        query = select(Case.kind, func.count()).where(Case.kind.in_(KINDS), Case.state == "open").group_by(Case.kind)
        with self._reading() as session:
            found = {kind: count for kind, count in session.execute(query)}  # noqa: C416  # dict() of rows is untyped.
        return {kind: found.get(kind, 0) for kind in KINDS}

    def get(self, case_id: int) -> RecordedCase:
        """Give one. Raises NotFound, also for a case of another kind."""
        with self._reading() as session:
            case = session.get(Case, case_id)
            if case is None or case.kind not in KINDS:
                raise NotFound(f"there is no complaint or registration {case_id}")
            return _shown(session, case)

    def file(self, case: RecordedCase) -> Path | None:
        """Give the file of what was said; None if there is none, it is not on this machine, or was removed."""
        if case.recording is None or not _NAME.fullmatch(case.recording):
            return None
        path = self._recordings / f"{case.recording}.wav"
        return path if path.is_file() else None


def _shown(session: Session, case: Case) -> RecordedCase:
    number = case.number
    if number is None and case.call_id is not None:
        call = session.get(CallRecord, case.call_id)
        number = call.number if call else None
    return RecordedCase(
        case.id, case.kind, case.state, case.call_id, case.opened_at, case.due_at, case.elder_id, case.order_id,
        number, case.recording,
    )  # fmt: skip

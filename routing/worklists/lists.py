"""What waits for a person, list by list: cases, messages, promised call-backs, and whom no call reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.models import Callback, CallRecord, Case, CaseEvent, WellBeingCheck
from db.session import UnitOfWork
from routing.outreach.messages import KIND as MESSAGE
from routing.outreach.promises import KIND as PROMISE
from routing.worklists.claims import TaskClaims
from routing.worklists.policy import CASE_LISTS, LISTS, Claim

MOST = 200
"""Tasks of a kind that a list shows; the page says when there are more."""
_FREE: Final = Claim()
_MESSAGES = (Callback.kind == MESSAGE) & Callback.closed_at.is_(None)
_PROMISES = (Callback.kind == PROMISE) & (Callback.state == "due")
_NOT_REACHED = Callback.state == "listed"


@dataclass(frozen=True)
class Task:
    """One thing to do."""

    subject: str
    """case:12 or callback:7."""
    kind: str
    """Of the case; or message, promise, not_reached."""
    since: datetime
    due_at: datetime | None
    elder_id: int | None
    order_id: int | None
    call_id: str | None
    number: str = field(repr=False)
    """E.164, or empty."""
    note: str = field(repr=False, default="")
    """With what the case was opened."""
    stands: str = ""
    """Of a daily call: how it stands, as call_me or alarm."""
    claim: Claim = _FREE

    @property
    def id(self) -> int:
        """Of the case, or of the call that is owed."""
        return int(self.subject.partition(":")[2])

    def is_late(self, now: datetime) -> bool:
        """Whether its time is over. A promise is the router's to keep: its time is when it may be dialled."""
        return self.kind != "promise" and self.due_at is not None and self.due_at <= now


class TaskLists:
    """Reads them; `TaskClaims` says who has which."""

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], claims: TaskClaims) -> None:
        self._reading = reading
        self._clock = clock
        self.claims = claims

    def counts(self) -> dict[str, int]:
        """Count each list."""
        with self._reading() as session:
            query = select(Case.kind, func.count()).where(Case.kind.in_(CASE_LISTS), Case.state == "open")
            found = dict.fromkeys(LISTS, 0)
            for kind, count in session.execute(query.group_by(Case.kind)):
                found[CASE_LISTS[kind]] += count
            for name, which in (("callbacks", _MESSAGES), ("callbacks", _PROMISES), ("not_reached", _NOT_REACHED)):
                found[name] += session.scalar(select(func.count()).select_from(Callback).where(which)) or 0
        return found

    def open(self, name: str) -> tuple[Task, ...]:
        """Give a list: what is late first, then by its time; what is put off comes last."""
        with self._reading() as session:
            found = _cases(session, [kind for kind, listed in CASE_LISTS.items() if listed == name])
            if name == "callbacks":
                found += _callbacks(session, MESSAGE, _MESSAGES) + _callbacks(session, PROMISE, _PROMISES)
            if name == "not_reached":
                found += _callbacks(session, "not_reached", _NOT_REACHED)
        claims = self.claims.of([each.subject for each in found])
        now = self._clock()
        tasks = [_with(each, claims.get(each.subject, _FREE)) for each in found]
        return tuple(sorted(tasks, key=lambda each: (each.claim.is_deferred(now), each.due_at or each.since)))


def _with(task: Task, claim: Claim) -> Task:
    return replace(task, claim=claim)


def _cases(session: Session, kinds: Iterable[str]) -> list[Task]:
    rows = session.scalars(
        select(Case).where(Case.kind.in_(list(kinds)), Case.state == "open").order_by(Case.opened_at).limit(MOST)
    ).all()
    ids, calls = [row.id for row in rows], {row.call_id for row in rows if row.number is None and row.call_id}
    opened = select(CaseEvent).where(CaseEvent.case_id.in_(ids), CaseEvent.key == "opened")
    notes = {step.case_id: step.detail for step in session.scalars(opened)}
    records = session.scalars(select(CallRecord).where(CallRecord.id.in_(calls)))
    numbers = {each.id: each.number for each in records}
    checks = session.execute(
        select(WellBeingCheck.case_id, WellBeingCheck.state).where(WellBeingCheck.case_id.in_(ids))
    )
    daily = {row.case_id: row.state for row in checks}
    return [
        Task(
            f"case:{row.id}", row.kind, row.opened_at, row.due_at, row.elder_id, row.order_id, row.call_id,
            row.number or numbers.get(row.call_id or "") or "", notes.get(row.id, ""), daily.get(row.id, ""),
        )
        for row in rows
    ]  # fmt: skip


def _callbacks(session: Session, kind: str, which: ColumnElement[bool]) -> list[Task]:
    rows = session.scalars(select(Callback).where(which).order_by(Callback.due_at, Callback.id).limit(MOST))
    return [
        Task(
            f"callback:{row.id}", kind, row.created_at, None if kind == "not_reached" else row.due_at, row.elder_id,
            row.order_id, row.call_id, row.number,
        )
        for row in rows
    ]  # fmt: skip

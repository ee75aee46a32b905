"""Taking a task, so that two people do not do the same; putting it off; and letting go of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from db.models import Callback, Case, CaseEvent, TaskClaim
from db.session import UnitOfWork
from routing.errors import Conflict, NotFound
from routing.worklists.policy import CASE_LISTS, Claim, TakenAlready, check_deferral
from routing.writing import insert_once


class TaskClaims:
    """Writes who has which task. A subject is case:12 or callback:7; a claim ends by itself after `lasts`."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        lasts: timedelta,
        zone: tzinfo,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._lasts = lasts
        self._zone = zone

    def take(self, subject: str, actor: str) -> datetime:
        """Take a task, or have it for longer; give until when. Raises NotFound, Conflict (closed), TakenAlready."""
        now = self._clock()
        until = now + self._lasts
        with self._unit_of_work() as session:
            _open(session, subject)
            self._row(session, subject, now)
            free = or_(
                TaskClaim.claimed_by.is_(None), TaskClaim.claimed_until <= now, TaskClaim.claimed_by == actor[:60]
            )
            # The one statement decides: of two who ask at the same moment the database lets one change the row.
            taken = session.execute(
                update(TaskClaim)
                .where(TaskClaim.subject == subject, free)
                .values(claimed_by=actor[:60], claimed_until=until, deferred_until=None, updated_at=now)
                .execution_options(synchronize_session=False)
            )
            if not isinstance(taken, CursorResult) or taken.rowcount != 1:
                raise TakenAlready("somebody else has taken this task; it is free again when their time is over")
        return until

    def release(self, subject: str, actor: str, *, anybodys: bool = False) -> None:
        """Let go of a task: one's own, or `anybodys` as supervisors may. What nobody has stays free."""
        mine = [] if anybodys else [TaskClaim.claimed_by == actor[:60]]
        with self._unit_of_work() as session:
            session.execute(
                update(TaskClaim)
                .where(TaskClaim.subject == subject, *mine)
                .values(claimed_by=None, claimed_until=None, updated_at=self._clock())
            )

    def defer(self, subject: str, actor: str, until: datetime) -> None:
        """Put a task off; it is free then, for anybody. Raises what `take` raises, and Invalid for a time that is none.

        The timeline of a case says so.
        """
        now = self._clock()
        with self._reading() as session:
            check_deferral(_open(session, subject), until, now)
        self.take(subject, actor)
        with self._unit_of_work() as session:
            session.execute(
                update(TaskClaim)
                .where(TaskClaim.subject == subject)
                .values(claimed_by=None, claimed_until=None, deferred_until=until, updated_at=now)
            )
            kind, _, number = subject.partition(":")
            if kind == "case":
                words = f"{until.astimezone(self._zone):%Y-%m-%d %H:%M}"
                session.add(CaseEvent(case_id=int(number), at=now, actor=actor, what="deferred", detail=words))

    def forget(self, subject: str) -> None:
        """It is done: nobody has it any more."""
        with self._unit_of_work() as session:
            session.execute(delete(TaskClaim).where(TaskClaim.subject == subject))

    def of(self, subjects: Collection[str]) -> Mapping[str, Claim]:
        """Give who has which of these; those that nobody ever took are not among them."""
        with self._reading() as session:
            rows = session.scalars(select(TaskClaim).where(TaskClaim.subject.in_(list(subjects))))
            return {row.subject: Claim(row.claimed_by, row.claimed_until, row.deferred_until) for row in rows}

    @staticmethod
    def _row(session: Session, subject: str, now: datetime) -> None:
        insert_once(session, TaskClaim(subject=subject, updated_at=now), TaskClaim.subject == subject)


def _open(session: Session, subject: str) -> str:
    """Give the kind of an open task. Raises NotFound for what is none, Conflict for one that is closed."""
    what, _, number = subject.partition(":")
    its_id = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if what == "case":
        case = session.get(Case, its_id)
        if case is not None and case.kind in CASE_LISTS:
            if case.state != "open":
                raise Conflict(f"case {its_id} is closed already")
            return case.kind
    if what == "callback":
        row = session.get(Callback, its_id)
        if row is not None and (row.kind == "message" or row.state in ("listed", "closed")):
            if row.closed_at is not None:
                raise Conflict(f"call-back {its_id} is closed already")
            return "message" if row.kind == "message" else "not_reached"
    raise NotFound(f"there is no task {subject[:40]}")

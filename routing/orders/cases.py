"""Cases: what a person must close, with an outcome."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, CaseEvent
from db.session import UnitOfWork
from routing.calls.case_steps import copy_steps
from routing.calls.messages import CaseOpened, Message
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.sos import check_result
from routing.orders.views import CaseView, case_view
from routing.writing import insert_new, insert_once

KINDS = frozenset(
    {
        "sos", "complaint", "registration", "message",
        "dispatch",  # No company took it.
        "overdue",  # An order stands too long.
        "sms",  # A reply that a person must read.
        "callback",
        "visit",  # One that is late, or that somebody must look into at once.
        "certificate",  # It ends, or has ended.
        "plan",  # It has ended, or missed dates.
        "wellbeing",  # An elder who lives alone did not answer, or asks to be called.
        "provider",  # The rule suggests to suspend a company.
    }
)  # fmt: skip


def open_case(
    session: Session,
    now: datetime,
    *,
    key: str,
    kind: str,
    elder_id: int | None = None,
    order_id: int | None = None,
    sms_id: int | None = None,
    call_id: str | None = None,
    due_at: datetime | None = None,
    actor: str = "system",
    note: str = "",
    number: str | None = None,
    recording: str | None = None,
    steps: Sequence[tuple[str, str]] = (),
    first: bool = False,
) -> tuple[Case, CaseOpened | None]:
    """Open the case within a unit of work, once per key: the event is None when it was open (or closed) before.

    `first`: nobody can have opened it before, for the caller holds the row that `key` is named after, and what that
    row's state is says that it was not opened; it is not looked for then.
    """
    if kind not in KINDS:
        raise Invalid(f"a case is one of {', '.join(sorted(KINDS))}")
    case = Case(
        key=key, kind=kind, state="open", elder_id=elder_id, order_id=order_id, sms_id=sms_id, call_id=call_id,
        opened_at=now, due_at=due_at, outcome="", number=number, recording=recording,
    )  # fmt: skip
    kept, new = insert_new(session, case) if first else insert_once(session, case, Case.key == key)
    if not new:
        return kept, None
    for what, detail in (("opened", note), *steps):
        session.add(CaseEvent(case_id=kept.id, at=now, actor=actor, what=what, detail=detail, key=what))
    if call_id:
        session.flush()
        copy_steps(session.connection(), (call_id,))
    return kept, CaseOpened(kept.id, kind, now.timestamp(), elder_id, call_id)


class Cases:
    """Opens, notes and closes cases."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish

    def open(
        self,
        key: str,
        kind: str,
        *,
        elder_id: int | None = None,
        order_id: int | None = None,
        call_id: str | None = None,
        due_at: datetime | None = None,
        opened_at: datetime | None = None,
        actor: str = "system",
        note: str = "",
        number: str | None = None,
        recording: str | None = None,
        steps: Sequence[tuple[str, str]] = (),
    ) -> CaseView:
        """Open a case, or give the one that `key` opened before. `opened_at` is for one that was kept meanwhile;
        `steps` are words and details for its timeline, beside that it was opened.

        `number` (E.164) and `recording` (a file's name) are of whoever left what was recorded.

        Raises Invalid for a kind that is none.
        """
        with self._unit_of_work() as session:
            case, opened = open_case(
                session, opened_at or self._clock(), key=key, kind=kind, elder_id=elder_id, order_id=order_id,
                call_id=call_id, due_at=due_at, actor=actor, note=note, number=number, recording=recording,
                steps=steps,
            )  # fmt: skip
            view = case_view(case)
        if opened:
            self._publish(opened)
        return view

    def note(self, case_id: int, actor: str, text: str) -> None:
        """Add a line to the timeline. Raises NotFound."""
        with self._unit_of_work() as session:
            case = _taken(session, case_id)
            session.add(CaseEvent(case_id=case.id, at=self._clock(), actor=actor, what="noted", detail=text))

    def catch_up(self, call_ids: Collection[str]) -> None:
        """Take over into timelines what these calls' journeys tell and the timelines do not, each step once."""
        if call_ids:
            with self._unit_of_work() as session:
                copy_steps(session.connection(), call_ids)

    def close(self, case_id: int, outcome: str, by: int | None, actor: str = "", *, result: str = "") -> CaseView:
        """Close a case; `by` is the user, and `actor` who it is in the timeline if that is no user (as token:5).

        An SOS wants a `result` of sos.RESULTS beside the words. Raises NotFound, Invalid without an outcome, Conflict
        when it is closed already.
        """
        outcome = outcome.strip()
        if not outcome:
            raise Invalid("a case is closed with an outcome: say what became of it")
        now = self._clock()
        with self._unit_of_work() as session:
            case = _taken(session, case_id)
            if case.state == "closed":
                closer = "somebody else" if case.closed_by is None else f"user:{case.closed_by}"
                raise Conflict(f"case {case_id} was closed by {closer}")
            case.result = check_result(case.kind, result)
            case.state, case.closed_at, case.closed_by, case.outcome = "closed", now, by, outcome
            detail = f"{case.result}: {outcome}" if case.result else outcome
            session.add(CaseEvent(case_id=case.id, at=now, actor=actor or f"user:{by}", what="closed", detail=detail))
            return case_view(case)

    def open_cases(self, limit: int = 200) -> tuple[CaseView, ...]:
        """Give the open cases: SOS first, then elders who did not answer their daily call, then the oldest."""
        with self._reading() as session:
            query = (
                select(Case)
                .where(Case.state == "open")
                .order_by(Case.kind != "sos", Case.kind != "wellbeing", Case.opened_at)
                .limit(limit)
            )
            return tuple(case_view(case) for case in session.scalars(query))


def _taken(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id, with_for_update=True)
    if case is None:
        raise NotFound(f"there is no case {case_id}")
    return case

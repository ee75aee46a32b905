"""What a person does about visits: exceptions are resolved with a reason, times are put right, the original stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AuditEntry, Visit, VisitCorrection, VisitException
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.commands import Act, CheckOut
from routing.orders.evv.policy import REASONS, ExceptionKind
from routing.orders.evv.writing import count_minutes, owe_callback
from routing.orders.lifecycle import load, perform
from routing.orders.policy import OrderState
from routing.outreach.policy import CallRules

log = structlog.get_logger(__name__)

LONGEST_VISIT = timedelta(hours=24)
LONGEST_NOTE = 500
"""Characters."""
_MENDS = {ExceptionKind.MISSING_IN.value: "checked_in_at", ExceptionKind.MISSING_OUT.value: "checked_out_at"}
"""What is wanted before such an exception can be resolved."""


@dataclass(frozen=True)
class Correction:
    """What a person says about a visit: the times that are right (None: as it is), a code of REASONS, and words."""

    reason: str
    note: str = field(repr=False, default="")
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None


class VisitBook:
    """Resolves and corrects; every change is in the audit. `actor` is as user:2 or token:5."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        call_rules: CallRules,
        callback_delay: timedelta,
        counted_minutes: int,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._publish = publish
        self._rules = call_rules
        self._delay = callback_delay
        self._step = counted_minutes

    def resolve(self, exception_id: int, reason: str, note: str, actor: str) -> int:
        """Resolve an exception, and give the visit. Raises NotFound; Invalid without a reason code, without words for
        `other`, or while the time that is missing is; Conflict if somebody resolved it before."""
        check_reason(reason, note)
        with self._unit_of_work() as session:
            row = session.get(VisitException, exception_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no exception {exception_id}")
            if row.state != "open":
                raise Conflict(f"exception {exception_id} was resolved by {row.resolved_by}")
            wanted = _MENDS.get(row.kind)
            if wanted and getattr(row.visit, wanted) is None:
                raise Invalid("say first when the visit began or ended: correct its times")
            self._resolved(row, reason, note, actor)
            self._audit(session, actor, "visit.resolved", row.visit_id, f"{row.kind}: {reason}")
            return row.visit_id

    def correct(self, visit_id: int, correction: Correction, actor: str) -> None:
        """Put times of a visit right. What they were stays in `visit_corrections`; a missing begin or end is no
        exception any more; a visit that gets its end here is done, and its elder is asked how it was.

        Raises NotFound; Invalid for a reason that is none, times that cannot be, or when nothing would change.
        """
        check_reason(correction.reason, correction.note)
        now = self._clock()
        with self._unit_of_work() as session:
            visit = session.get(Visit, visit_id)
            if visit is None:
                raise NotFound(f"there is no visit {visit_id}")
            order = load(session, visit.order_id)
            session.refresh(visit)
            changed = self._change(session, visit, correction, actor, now)
            count_minutes(visit, self._step)
            messages: list[Message] = []
            if "checked_out_at" in changed and order.state == OrderState.VISITING.value:
                act = Act(actor, "desk", now, f"the end was put in: {correction.reason}")
                messages += perform(session, order, CheckOut(visit.worker_id), act)
                owe_callback(session, order, now, self._rules, self._delay)
            for row in self._open(session, visit_id):
                if _MENDS.get(row.kind) in changed:
                    self._resolved(row, correction.reason, correction.note, actor)
            self._audit(session, actor, "visit.corrected", visit_id, f"{', '.join(changed)}: {correction.reason}")
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("visit_book.not_published", exc_info=True)

    def _change(
        self, session: Session, visit: Visit, correction: Correction, actor: str, now: datetime
    ) -> tuple[str, ...]:  # fmt: skip
        begin = correction.checked_in_at or visit.checked_in_at
        end = correction.checked_out_at or visit.checked_out_at
        _check_times(begin, end, visit.order.created_at, now)
        changed = []
        for what in ("checked_in_at", "checked_out_at"):
            after, before = getattr(correction, what), getattr(visit, what)
            if after is None or after == before:
                continue
            session.add(
                VisitCorrection(
                    visit_id=visit.id, at=now, actor=actor, what=what, before=before, after=after,
                    reason=correction.reason, note=correction.note,
                )
            )  # fmt: skip
            setattr(visit, what, after)
            changed.append(what)
        if not changed:
            raise Invalid("these are the times that the visit has: say which is to be changed")
        return tuple(changed)

    def _open(self, session: Session, visit_id: int) -> Sequence[VisitException]:
        query = select(VisitException).where(VisitException.visit_id == visit_id, VisitException.state == "open")
        return session.scalars(query.with_for_update()).all()

    def _resolved(self, row: VisitException, reason: str, note: str, actor: str) -> None:
        row.state, row.reason, row.note = "resolved", reason, note
        row.resolved_at, row.resolved_by = self._clock(), actor

    def _audit(self, session: Session, actor: str, action: str, visit_id: int, detail: str) -> None:
        session.add(
            AuditEntry(at=self._clock(), actor=actor, action=action, subject=f"visit:{visit_id}", detail=detail)
        )


def check_reason(reason: str, note: str) -> None:
    """Raise Invalid for a code that is none, for `other` without words, and for too many words."""
    if reason not in REASONS:
        raise Invalid(f"the reason is one of {', '.join(REASONS)}")
    if reason == "other" and not note.strip():
        raise Invalid("the reason `other` wants a word about what happened")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"a note has {LONGEST_NOTE} characters at most")


def _check_times(begin: datetime | None, end: datetime | None, ordered_at: datetime, now: datetime) -> None:
    known = [at for at in (begin, end) if at is not None]
    if any(at > now for at in known):
        raise Invalid("a visit does not begin or end in the future")
    if any(at < ordered_at for at in known):
        raise Invalid("a visit does not begin or end before it was ordered")
    if begin is not None and end is not None and not timedelta(0) <= end - begin <= LONGEST_VISIT:
        raise Invalid("a visit ends after it has begun, and within 24 hours")

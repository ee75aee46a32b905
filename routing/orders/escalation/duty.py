"""The duty phones are told of an order that presses: one after the other, until somebody takes it upon them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from db.models import Callback, Case, CaseEvent, Order, OrderEscalation
from routing.hours.rota import DutyPhone
from routing.orders.escalation.policy import Level
from routing.outreach.owing import cancel, owe

KIND = "overdue"
"""Of the calls that are owed; the flow that they run has the same name."""
PHONES_MOST = 5
"""So many duty phones are rung for one order; whoever is on duty and free is among them."""
FRESH = timedelta(hours=2)
"""For so long after the level was reached duty phones are rung; then the supervisor's case is all there is."""


class DutyCalls:
    """Owes the calls. `on_duty` gives who is on duty now, in order; their numbers are E.164."""

    def __init__(self, on_duty: Callable[[], Sequence[DutyPhone]]) -> None:
        self._on_duty = on_duty

    def ring_first(self, session: Session, level: OrderEscalation, now: datetime) -> None:
        """Owe the call to the first phone."""
        self._ring(session, level, 0, now)

    def to_ring(self, session: Session, now: datetime, limit: int) -> list[tuple[OrderEscalation, int]]:
        """Give the orders that nobody took when the last phone was rung, each with the position of the next phone."""
        query = (
            select(OrderEscalation)
            .join(Order, and_(Order.id == OrderEscalation.order_id, Order.version == OrderEscalation.version))
            .where(OrderEscalation.level == int(Level.DUTY_PHONE), OrderEscalation.taken_at.is_(None))
            .where(OrderEscalation.at > now - FRESH)
            .order_by(OrderEscalation.id)
            .limit(limit)
        )
        waiting = []
        for level in session.scalars(query).all():
            calls = session.scalars(select(Callback).where(Callback.cause.in_(_causes(level)))).all()
            over = all(call.state in ("failed", "done", "cancelled") for call in calls)
            if over and len(calls) < PHONES_MOST and not _is_told_of_nobody(session, level):
                waiting.append((level, len(calls)))
        return waiting

    def ring_on(self, session: Session, now: datetime, limit: int = 100) -> int:
        """Owe the next phone a call about each of them; give how many."""
        return sum(self._ring(session, level, position, now) for level, position in self.to_ring(session, now, limit))

    def being_made(self, session: Session, level: OrderEscalation) -> tuple[str, int] | None:
        """Give the cause of the call that is being made about it, and the position of its phone, from 1."""
        query = select(Callback.cause).where(
            Callback.cause.in_(_causes(level)), Callback.state.in_(("dialling", "answered"))
        )
        cause = session.scalars(query.order_by(Callback.id.desc()).limit(1)).first()
        return None if cause is None else (cause, _causes(level).index(cause) + 1)

    def let_go(self, session: Session, level: OrderEscalation, now: datetime) -> None:
        """Call nobody else."""
        for cause in _causes(level):
            cancel(session, cause, now)

    def _ring(self, session: Session, level: OrderEscalation, position: int, now: datetime) -> bool:
        phones = list({phone.number: phone for phone in self._on_duty()}.values())[:PHONES_MOST]
        if position >= len(phones):
            _tell_of_nobody(session, level, now)
            return False
        owe(
            session, now, cause=cause_of(level.id, position), kind=KIND, flow=KIND, reference=str(level.id),
            number=phones[position].number, order_id=level.order_id,
        )  # fmt: skip
        return True


def _is_told_of_nobody(session: Session, level: OrderEscalation) -> bool:
    query = select(CaseEvent.id).join(Case, Case.id == CaseEvent.case_id)
    return session.scalar(query.where(Case.order_id == level.order_id, CaseEvent.key == _nobody(level))) is not None


def _tell_of_nobody(session: Session, level: OrderEscalation, now: datetime) -> None:
    """Say once, in the case, that nobody on duty took it: the supervisor is all there is."""
    query = select(Case).where(Case.order_id == level.order_id, Case.state == "open").order_by(Case.id.desc())
    case = session.scalars(query.limit(1)).first()
    if case is not None and not _is_told_of_nobody(session, level):
        session.add(CaseEvent(case_id=case.id, at=now, actor="system", what="nobody on duty", key=_nobody(level)))


def _nobody(level: OrderEscalation) -> str:
    return f"nobody-{level.id}"


def cause_of(escalation_id: int, position: int) -> str:
    """Name the call to one duty phone about one order."""
    return f"overdue-{escalation_id}-{position}"


def _causes(level: OrderEscalation) -> list[str]:
    return [cause_of(level.id, position) for position in range(PHONES_MOST)]

"""Visits that have not begun in time: the desk and the elder are told, once. And visits that nobody ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.models import LateVisit, Order, Visit, VisitException
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.cases import open_case
from routing.orders.evv.finding import FORGOTTEN_AFTER
from routing.orders.evv.policy import LATE_FOR, ExceptionKind, is_late
from routing.orders.evv.writing import flag
from routing.orders.lifecycle import load
from routing.orders.policy import OrderState
from routing.outreach.reach import number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms
from routing.writing import insert_once

log = structlog.get_logger(__name__)

A_ROUND = 100
"""Orders or visits that one sweep takes: the next comes within half a minute."""
NEWS_FOR = timedelta(hours=2)
"""An SMS that says that somebody is late is no news after so long."""


class LateVisits:
    """Finds them. Safe to run at any time, by any number of processes: each order is taken, looked at again, and told
    of once for each time that was promised."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        grace: timedelta,
        zone: ZoneInfo,
    ) -> None:
        """`grace` is how long after the promised time a visit counts as late."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._grace = grace
        self._zone = zone

    def sweep(self, limit: int = A_ROUND) -> int:
        """Tell of what is late, and flag what nobody ended; give how many there were."""
        told = sum(self.tell_of(order_id) for order_id in self._late(limit))
        return told + sum(self._flag_open(visit_id) for visit_id in self._never_ended(limit))

    def tell_of(self, order_id: int) -> bool:
        """Tell of one order, if it is still late when nobody else can move it; give whether that was news."""
        now = self._clock()
        messages: list[Message] = []
        with self._unit_of_work() as session:
            try:
                order = load(session, order_id)
            except NotFound:
                return False
            if order.state != OrderState.ACCEPTED.value or not is_late(order.due_at, now, self._grace):
                return False  # It was begun, cancelled or put off meanwhile.
            row = LateVisit(order_id=order.id, due_at=order.due_at, at=now)
            same = (LateVisit.order_id == order.id) & (LateVisit.due_at == order.due_at)
            _kept, new = insert_once(session, row, same)
            if not new:
                return False
            self._tell_both(session, order, now, messages)
        self._tell(messages)
        return True

    def _tell_both(self, session: Session, order: Order, now: datetime, messages: list[Message]) -> None:
        due = order.due_at.astimezone(self._zone)
        minutes = int((now - order.due_at) / timedelta(minutes=1))
        key = f"late-{order.id}-{int(order.due_at.timestamp())}"
        who = f"company {order.company.name}" if order.company else "no company"
        _case, opened = open_case(
            session, now, key=key, kind="visit", elder_id=order.elder_id, order_id=order.id,
            note=f"order {order.number} ({order.item.name}) was due at {due:%H:%M} and nobody has checked in for "
            f"{minutes} minutes: ask {who}{f', worker:{order.worker_id}' if order.worker_id else ''}",
        )  # fmt: skip
        if opened:
            messages.append(opened)
        number = number_for_sms(order.elder)
        if number is None:
            log.warning("late_visits.elder_without_number", order_id=order.id)
            return
        self._sms.enqueue(
            session, key=f"sms-{key}", number=number, elder_id=order.elder_id, order_id=order.id,
            deadline=now + NEWS_FOR, text=texts.late(order.item.name, order.number),
        )  # fmt: skip

    def _flag_open(self, visit_id: int) -> bool:
        with self._unit_of_work() as session:
            visit = session.get(Visit, visit_id)
            if visit is None:
                return False
            load(session, visit.order_id)
            session.refresh(visit)
            if visit.checked_out_at is not None:
                return False
            messages = flag(session, visit, (ExceptionKind.MISSING_OUT,), self._clock())
        self._tell(messages)
        return True

    def _late(self, limit: int) -> Sequence[int]:
        now = self._clock()
        told = exists().where(LateVisit.order_id == Order.id, LateVisit.due_at == Order.due_at)
        query = (
            select(Order.id)
            .where(Order.state == OrderState.ACCEPTED.value, ~told)
            .where(Order.due_at <= now - self._grace, Order.due_at >= now - LATE_FOR)
        )
        with self._reading() as session:
            return session.scalars(query.order_by(Order.due_at, Order.id).limit(limit)).all()

    def _never_ended(self, limit: int) -> Sequence[int]:
        flagged = exists().where(
            VisitException.visit_id == Visit.id, VisitException.kind == ExceptionKind.MISSING_OUT.value
        )
        query = (
            select(Visit.id)
            .where(Visit.checked_out_at.is_(None), ~flagged)
            .where(Visit.checked_in_at <= self._clock() - FORGOTTEN_AFTER)
        )
        with self._reading() as session:
            return session.scalars(query.order_by(Visit.id).limit(limit)).all()

    def _tell(self, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("late_visits.not_published", exc_info=True)

"""Visits by telephone: who is it (PIN), where (caller ID), in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import CallRecord, ElderPhone, Order, Visit, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message, OrderMoved
from routing.errors import NotFound
from routing.orders.commands import Act, CheckIn, CheckOut
from routing.orders.errors import AlreadyIn, NotIn, NoVisitToday, PinLocked, VisitChoice, WhichVisit, WrongPin
from routing.orders.lifecycle import load, perform
from routing.orders.notices import elder_address
from routing.orders.pins import TRIES, TRIES_WITHHELD, PinTries
from routing.orders.policy import OrderState, may_check_in
from routing.outreach.owing import after_service_cause, owe
from routing.outreach.policy import CallRules, within_hours
from routing.outreach.reach import NumberIndex, number_for_call

log = structlog.get_logger(__name__)

FORGOTTEN_AFTER = timedelta(hours=16)
"""A visit that nobody has checked out of for so long does not keep its worker from checking in elsewhere."""


@dataclass(frozen=True)
class WorkerSeen:
    """A worker who was identified by PIN."""

    id: int
    company_id: int
    name: str = field(repr=False)


@dataclass(frozen=True)
class VisitSeen:
    """A visit that was written. `verified`: the call came from a phone of the elder."""

    visit_id: int
    order_id: int
    number: str
    item_code: str
    item_name: str
    elder_id: int
    elder_address: str = field(repr=False)
    verified: bool
    at: datetime
    minutes: int | None = None


class Visits:
    """Identifies workers, and writes when a visit began and ended. Numbers are E.164, None if withheld."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        number_index: NumberIndex,
        pin_index: Callable[[str], bytes],
        tries: PinTries,
        call_rules: CallRules,
        callback_delay: timedelta,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._publish = publish
        self._number_index = number_index
        self._pin_index = pin_index
        self._tries = tries
        self._rules = call_rules
        self._delay = callback_delay

    def identify(self, number: str | None, pin: str) -> WorkerSeen:
        """Tell which worker has this PIN. Three wrong ones lock the telephone for a quarter of an hour.

        Raises WrongPin, which tells how many tries are left, and PinLocked.
        """
        subject = self._number_index(number).hex() if number else "withheld"
        allowed = TRIES if number else TRIES_WITHHELD
        if self._tries.failures(subject) >= allowed:
            raise PinLocked("too many wrong PINs from this telephone; try again in a quarter of an hour")
        with self._unit_of_work() as session:
            query = select(Worker).where(Worker.pin_index == self._pin_index(pin), Worker.active)
            worker = session.scalar(query)
            if worker is not None and worker.locked_until is not None and worker.locked_until > self._clock():
                raise PinLocked("this worker is locked")
            seen = WorkerSeen(worker.id, worker.company_id, worker.name) if worker else None
        if seen is None:
            left = allowed - self._tries.failed(subject)
            if left <= 0:
                raise PinLocked("too many wrong PINs from this telephone; try again in a quarter of an hour")
            raise WrongPin(left)
        self._tries.forget(subject)
        return seen

    def check_in(self, worker_id: int, number: str | None, call_id: str, order_id: int | None = None) -> VisitSeen:
        """Begin a visit: the worker's accepted order of today, at the elder whose phone is used if that is known.

        Raises AlreadyIn, NoVisitToday, and WhichVisit with the choices, of which one is then given as `order_id`.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            inside = self._open_visits(session, worker_id, now)
            if inside:
                raise AlreadyIn(f"checked in for order {inside[0].order.number}: check out first")
            elders = self._elders_at(session, number)
            waiting = [order for order in self._accepted(session, worker_id) if may_check_in(order.due_at, now)]
            order = self._one_of(waiting, elders, order_id, now)
            if order is None:
                raise NoVisitToday("there is no accepted order of this worker for today")
            order = load(session, order.id)
            if order.state == OrderState.VISITING.value:
                raise AlreadyIn(f"order {order.number} was checked in meanwhile")
            moved = perform(session, order, CheckIn(worker_id), Act(f"worker:{worker_id}", "phone_key", now))
            visit = Visit(
                order_id=order.id, worker_id=worker_id, elder_id=order.elder_id, checked_in_at=now,
                in_verified=order.elder_id in elders, in_call_id=call_id,
            )  # fmt: skip
            session.add(visit)
            session.flush()
            seen = self._seen(visit, order, visit.in_verified, now)
        self._tell(moved)
        return seen

    def check_out(self, worker_id: int, number: str | None, call_id: str, order_id: int | None = None) -> VisitSeen:
        """End a visit: the order is done, and the elder is owed a call that asks how it was.

        Raises NotIn, and WhichVisit with the choices, of which one is then given as `order_id`.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            visits = {visit.order_id: visit for visit in self._open_visits(session, worker_id, now)}
            elders = self._elders_at(session, number)
            order = self._one_of([visit.order for visit in visits.values()], elders, order_id, now)
            if order is None:
                raise NotIn("nobody has checked in: check in first")
            order, visit = load(session, order.id), visits[order.id]
            session.refresh(visit)
            if visit.checked_out_at is not None:
                raise NotIn(f"order {order.number} was checked out meanwhile")
            visit.checked_out_at, visit.out_verified, visit.out_call_id = now, order.elder_id in elders, call_id
            moved = perform(session, order, CheckOut(worker_id), Act(f"worker:{worker_id}", "phone_key", now))
            self._owe_callback(session, order, now)
            minutes = round((now - visit.checked_in_at).total_seconds() / 60)
            seen = self._seen(visit, order, bool(visit.out_verified), now, minutes)
        self._tell(moved)
        return seen

    def _elders_at(self, session: Session, number: str | None) -> frozenset[int]:
        if not number:
            return frozenset()
        query = select(ElderPhone.elder_id).where(ElderPhone.number_index == self._number_index(number))
        return frozenset(session.scalars(query))

    def _accepted(self, session: Session, worker_id: int) -> Sequence[Order]:
        query = select(Order).where(Order.worker_id == worker_id, Order.state == OrderState.ACCEPTED.value)
        return session.scalars(query.order_by(Order.due_at, Order.id)).all()

    def _open_visits(self, session: Session, worker_id: int, now: datetime) -> Sequence[Visit]:
        if session.get(Worker, worker_id) is None:
            raise NotFound(f"there is no worker {worker_id}")
        query = (
            select(Visit)
            .join(Order, Order.id == Visit.order_id)
            .where(Visit.worker_id == worker_id, Visit.checked_out_at.is_(None))
            .where(Visit.checked_in_at > now - FORGOTTEN_AFTER, Order.state == OrderState.VISITING.value)
        )
        return session.scalars(query.order_by(Visit.id)).all()

    def _one_of(
        self, orders: Sequence[Order], elders: frozenset[int], order_id: int | None, now: datetime
    ) -> Order | None:
        """Choose the order that is meant: the place first, then what the worker said; ask when several are left."""
        if order_id is not None:
            return next((order for order in orders if order.id == order_id), None)
        here = [order for order in orders if order.elder_id in elders] or list(orders)
        if len(here) > 1:
            local = now.astimezone(self._rules.zone)
            raise WhichVisit(
                tuple(
                    VisitChoice(each.id, each.elder_id, elder_address(each.elder, local), each.item.code, each.number)
                    for each in here
                )
            )
        return here[0] if here else None

    def _owe_callback(self, session: Session, order: Order, now: datetime) -> None:
        call = session.get(CallRecord, order.call_id) if order.call_id else None
        number = number_for_call(order.elder, call.number if call else None)
        if number is None:
            log.warning("visits.elder_without_number", order_id=order.id)
            return
        owe(
            session, now, cause=after_service_cause(order.id), kind="after_service", flow="after_service",
            reference=str(order.id), number=number, due_at=within_hours(now + self._delay, self._rules),
            elder_id=order.elder_id, order_id=order.id,
        )  # fmt: skip

    def _seen(
        self, visit: Visit, order: Order, verified: bool, now: datetime, minutes: int | None = None
    ) -> VisitSeen:  # fmt: skip
        address = elder_address(order.elder, now.astimezone(self._rules.zone))
        return VisitSeen(
            visit.id, order.id, order.number, order.item.code, order.item.name, order.elder_id, address, verified,
            now, minutes,
        )  # fmt: skip

    def _tell(self, moved: Sequence[OrderMoved]) -> None:
        try:
            for each in moved:
                self._publish(each)
        except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
            log.warning("visits.not_published", exc_info=True)

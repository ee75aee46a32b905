"""Visits by telephone: who is it (PIN), where (caller ID), in, what was done, and out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from sqlalchemy.orm import Session

from db.models import Elder, Order, Visit
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.errors import AlreadyIn, InsteadOf, NoBegin, NotIn, NoVisitToday, WhichVisit, WrongHome
from routing.orders.evv.finding import WorkersCall, may_begin, open_visits, waiting, worker_at_phone
from routing.orders.evv.matching import Agreed, Choice, Outcome, choose
from routing.orders.evv.policy import TaskResult
from routing.orders.evv.seen import TaskAsked, VisitSeen, choices_of, seen_of
from routing.orders.evv.writing import begin, begin_unseen, end, keep_result, leave_others, owe_callback, tasks_of
from routing.orders.identifying import Identifying, WorkerSeen
from routing.orders.lifecycle import load
from routing.orders.notices import Notices, elder_address
from routing.orders.pins import PinTries
from routing.orders.policy import OrderState
from routing.outreach.policy import CallRules
from routing.outreach.reach import NumberIndex

log = structlog.get_logger(__name__)

__all__ = ["Agreed", "TaskAsked", "TaskResult", "VisitSeen", "Visits", "WorkerSeen"]


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
        counted_minutes: int = 15,
        notices: Notices | None = None,
    ) -> None:
        """`counted_minutes` is the step in which worked time is counted (`evv.policy.worked`); `notices` tell companies
        of workers whose PIN is locked."""
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._publish = publish
        self._number_index = number_index
        self._rules = call_rules
        self._delay = callback_delay
        self._step = counted_minutes
        self._identifying = Identifying(
            unit_of_work=unit_of_work, clock=clock, tell=self._tell, number_index=number_index, pin_index=pin_index,
            tries=tries, notices=notices,
        )  # fmt: skip

    def identify(self, number: str | None, pin: str, call_id: str | None = None) -> WorkerSeen:
        """Tell which worker has this PIN. Three wrong ones lock the telephone for a quarter of an hour, and its worker
        if it is one's own; the desk is told. Raises WrongPin, which tells how many tries are left, and PinLocked."""
        return self._identifying.identify(number, pin, call_id)

    def check_in(
        self,
        worker_id: int,
        number: str | None,
        call_id: str,
        order_id: int | None = None,
        *,
        agreed: Collection[Agreed] = (),
    ) -> VisitSeen:
        """Begin a visit: the worker's accepted order of today, at the elder whose phone is used if that is known.

        Raises AlreadyIn, NoVisitToday, and with the choices, of which one is then given as `order_id`: WhichVisit;
        InsteadOf (a colleague's order), WrongHome (another elder's telephone), which want a yes in `agreed`.
        """
        with self._unit_of_work() as session:
            call = self._call(session, worker_id, number, call_id)
            orders = may_begin(session, call.worker, call.phone, call.now)
            choice = choose(worker_id, waiting(orders), call.phone.homes, order_id, agreed)
            leave_others(call, choice)
            if choice.outcome is not Outcome.ONE:
                _ask(call, choice, orders)
            order = load(session, choice.orders[0].order_id)
            if order.state != OrderState.ACCEPTED.value:
                raise AlreadyIn(f"order {order.number} was checked in or taken back meanwhile")
            visit = begin(call, order)
            seen = seen_of(call, visit)
        self._tell(call.messages)
        return seen

    def check_out(
        self,
        worker_id: int,
        number: str | None,
        call_id: str,
        order_id: int | None = None,
        *,
        agreed: Collection[Agreed] = (),
    ) -> VisitSeen:
        """End a visit: the order is done, and the elder is owed a call that asks how it was.

        Raises NotIn, WhichVisit with the choices, of which one is then given as `order_id`, and NoBegin when there is
        an order that was never checked in: with a yes in `agreed` its visit is written without a begin.
        """
        with self._unit_of_work() as session:
            call = self._call(session, worker_id, number, call_id)
            visits = {visit.order_id: visit for visit in open_visits(session, worker_id, call.now)}
            order = _one_of(call, [visit.order for visit in visits.values()], order_id)
            if order is None:
                visit = _without_begin(call, order_id, agreed)
            else:
                visit = visits[order.id]
                load(session, order.id)
                session.refresh(visit)
                if visit.checked_out_at is not None:
                    raise NotIn(f"order {order.number} was checked out meanwhile")
            end(call, visit, self._step)
            owe_callback(session, visit.order, call.now, self._rules, self._delay)
            seen = seen_of(call, visit, tasks_of(session, visit.order.item_id))
        self._tell(call.messages)
        return seen

    def report_task(self, visit_id: int, task_id: int, result: TaskResult) -> None:
        """Write what became of a task of a visit. Raises NotFound, and Invalid for another item's task."""
        with self._unit_of_work() as session:
            visit = session.get(Visit, visit_id)
            if visit is None:
                raise NotFound(f"there is no visit {visit_id}")
            keep_result(session, visit, task_id, result, self._clock())

    def _call(self, session: Session, worker_id: int, number: str | None, call_id: str) -> WorkersCall:
        now = self._clock()
        worker, phone = worker_at_phone(session, worker_id, number, self._number_index)
        return WorkersCall(session, worker, phone, now, now.astimezone(self._rules.zone), call_id)

    def _tell(self, messages: Sequence[Message]) -> None:
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("visits.not_published", kind=type(message).__name__, exc_info=True)


def _ask(call: WorkersCall, choice: Choice, orders: dict[int, Order]) -> NoReturn:
    choices = choices_of([orders[each.order_id] for each in choice.orders], call.local)
    match choice.outcome:
        case Outcome.WHICH:
            raise WhichVisit(choices)
        case Outcome.INSTEAD:
            raise InsteadOf("another worker of the company was to come", choices)
        case Outcome.ELSEWHERE:
            elders = [call.session.get_one(Elder, each) for each in sorted(call.phone.homes)]
            homes = tuple(elder_address(each, call.local) for each in elders)
            raise WrongHome("this telephone belongs to another elder", choices, homes)
    raise NoVisitToday("there is no accepted order of this worker for today")


def _one_of(call: WorkersCall, orders: Sequence[Order], order_id: int | None) -> Order | None:
    """Choose the visit that ends: the place first, then what the worker said; ask when several are left."""
    if order_id is not None:
        return next((order for order in orders if order.id == order_id), None)
    here = [order for order in orders if order.elder_id in call.phone.homes] or list(orders)
    if len(here) > 1:
        raise WhichVisit(choices_of(here, call.local))
    return here[0] if here else None


def _without_begin(call: WorkersCall, order_id: int | None, agreed: Collection[Agreed]) -> Visit:
    """Write a visit of which only the end is known. Raises NotIn, and NoBegin until it is agreed on."""
    orders = may_begin(call.session, call.worker, call.phone, call.now).values()
    own = [order for order in orders if order.worker_id == call.worker.id]
    candidates = [order for order in own if order.elder_id in call.phone.homes] or own
    candidates = [order for order in candidates if order_id in (None, order.id)]
    if not candidates:
        raise NotIn("nobody has checked in: check in first")
    if Agreed.NO_BEGIN not in agreed or len(candidates) > 1:
        raise NoBegin("this visit was not checked in", choices_of(candidates, call.local))
    order = load(call.session, candidates[0].id)
    if order.state != OrderState.ACCEPTED.value:
        raise NotIn(f"order {order.number} was checked in or taken back meanwhile")
    return begin_unseen(call, order)

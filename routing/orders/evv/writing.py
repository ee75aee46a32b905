"""Writing a visit within a unit of work: begun, ended, what is flagged about it, what the elder is owed after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import CallRecord, ItemTask, Order, Visit, VisitException, VisitTask
from routing.calls.messages import Message
from routing.errors import Invalid, NotFound
from routing.orders.cases import open_case
from routing.orders.certificates import is_qualified
from routing.orders.commands import Act, CheckIn, CheckOut
from routing.orders.errors import AlreadyIn
from routing.orders.evv.finding import WorkersCall, open_visits
from routing.orders.evv.matching import Choice, Outcome
from routing.orders.evv.policy import (
    TASKS_BY_VOICE,
    CalledFrom,
    ExceptionKind,
    TaskResult,
    exceptions_in,
    exceptions_out,
    worked,
)
from routing.orders.lifecycle import perform
from routing.outreach.owing import after_service_cause, owe
from routing.outreach.policy import CallRules, within_hours
from routing.outreach.reach import number_for_call
from routing.writing import insert_once

log = structlog.get_logger(__name__)

TOLD_TO_THE_DESK = {
    ExceptionKind.WRONG_HOME: "was checked in from the telephone of another elder",
    ExceptionKind.UNQUALIFIED: "was begun by somebody who may not do it",
}
"""What cannot wait for whoever looks through the exceptions: a case asks somebody to see to it now."""


def flag(
    session: Session, visit: Visit, kinds: Iterable[ExceptionKind], now: datetime, detail: str = ""
) -> list[Message]:
    """Open the exceptions, each once, and a case for what cannot wait; give what pages are told of it."""
    told: list[Message] = []
    for kind in kinds:
        row = VisitException(visit_id=visit.id, kind=kind.value, at=now, state="open", note="")
        same = (VisitException.visit_id == visit.id) & (VisitException.kind == kind.value)
        _kept, new = insert_once(session, row, same)
        words = TOLD_TO_THE_DESK.get(kind)
        if new and words:
            _case, opened = open_case(
                session, now, key=f"visit-{visit.id}-{kind.value}", kind="visit", elder_id=visit.elder_id,
                order_id=visit.order_id, call_id=visit.in_call_id,
                note=f"the visit of order {visit.order.number} {words}{': ' if detail else ''}{detail}",
            )  # fmt: skip
            if opened:
                told.append(opened)
    return told


def begin(call: WorkersCall, order: Order) -> Visit:
    """Write that a visit of an accepted order, which was taken with `load`, begins now."""
    called = call.phone.seen_for(order.elder_id)
    visit = _new_visit(call, order)
    visit.checked_in_at, visit.in_call_id = call.now, call.call_id
    visit.in_verified, visit.in_from = called.verified, called.value
    _visiting(call, visit, called)
    return visit


def begin_unseen(call: WorkersCall, order: Order) -> Visit:
    """Write a visit that somebody forgot to begin; its begin stays empty until a person completes it."""
    visit = _new_visit(call, order)
    _visiting(call, visit, None)
    return visit


def end(call: WorkersCall, visit: Visit, step: int) -> None:
    """Write that a visit ends now; worked time is counted in steps of so many minutes."""
    called = call.phone.seen_for(visit.elder_id)
    visit.checked_out_at, visit.out_call_id = call.now, call.call_id
    visit.out_verified, visit.out_from = called.verified, called.value
    count_minutes(visit, step)
    begun = visit.checked_in_at is not None
    act = Act(f"worker:{visit.worker_id}", "phone_key", call.now, "" if begun else "was not checked in")
    call.messages.extend(perform(call.session, visit.order, CheckOut(visit.worker_id), act))
    call.messages.extend(flag(call.session, visit, exceptions_out(called, begun), call.now))


def leave_others(call: WorkersCall, choice: Choice) -> None:
    """Give up a visit elsewhere that was not checked out of, if the telephone proves that the worker is here now: a
    person completes it. Raises AlreadyIn otherwise."""
    here = bool(choice.orders) and all(each.elder_id in call.phone.homes for each in choice.orders)
    for visit in open_visits(call.session, call.worker.id, call.now):
        if not here or visit.elder_id in call.phone.homes:
            raise AlreadyIn(
                f"checked in for order {visit.order.number}: check out first", visit.checked_in_at, visit.order_id
            )
        if choice.outcome is Outcome.ONE:
            call.messages.extend(flag(call.session, visit, (ExceptionKind.MISSING_OUT,), call.now))


def _new_visit(call: WorkersCall, order: Order) -> Visit:
    instead_of = order.worker_id if order.worker_id != call.worker.id else None
    visit = Visit(
        order_id=order.id, worker_id=call.worker.id, elder_id=order.elder_id, in_verified=False,
        assigned_worker_id=instead_of,
    )  # fmt: skip
    order.worker_id, order.worker = call.worker.id, call.worker
    call.session.add(visit)
    call.session.flush()
    return visit


def _visiting(call: WorkersCall, visit: Visit, called: CalledFrom | None) -> None:
    """Move the order on, and flag what is to be looked into; without `called` nobody called when it began."""
    order = visit.order
    instead = f"instead of worker:{visit.assigned_worker_id}" if visit.assigned_worker_id else ""
    act = Act(f"worker:{call.worker.id}", "phone_key", call.now, instead)
    call.messages.extend(perform(call.session, order, CheckIn(call.worker.id), act))
    fit = is_qualified(call.session, call.worker, order.item.required_certificate, call.local.date())
    kinds = exceptions_in(called, fit.may)
    call.messages.extend(flag(call.session, visit, kinds, call.now, fit.reason))


def count_minutes(visit: Visit, step: int) -> None:
    """Work out how long it was, if both ends are known."""
    if visit.checked_in_at is not None and visit.checked_out_at is not None:
        found = worked(visit.checked_in_at, visit.checked_out_at, step)
        visit.minutes, visit.worked_minutes = found.minutes, found.counted


def owe_callback(session: Session, order: Order, now: datetime, rules: CallRules, delay: timedelta) -> None:
    """Owe the elder a call that asks how it was."""
    call = session.get(CallRecord, order.call_id) if order.call_id else None
    number = number_for_call(order.elder, call.number if call else None)
    if number is None:
        log.warning("visits.elder_without_number", order_id=order.id)
        return
    owe(
        session, now, cause=after_service_cause(order.id), kind="after_service", flow="after_service",
        reference=str(order.id), number=number, due_at=within_hours(now + delay, rules),
        elder_id=order.elder_id, order_id=order.id,
    )  # fmt: skip


def tasks_of(session: Session, item_id: int) -> list[ItemTask]:
    """Give the tasks of an item that are asked by telephone, in order."""
    query = select(ItemTask).where(ItemTask.item_id == item_id, ItemTask.active.is_(True))
    return list(session.scalars(query.order_by(ItemTask.position, ItemTask.id).limit(TASKS_BY_VOICE)))


def keep_result(session: Session, visit: Visit, task_id: int, result: TaskResult, now: datetime) -> None:
    """Write what became of a task; said again, the last word counts.

    Raises NotFound, and Invalid for a task of another item.
    """
    task = session.get(ItemTask, task_id)
    if task is None:
        raise NotFound(f"there is no task {task_id}")
    if task.item_id != visit.order.item_id:
        raise Invalid(f"task {task_id} is not one of {visit.order.item.name}")
    row = VisitTask(visit_id=visit.id, task_id=task_id, result=result.value, at=now)
    kept, new = insert_once(session, row, (VisitTask.visit_id == visit.id) & (VisitTask.task_id == task_id))
    if not new:
        kept.result, kept.at = result.value, now

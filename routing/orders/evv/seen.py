"""What the service of visits gives back: frozen values, free of any session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from db.models import ItemTask, Order, Visit
from routing.orders.errors import VisitChoice
from routing.orders.evv.finding import WorkersCall
from routing.orders.evv.policy import CalledFrom
from routing.orders.notices import elder_address


@dataclass(frozen=True)
class TaskAsked:
    """A task that the worker is asked about; `code` and `name` are what is spoken."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class VisitSeen:
    """A visit that was written. `verified`: the call came from a phone of the elder; `called_from` is what it was."""

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
    called_from: CalledFrom = CalledFrom.HOME
    worked_minutes: int | None = None
    tasks: tuple[TaskAsked, ...] = ()
    instead: bool = False
    """Another worker was to come."""


def seen_of(call: WorkersCall, visit: Visit, tasks: Sequence[ItemTask] = ()) -> VisitSeen:
    """Take a view of a visit within its unit of work."""
    order, called = visit.order, call.phone.seen_for(visit.elder_id)
    return VisitSeen(
        visit.id, order.id, order.number, order.item.code, order.item.name, order.elder_id,
        elder_address(order.elder, call.local), called.verified, call.now, visit.minutes, called, visit.worked_minutes,
        tuple(TaskAsked(task.id, task.code, task.name) for task in tasks), visit.assigned_worker_id is not None,
    )  # fmt: skip


def choices_of(orders: Iterable[Order], local: datetime) -> tuple[VisitChoice, ...]:
    """Take of orders what a worker is asked with."""
    return tuple(
        VisitChoice(each.id, each.elder_id, elder_address(each.elder, local), each.item.code, each.number)
        for each in orders
    )

"""What the database knows of a worker's call: whose telephone it is, what may begin, what is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from db.models import Elder, ElderPhone, Order, Visit, VisitException, Worker
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.evv.matching import Waiting
from routing.orders.evv.policy import CalledFrom, ExceptionKind, called_from
from routing.orders.policy import OrderState, may_check_in
from routing.outreach.reach import NumberIndex
from routing.writing import one_at_a_time

FORGOTTEN_AFTER = timedelta(hours=16)
"""A visit that nobody has checked out of for so long does not keep its worker from checking in elsewhere."""
_ONE_WORKER = 0x7669736974 << 22
"""The lock of a worker's visits: "visit" in ASCII, with room for four million ids beside it."""


@dataclass(frozen=True)
class Telephone:
    """The telephone that is used: the elders whose it is, and whether it is the worker's own."""

    number: str | None
    homes: frozenset[int]
    own: bool

    def seen_for(self, elder_id: int) -> CalledFrom:
        """Tell what it proves of a visit to this elder."""
        return called_from(self.number, self.homes, elder_id, self.own)


@dataclass(frozen=True)
class WorkersCall:
    """One call of a worker within a unit of work: who, from where, when (`local` on the hotline's clocks). `messages`
    are told when all is written."""

    session: Session
    worker: Worker
    phone: Telephone
    now: datetime
    local: datetime
    call_id: str
    messages: list[Message] = field(default_factory=list)


def worker_at_phone(
    session: Session, worker_id: int, number: str | None, number_index: NumberIndex
) -> tuple[Worker, Telephone]:
    """Give the worker, whom nobody else checks in or out until this unit of work is over, and the telephone.

    Raises NotFound.
    """
    one_at_a_time(session, _ONE_WORKER + worker_id)
    worker = session.get(Worker, worker_id)
    if worker is None:
        raise NotFound(f"there is no worker {worker_id}")
    if not number:
        return worker, Telephone(None, frozenset(), False)
    index = number_index(number)
    homes = frozenset(
        session.scalars(
            select(ElderPhone.elder_id)
            .join(Elder, Elder.id == ElderPhone.elder_id)
            .where(ElderPhone.number_index == index, Elder.state == "active")
        )
    )
    return worker, Telephone(number, homes, worker.phone_index == index)


def may_begin(session: Session, worker: Worker, phone: Telephone, now: datetime) -> dict[int, Order]:
    """Give what may begin now, the earliest first: the worker's own orders, and the company's at this home."""
    theirs = Order.worker_id == worker.id
    at_home = (Order.company_id == worker.company_id) & Order.elder_id.in_(phone.homes)
    query = select(Order).where(
        or_(theirs, at_home) if phone.homes else theirs, Order.state == OrderState.ACCEPTED.value
    )
    orders = session.scalars(query.order_by(Order.due_at, Order.id)).all()
    return {order.id: order for order in orders if may_check_in(order.due_at, now)}


def waiting(orders: dict[int, Order]) -> tuple[Waiting, ...]:
    """Take of orders what the choice among them needs."""
    return tuple(Waiting(order.id, order.elder_id, order.worker_id) for order in orders.values())


def open_visits(session: Session, worker_id: int, now: datetime) -> Sequence[Visit]:
    """Give the visits that the worker has begun and not ended, but for those that a person must complete by now."""
    given_up = exists().where(
        VisitException.visit_id == Visit.id, VisitException.kind == ExceptionKind.MISSING_OUT.value
    )
    query = (
        select(Visit)
        .join(Order, Order.id == Visit.order_id)
        .where(Visit.worker_id == worker_id, Visit.checked_out_at.is_(None), ~given_up)
        .where(Visit.checked_in_at > now - FORGOTTEN_AFTER, Order.state == OrderState.VISITING.value)
    )
    return session.scalars(query.order_by(Visit.id)).all()

"""Which workers may be sent: the rule of `qualifying.policy` asked of the database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from db.models import Company, Order, Worker, WorkerCertificate
from routing.orders.dispatching.preferring import preferred_worker
from routing.orders.errors import NotQualified
from routing.orders.policy import OrderState
from routing.orders.qualifying.policy import CLEARED, REFUSED, VETTING, Held, Qualified, Vetting, needs_of, qualified

_AT_WORK = (OrderState.ACCEPTED.value, OrderState.VISITING.value)


def qualified_workers(required: str, day: date | ColumnElement[date]) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions on `Worker` under which somebody may do what asks for `required` on `day`; a parameter as
    `day` gives a statement that is good for any."""
    conditions: list[ColumnElement[bool]] = [Worker.active.is_(True), Worker.vetting != REFUSED]
    for need in needs_of(required):
        if need == VETTING:
            until = or_(Worker.vetted_until.is_(None), Worker.vetted_until >= day)
            conditions.append(and_(Worker.vetting == CLEARED, until))
        else:
            valid = or_(WorkerCertificate.expires.is_(None), WorkerCertificate.expires >= day)
            conditions.append(
                exists().where(
                    WorkerCertificate.worker_id == Worker.id, WorkerCertificate.kind == need,
                    WorkerCertificate.state == "valid", valid,
                )
            )  # fmt: skip
    return tuple(conditions)


def qualified_for(order: Order, local_now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Give the conditions under which a worker may be sent with this order, on the day on which it is due: a
    certificate that ends before that counts for nothing. `local_now` tells the zone."""
    return qualified_workers(order.item.required_certificate, order.due_at.astimezone(local_now.tzinfo).date())


def is_qualified(session: Session, worker: Worker, required: str, day: date) -> Qualified:
    """Tell whether this worker may do what asks for `required` on `day`."""
    rows = session.scalars(select(WorkerCertificate).where(WorkerCertificate.worker_id == worker.id))
    held = [Held(row.kind, row.expires, row.state != "valid") for row in rows]
    return qualified(needs_of(required), held, Vetting(worker.vetting, worker.vetted_until), day)


def least_busy_worker(session: Session, order: Order, company: Company, local_now: datetime) -> Worker | None:
    """Choose the company's qualified worker with the fewest orders on the day of the order; the lower id at a tie. The
    one whom the order's plan names goes before all others.

    None when a company has nobody at all for what needs no certificate. Raises NotQualified when the item needs one
    that nobody of theirs holds on that day: such an order is given to nobody of them.
    """
    begin, end = day_of(order.due_at.astimezone(local_now.tzinfo))
    query = (
        select(Order.worker_id, func.count())
        .where(Order.due_at >= begin, Order.due_at < end, Order.state.in_(_AT_WORK), Order.worker_id.is_not(None))
        .group_by(Order.worker_id)
    )
    busy: dict[int, int] = {worker_id: count for worker_id, count in session.execute(query) if worker_id is not None}
    workers = session.scalars(
        select(Worker).where(Worker.company_id == company.id, *qualified_for(order, local_now)).order_by(Worker.id)
    ).all()
    if not workers and needs_of(order.item.required_certificate):
        day = order.due_at.astimezone(local_now.tzinfo).date()
        raise NotQualified(
            f"{company.name} has nobody who holds {order.item.required_certificate} on {day}: choose another company, "
            "or add the certificate first"
        )
    liked = preferred_worker(session, order.id)
    return min(workers, key=lambda worker: (worker.id != liked, busy.get(worker.id, 0), worker.id), default=None)


def day_of(local: datetime) -> tuple[datetime, datetime]:
    """Give the bounds of the local day: from its midnight to the next, whatever clocks do in between."""
    begin = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    return begin, datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=local.tzinfo)


def today_in(zone: ZoneInfo, now: datetime) -> date:
    """Give the day on the hotline's calendar."""
    return now.astimezone(zone).date()

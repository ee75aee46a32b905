"""The six facts of each visit (21st Century Cures Act s.12006), read for pages, API and export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from db.models import Company, Order, ServiceItem, Visit, VisitCorrection, VisitException, VisitTask, Worker
from db.session import UnitOfWork
from routing.errors import Invalid

MOST_DAYS = 366
CHUNK = 500


@dataclass(frozen=True)
class VisitFacts:
    """One visit. The six facts: service, elder, day, place, worker, begin and end; and how far they are proven."""

    visit_id: int
    order_id: int
    order_number: str
    service: str
    service_code: str
    elder_id: int
    day: date
    worker_code: str
    company: str
    begin: datetime | None
    end: datetime | None
    minutes: int | None
    worked_minutes: int | None
    in_verified: bool
    out_verified: bool
    in_from: str
    out_from: str
    instead: bool
    """Another worker was to come."""
    corrected: bool
    exceptions: tuple[str, ...]
    """Open ones by kind, resolved ones as kind:reason."""
    tasks: tuple[str, ...]
    """As washing:done."""
    elder: str = field(repr=False)
    place: str = field(repr=False)
    worker: str = field(repr=False)


def days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the bounds of these days, first and last included.

    Raises Invalid for days in the wrong order, or too many.
    """
    if last < first:
        raise Invalid("the last day is before the first")
    if last == date.max:
        raise Invalid("the last day is after all calendars")
    if (last - first).days >= MOST_DAYS:
        raise Invalid(f"ask for {MOST_DAYS} days at most")
    return (
        datetime.combine(first, time(), tzinfo=zone),
        datetime.combine(last + timedelta(days=1), time(), tzinfo=zone),
    )


def facts_of(
    reading: UnitOfWork, zone: ZoneInfo, first: date, last: date, *, company_id: int | None = None
) -> Iterator[VisitFacts]:
    """Give the visits of these days, in order of their ids, `CHUNK` at a time, so that a year takes no memory.

    A visit belongs to the local day on which it began, or ended if its begin is missing. Raises Invalid (days).
    """
    begin, end = days(first, last, zone)
    began = and_(Visit.checked_in_at >= begin, Visit.checked_in_at < end)
    only_ended = and_(Visit.checked_in_at.is_(None), Visit.checked_out_at >= begin, Visit.checked_out_at < end)
    conditions: list[ColumnElement[bool]] = [or_(began, only_ended)]
    if company_id is not None:
        conditions.append(Order.company_id == company_id)
    return _chunks(reading, zone, conditions)


def _chunks(reading: UnitOfWork, zone: ZoneInfo, conditions: Sequence[ColumnElement[bool]]) -> Iterator[VisitFacts]:
    after = 0
    while True:
        chunk = _read(reading, zone, [*conditions, Visit.id > after])
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].visit_id


def _read(reading: UnitOfWork, zone: ZoneInfo, conditions: Sequence[ColumnElement[bool]]) -> list[VisitFacts]:
    query = (
        select(Visit)
        .join(Order, Order.id == Visit.order_id)
        .where(*conditions)
        .options(
            joinedload(Visit.worker).joinedload(Worker.company),
            joinedload(Visit.order).joinedload(Order.item),
            joinedload(Visit.order).joinedload(Order.company),
            joinedload(Visit.order).joinedload(Order.elder),
        )
        .order_by(Visit.id)
        .limit(CHUNK)
    )
    with reading() as session:
        visits = session.scalars(query).all()
        more = _More(session, [visit.id for visit in visits])
        return [_facts(visit, zone, more) for visit in visits]


class _More:
    """What other tables tell of these visits, in one query each."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.exceptions: dict[int, list[str]] = {}
        flagged = select(VisitException).where(VisitException.visit_id.in_(ids)).order_by(VisitException.id)
        for row in session.scalars(flagged):
            words = f"{row.kind}:{row.reason}" if row.reason else row.kind
            self.exceptions.setdefault(row.visit_id, []).append(words)
        self.tasks: dict[int, list[str]] = {}
        done = select(VisitTask).where(VisitTask.visit_id.in_(ids)).options(joinedload(VisitTask.task))
        for result in session.scalars(done.order_by(VisitTask.id)):
            self.tasks.setdefault(result.visit_id, []).append(f"{result.task.code}:{result.result}")
        corrected = select(VisitCorrection.visit_id).where(VisitCorrection.visit_id.in_(ids)).distinct()
        self.corrected = frozenset(session.scalars(corrected))


def _facts(visit: Visit, zone: ZoneInfo, more: _More) -> VisitFacts:
    order, worker, elder = visit.order, visit.worker, visit.order.elder
    item: ServiceItem = order.item
    company: Company = order.company or worker.company
    at = visit.checked_in_at or visit.checked_out_at or order.due_at
    return VisitFacts(
        visit_id=visit.id, order_id=order.id, order_number=order.number, service=item.name, service_code=item.code,
        elder_id=elder.id, day=at.astimezone(zone).date(), worker_code=worker.code, company=company.name,
        begin=visit.checked_in_at, end=visit.checked_out_at, minutes=visit.minutes,
        worked_minutes=visit.worked_minutes, in_verified=visit.in_verified, out_verified=bool(visit.out_verified),
        in_from=visit.in_from, out_from=visit.out_from, instead=visit.assigned_worker_id is not None,
        corrected=visit.id in more.corrected, exceptions=tuple(more.exceptions.get(visit.id, ())),
        tasks=tuple(more.tasks.get(visit.id, ())), elder=elder.name,
        place=elder.address or elder.district, worker=worker.name,
    )  # fmt: skip

"""What dispatch must know of each company, read in a handful of queries however many companies there are."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.models import Company, CompanyItem, Offer, Order, Worker
from routing.orders.policy import Candidate, Need, OrderState
from routing.orders.providers.standings import NOTHING, Known, known_of

_AT_WORK = (OrderState.ACCEPTED.value, OrderState.VISITING.value)
_COUNTED = (*_AT_WORK, OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)


def need_of(order: Order) -> Need:
    """Say what an order asks of a company."""
    elder = order.elder
    return Need(order.item_id, elder.district, elder.latitude, elder.longitude)


def candidates(session: Session, order: Order, local_now: datetime, asked: frozenset[int]) -> list[Candidate]:
    """Give the companies that offer the item of the order; `local_now` tells which day is today, `asked` who was."""
    companies = session.scalars(
        select(Company)
        .join(CompanyItem, and_(CompanyItem.company_id == Company.id, CompanyItem.item_id == order.item_id))
        .order_by(Company.id)
    ).all()
    begin, end = _day_of(local_now)
    due_begin, due_end = _day_of(order.due_at.astimezone(local_now.tzinfo))
    orders = _counts(
        session, Order.company_id, Order.due_at >= due_begin, Order.due_at < due_end, Order.state.in_(_COUNTED)
    )
    offers = _counts(session, Offer.company_id, Offer.offered_at >= begin, Offer.offered_at < end)
    workers = _counts(session, Worker.company_id, *_qualified(order, local_now))
    known, today = known_of(session, local_now), due_begin == begin
    return [
        Candidate(
            company_id=company.id,
            item_ids=frozenset({order.item_id}),
            districts=frozenset(part.strip() for part in company.districts.split(",") if part.strip()),
            active=company.active,
            open_from=company.open_from,
            open_until=company.open_until,
            daily_capacity=_capacity(company, known.get(company.id, NOTHING), today=today),
            orders_today=orders.get(company.id, 0),
            offers_today=offers.get(company.id, 0),
            qualified_workers=workers.get(company.id, 0),
            rating_sum=company.rating_sum,
            rating_count=company.rating_count,
            latitude=company.latitude,
            longitude=company.longitude,
            already_asked=company.id in asked,
            acceptance=known.get(company.id, NOTHING).acceptance,
            punctuality=known.get(company.id, NOTHING).punctuality,
            unavailable=known.get(company.id, NOTHING).unavailable or _unreachable(company),
        )
        for company in companies
    ]


def _capacity(company: Company, known: Known, *, today: bool) -> int:
    """What a company has said for today counts for orders of today only."""
    return known.capacity if today and known.capacity is not None else company.daily_capacity


def _unreachable(company: Company) -> str:
    return "" if company.phone else "has no telephone on record: give it one on its page"


def least_busy_worker(session: Session, order: Order, company: Company, local_now: datetime) -> Worker | None:
    """Choose the company's qualified worker with the fewest orders on the day of the order; the lower id at a tie."""
    begin, end = _day_of(order.due_at.astimezone(local_now.tzinfo))
    busy = _counts(session, Order.worker_id, Order.due_at >= begin, Order.due_at < end, Order.state.in_(_AT_WORK))
    workers = session.scalars(
        select(Worker).where(Worker.company_id == company.id, *_qualified(order, local_now)).order_by(Worker.id)
    ).all()
    return min(workers, key=lambda worker: (busy.get(worker.id, 0), worker.id), default=None)


def _qualified(order: Order, local_now: datetime) -> tuple[ColumnElement[bool], ...]:
    needed = order.item.required_certificate
    if not needed:
        return (Worker.active.is_(True),)
    today = local_now.date()
    valid = or_(Worker.certificate_expires.is_(None), Worker.certificate_expires >= today)
    return (Worker.active.is_(True), Worker.certificate == needed, valid)


def _counts(session: Session, column: object, *conditions: ColumnElement[bool]) -> dict[int, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))  # type: ignore[call-overload]  # A mapped column, whose type SQLAlchemy cannot name.
    return {key: count for key, count in rows if key is not None}


def _day_of(local: datetime) -> tuple[datetime, datetime]:
    """Give the bounds of the local day: from its midnight to the next, whatever clocks do in between."""
    begin = datetime.combine(local.date(), time(), tzinfo=local.tzinfo)
    return begin, datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=local.tzinfo)

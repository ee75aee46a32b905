"""What dispatch must know of each company, read in a handful of queries however many companies there are."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from db.encryption import is_filled
from db.models import Company, CompanyItem, Offer, Order, ServiceKind, Worker
from routing.orders.dispatching.policy import Candidate, Need
from routing.orders.policy import OrderState

_AT_WORK = (OrderState.ACCEPTED.value, OrderState.VISITING.value)
_COUNTED = (*_AT_WORK, OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)
# Columns, not objects: hundreds of companies are read for each order.
_COMPANIES = (
    select(
        Company.id, CompanyItem.id.is_not(None), Company.districts, Company.active, Company.open_from,
        Company.open_until, Company.daily_capacity, Company.rating_sum, Company.rating_count, Company.latitude,
        Company.longitude, is_filled(Company.phone), Company.radius_km,
    )
    .outerjoin(CompanyItem, and_(CompanyItem.company_id == Company.id, CompanyItem.item_id == bindparam("item_id")))
    .order_by(Company.id)
)  # fmt: skip


def need_of(order: Order) -> Need:
    """Say what an order asks of a company."""
    elder = order.elder
    return Need(order.item_id, elder.district, elder.latitude, elder.longitude)


def is_urgent(session: Session, order: Order) -> bool:
    """Tell whether the order is of a kind that is urgent when it is wanted now."""
    return bool(session.scalar(select(ServiceKind.urgent).where(ServiceKind.code == order.item.kind)))


def candidates(
    session: Session, order: Order, local_now: datetime, asked: frozenset[int], gave_up: frozenset[int] = frozenset()
) -> list[Candidate]:
    """Give all companies as dispatch sees them; `local_now` tells which day is today, `asked` and `gave_up` which of
    them were asked for this order lately, and had it and gave it up."""
    begin, end = _day_of(local_now)
    due_begin, due_end = _day_of(order.due_at.astimezone(local_now.tzinfo))
    orders = _counts(
        session, Order.company_id, Order.due_at >= due_begin, Order.due_at < due_end, Order.state.in_(_COUNTED)
    )
    offers = _counts(session, Offer.company_id, Offer.offered_at >= begin, Offer.offered_at < end)
    offering = select(CompanyItem.company_id).where(CompanyItem.item_id == order.item_id)
    workers = _counts(session, Worker.company_id, Worker.company_id.in_(offering), *_qualified(order, local_now))
    its_item, nothing = frozenset({order.item_id}), frozenset[int]()
    return [
        Candidate(
            company_id=company_id,
            item_ids=its_item if has_item else nothing,
            districts=frozenset(part.strip() for part in districts.split(",") if part.strip()),
            active=active,
            open_from=open_from,
            open_until=open_until,
            daily_capacity=capacity,
            orders_today=orders.get(company_id, 0),
            offers_today=offers.get(company_id, 0),
            qualified_workers=workers.get(company_id, 0),
            rating_sum=rating_sum,
            rating_count=rating_count,
            latitude=latitude,
            longitude=longitude,
            already_asked=company_id in asked,
            has_phone=has_phone,
            radius_km=radius_km,
            gave_up=company_id in gave_up,
        )
        for (
            company_id, has_item, districts, active, open_from, open_until, capacity, rating_sum, rating_count,
            latitude, longitude, has_phone, radius_km,
        ) in session.execute(_COMPANIES, {"item_id": order.item_id})
    ]  # fmt: skip


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

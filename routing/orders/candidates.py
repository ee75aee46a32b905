"""What dispatch must know of each company, read in a handful of queries however many companies there are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from db.models import Company, CompanyItem, Offer, Order, Worker
from routing.orders.certificates import day_of, qualified_for
from routing.orders.policy import Candidate, Need, OrderState

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
    begin, end = day_of(local_now)
    due_begin, due_end = day_of(order.due_at.astimezone(local_now.tzinfo))
    orders = _counts(
        session, Order.company_id, Order.due_at >= due_begin, Order.due_at < due_end, Order.state.in_(_COUNTED)
    )
    offers = _counts(session, Offer.company_id, Offer.offered_at >= begin, Offer.offered_at < end)
    workers = _counts(session, Worker.company_id, *qualified_for(order, local_now))
    return [
        Candidate(
            company_id=company.id,
            item_ids=frozenset({order.item_id}),
            districts=frozenset(part.strip() for part in company.districts.split(",") if part.strip()),
            active=company.active,
            open_from=company.open_from,
            open_until=company.open_until,
            daily_capacity=company.daily_capacity,
            orders_today=orders.get(company.id, 0),
            offers_today=offers.get(company.id, 0),
            qualified_workers=workers.get(company.id, 0),
            rating_sum=company.rating_sum,
            rating_count=company.rating_count,
            latitude=company.latitude,
            longitude=company.longitude,
            already_asked=company.id in asked,
        )
        for company in companies
    ]


def _counts(session: Session, column: object, *conditions: ColumnElement[bool]) -> dict[int, int]:
    rows = session.execute(select(column, func.count()).where(*conditions).group_by(column))  # type: ignore[call-overload]  # A mapped column, whose type SQLAlchemy cannot name.
    return {key: count for key, count in rows if key is not None}

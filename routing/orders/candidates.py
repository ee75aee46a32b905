"""What dispatch must know of each company, read in a handful of queries however many companies there are."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from db.encryption import is_filled
from db.models import Company, CompanyItem, Elder, Offer, Order, ServiceKind, Worker
from routing.orders.certificates import day_of, qualified_for
from routing.orders.dispatching.policy import Candidate, Need
from routing.orders.policy import OrderState
from routing.orders.providers.standings import NOTHING, Known, known_of

_AT_WORK = (OrderState.ACCEPTED.value, OrderState.VISITING.value)
_COUNTED = (*_AT_WORK, OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)
_ORDERS_THAT_DAY = (
    select(func.count().label("count"))
    .where(Order.state.in_(_COUNTED))
    .where(Order.due_at >= bindparam("due_begin"), Order.due_at < bindparam("due_end"))
)
_OFFERS_TODAY = select(func.count().label("count")).where(
    Offer.offered_at >= bindparam("begin"), Offer.offered_at < bindparam("end")
)


def _companies(orders: ColumnElement[int], offers: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    """All companies with what they have to do and were offered: columns, not objects, for there are hundreds."""
    mine = and_(CompanyItem.company_id == Company.id, CompanyItem.item_id == bindparam("item_id"))
    return (
        select(
            Company.id, CompanyItem.id.is_not(None), Company.districts, Company.active, Company.open_from,
            Company.open_until, Company.daily_capacity, orders, offers, Company.rating_sum, Company.rating_count,
            Company.latitude, Company.longitude, is_filled(Company.phone), Company.radius_km,
        )
        .outerjoin(CompanyItem, mine)
        .order_by(Company.id)
    )  # fmt: skip


def _one_by_one() -> Select[*tuple[Any, ...]]:
    """Count the day of each company by the index of its rows: the quickest for SQLite, which makes no hash tables."""
    orders = _ORDERS_THAT_DAY.where(Order.company_id == Company.id).scalar_subquery()
    offers = _OFFERS_TODAY.where(Offer.company_id == Company.id).scalar_subquery()
    has_item = CompanyItem.id.is_not(None)  # Of the others nobody needs to know: they are left out for the item.
    return _companies(case((has_item, orders), else_=0), case((has_item, offers), else_=0))


def _all_at_once() -> Select[*tuple[Any, ...]]:
    """Count the day's rows of all companies in one pass: the quickest for PostgreSQL, five times as quick."""
    have_item = select(CompanyItem.company_id).where(CompanyItem.item_id == bindparam("item_id"))
    of_order, of_offer = Order.company_id.in_(have_item), Offer.company_id.in_(have_item)
    orders = _ORDERS_THAT_DAY.add_columns(Order.company_id).where(of_order).group_by(Order.company_id).subquery()
    offers = _OFFERS_TODAY.add_columns(Offer.company_id).where(of_offer).group_by(Offer.company_id).subquery()
    return (
        _companies(func.coalesce(orders.c.count, 0), func.coalesce(offers.c.count, 0))
        .outerjoin(orders, orders.c.company_id == Company.id)
        .outerjoin(offers, offers.c.company_id == Company.id)
    )


# Made once: making such a statement takes longer than a database needs to answer it.
_COMPANIES = {"sqlite": _one_by_one(), "postgresql": _all_at_once()}
_PLACE = select(Elder.district, Elder.latitude, Elder.longitude).where(Elder.id == bindparam("elder_id"))


def need_of(session: Session, order: Order) -> Need:
    """Say what an order asks of a company. Of the elder only the place is read and opened."""
    place = session.connection().execute(_PLACE, {"elder_id": order.elder_id}).one()
    return Need(order.item_id, *place)


@lru_cache(maxsize=4_096)
def _districts(text: str) -> frozenset[str]:
    """Read the districts of a company: text, and so the same whenever it is read."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def is_urgent(session: Session, order: Order) -> bool:
    """Tell whether the order is of a kind that is urgent when it is wanted now."""
    return bool(session.scalar(select(ServiceKind.urgent).where(ServiceKind.code == order.item.kind)))


def candidates(
    session: Session, order: Order, local_now: datetime, asked: frozenset[int], gave_up: frozenset[int] = frozenset()
) -> list[Candidate]:
    """Give all companies as dispatch sees them; `local_now` tells which day is today, `asked` and `gave_up` which of
    them were asked for this order lately, and had it and gave it up."""
    begin, end = day_of(local_now)
    due_begin, due_end = day_of(order.due_at.astimezone(local_now.tzinfo))
    days = {"begin": begin, "end": end, "due_begin": due_begin, "due_end": due_end, "item_id": order.item_id}
    connection = session.connection()
    able = exists().where(Worker.company_id == CompanyItem.company_id, *qualified_for(order, local_now))
    qualified = set(
        connection.scalars(select(CompanyItem.company_id).where(CompanyItem.item_id == order.item_id, able))
    )
    known, today = known_of(session, local_now), due_begin == begin
    its_item, nothing = frozenset({order.item_id}), frozenset[int]()
    return [
        Candidate(  # By position, in the order of its fields: with names it takes three times as long.
            company_id, its_item if has_item else nothing, _districts(districts), active, open_from, open_until,
            _capacity(capacity, its, today=today), orders, offers, int(company_id in qualified), rating_sum,
            rating_count, latitude, longitude, company_id in asked, its.acceptance, its.punctuality, its.suspended,
            has_phone, radius_km, company_id in gave_up, its.paused,
        )
        for (
            company_id, has_item, districts, active, open_from, open_until, capacity, orders, offers, rating_sum,
            rating_count, latitude, longitude, has_phone, radius_km,
        ) in connection.execute(_COMPANIES[connection.dialect.name], days).all()
        for its in (known.get(company_id, NOTHING),)
    ]  # fmt: skip


def _capacity(on_record: int, known: Known, *, today: bool) -> int:
    """What a company has said for today counts for orders of today only."""
    return known.capacity if today and known.capacity is not None else on_record

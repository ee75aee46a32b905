"""What dispatch must know of an order and of each company, read in a handful of short queries.

Columns, not objects: there are hundreds of companies, and somebody waits. Statements are made once: making one takes
longer than a database needs to answer it.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

from db.encryption import is_filled
from db.models import (
    Company,
    CompanyItem,
    CompanyStanding,
    Elder,
    Offer,
    Order,
    OrderPlan,
    ServiceItem,
    ServiceKind,
    Worker,
)
from routing.orders.certificates import day_of, qualified_workers
from routing.orders.dispatching.policy import Candidate, Need, at_first_sight
from routing.orders.dispatching.preferring import PREFERRED
from routing.orders.policy import OrderState
from routing.orders.providers.standings import NOTHING, Known, known_of

_AT_WORK = (OrderState.ACCEPTED.value, OrderState.VISITING.value)
_NO_ITEMS: frozenset[int] = frozenset()
_NO_DISTRICTS: frozenset[str] = frozenset()
_COUNTED = (*_AT_WORK, OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)
_ITEM = CompanyItem.item_id == bindparam("item_id")


class Asking(NamedTuple):
    """An order that asks for a company. `required`: the certificates of its item. `urgent`: so is its kind."""

    order_id: int
    item_id: int
    due_at: datetime
    required: str
    urgent: bool
    need: Need


_ASKING = (
    select(
        Order.item_id, Order.due_at, ServiceItem.required_certificate, ServiceKind.urgent, Elder.district,
        Elder.latitude, Elder.longitude, PREFERRED,
    )
    .join(ServiceItem, ServiceItem.id == Order.item_id)
    .join(ServiceKind, ServiceKind.code == ServiceItem.kind)
    .join(Elder, Elder.id == Order.elder_id)
    .outerjoin(OrderPlan, OrderPlan.id == Order.plan_id)
    .outerjoin(Worker, Worker.id == OrderPlan.worker_id)
    .where(Order.id == bindparam("order_id"))
)  # fmt: skip
_OFFER_IT = (
    select(
        Company.id, Company.districts, Company.active, Company.open_from, Company.open_until, Company.daily_capacity,
        Company.rating_sum, Company.rating_count, Company.latitude, Company.longitude, is_filled(Company.phone),
        Company.radius_km, CompanyStanding.acceptance, CompanyStanding.punctuality,
    )
    .join(CompanyItem, and_(CompanyItem.company_id == Company.id, _ITEM))
    .outerjoin(CompanyStanding, CompanyStanding.company_id == Company.id)
)  # fmt: skip
_DO_NOT = select(Company.id, Company.active).where(~exists().where(CompanyItem.company_id == Company.id, _ITEM))
_ORDERS_THAT_DAY = select(func.count()).where(
    Order.company_id == Company.id, Order.state.in_([literal_column(f"'{state}'") for state in _COUNTED]),
    Order.due_at >= bindparam("due_begin"), Order.due_at < bindparam("due_end"),
)  # fmt: skip
_OFFERS_TODAY = select(func.count()).where(
    Offer.company_id == Company.id, Offer.offered_at >= bindparam("begin"), Offer.offered_at < bindparam("end")
)


def asking(session: Session, order_id: int) -> Asking | None:
    """Give what an order asks of a company, if it is there. Of the elder only the place is read and opened."""
    row = session.connection().execute(_ASKING, {"order_id": order_id}).one_or_none()
    if row is None:
        return None
    item_id, due_at, required, urgent, district, latitude, longitude, preferred = row
    need = Need(item_id, district, latitude, longitude, preferred)
    return Asking(order_id, item_id, due_at, required, urgent, need)


@lru_cache(maxsize=256)
def _day_of_some(required: str, dialect: str) -> Select[*tuple[Any, ...]]:
    """Ask of the companies in `ids` what they have to do and were offered, and whether they have somebody who holds
    what the item requires on the day on which it is due. Each is answered by the index of its rows."""
    due_day = bindparam("due_day", type_=Date)
    able = select(Worker.id).where(Worker.company_id == Company.id, *qualified_workers(required, due_day)).limit(1)
    ids = func.json_each(bindparam("ids")).table_valued("value")
    among: ColumnElement[bool] = Company.id.in_(select(ids.c.value))
    if dialect == "postgresql":  # As one text: the driver takes ten times as long to write an array number by number.
        # The text's type is left open, so that it is read once, as the parameter comes, and not for each company.
        among = Company.id == text("ANY(CAST(:ids AS INTEGER[]))")
    return select(
        Company.id, _ORDERS_THAT_DAY.scalar_subquery(), _OFFERS_TODAY.scalar_subquery(),
        able.scalar_subquery().is_not(None),
    ).where(among)  # fmt: skip


@lru_cache(maxsize=4_096)
def _districts(listed: str) -> frozenset[str]:
    """Read the districts of a company: text, and so the same whenever it is read."""
    return frozenset(part.strip() for part in listed.split(",") if part.strip())


def candidates(
    session: Session, order: Asking, local_now: datetime, asked: frozenset[int], gave_up: frozenset[int] = frozenset()
) -> list[Candidate]:
    """Give all companies as dispatch sees them; `local_now` tells which day is today, `asked` and `gave_up` which of
    them were asked for this order lately, and had it and gave it up.

    The day is counted, and workers are looked for, of those alone whom nothing else rules out before.
    """
    connection, minute = session.connection(), local_now.hour * 60 + local_now.minute
    today = day_of(local_now) == day_of(order.due_at.astimezone(local_now.tzinfo))
    known, item, its_item = known_of(session, local_now), {"item_id": order.item_id}, frozenset({order.item_id})
    found = [
        Candidate(company_id, _NO_ITEMS, _NO_DISTRICTS, active, 0, 0, 0, 0, 0, 0, 0, 0)
        for company_id, active in connection.execute(_DO_NOT, item).all()
    ]
    offer_it = [
        Candidate(  # By position, in the order of its fields: with names it takes three times as long.
            company_id, its_item, _districts(districts), active, open_from, open_until,
            _capacity(capacity, its, today=today), 0, 0, 0, rating_sum, rating_count, latitude, longitude,
            company_id in asked, acceptance, punctuality, its.suspended, has_phone, radius_km, company_id in gave_up,
            its.paused,
        )
        for (
            company_id, districts, active, open_from, open_until, capacity, rating_sum, rating_count, latitude,
            longitude, has_phone, radius_km, acceptance, punctuality,
        ) in connection.execute(_OFFER_IT, item).all()
        for its in (known.get(company_id, NOTHING),)
    ]  # fmt: skip
    close = [each.company_id for each in offer_it if at_first_sight(order.need, each, minute) is None]
    days = _days(session, order, local_now, close) if close else {}
    for each in offer_it:
        counted = days.get(each.company_id)
        found.append(each if counted is None else Candidate._make((*each[:7], *counted, *each[10:])))
    found.sort(key=itemgetter(0))
    return found


def _days(
    session: Session, order: Asking, local_now: datetime, ids: list[int]
) -> dict[int, tuple[int, int, int]]:  # fmt: skip
    """Give orders of the day on which it is due, offers of today, and whether somebody can be sent (1, or 0)."""
    local_due = order.due_at.astimezone(local_now.tzinfo)
    (begin, end), (due_begin, due_end) = day_of(local_now), day_of(local_due)
    connection = session.connection()
    rows = connection.execute(
        _day_of_some(order.required, connection.dialect.name),
        {
            "begin": begin, "end": end, "due_begin": due_begin, "due_end": due_end, "due_day": local_due.date(),
            "ids": ("{%s}" if connection.dialect.name == "postgresql" else "[%s]") % ",".join(map(str, ids)),
        },
    )  # fmt: skip
    return {company_id: (orders, offers, int(able)) for company_id, orders, offers, able in rows.all()}


def _capacity(on_record: int, known: Known, *, today: bool) -> int:
    """What a company has said for today counts for orders of today only."""
    return known.capacity if today and known.capacity is not None else on_record

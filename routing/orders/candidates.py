"""What dispatch must know of an order and of each company, read in a handful of short queries.

Columns, not objects: there are hundreds of companies, and somebody waits. Statements are made once: making one takes
longer than a database needs to answer it.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, String, and_, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from db.encryption import is_filled
from db.models import (
    Company,
    CompanyDay,
    CompanyItem,
    CompanyStanding,
    Elder,
    Order,
    OrderPlan,
    ServiceItem,
    ServiceKind,
    Worker,
)
from routing.errors import NotFound
from routing.orders.certificates import qualified_workers
from routing.orders.dispatching.policy import Candidate, LeftOut, Need, Why
from routing.orders.dispatching.preferring import PREFERRED
from routing.orders.providers.standings import NOTHING, Known, known_of

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
_WISH = (
    select(ServiceItem.required_certificate, ServiceKind.urgent, Elder.district, Elder.latitude, Elder.longitude)
    .join(ServiceKind, ServiceKind.code == ServiceItem.kind)
    .join(Elder, Elder.id == bindparam("elder_id"))
    .where(ServiceItem.id == bindparam("item_id"))
)
_DUE, _NOW = aliased(CompanyDay), aliased(CompanyDay)
_DO_NOT = (
    select(Company.active, func.aggregate_strings(cast(Company.id, String), ","))
    .where(~exists().where(CompanyItem.company_id == Company.id, _ITEM))
    .group_by(Company.active)
)
"""The ids of all that do not offer it, in one text: hundreds of rows would take as long as all that is weighed."""


def asking(session: Session, order_id: int) -> Asking | None:
    """Give what an order asks of a company, if it is there. Of the elder only the place is read and opened."""
    row = session.connection().execute(_ASKING, {"order_id": order_id}).one_or_none()
    if row is None:
        return None
    item_id, due_at, required, urgent, district, latitude, longitude, preferred = row
    need = Need(item_id, district, latitude, longitude, preferred)
    return Asking(order_id, item_id, due_at, required, urgent, need)


def asking_for(session: Session, elder_id: int, item_id: int, due_at: datetime) -> Asking:
    """Give what an order of this item would ask of a company; it has no number yet, and so 0. Raises NotFound."""
    row = session.connection().execute(_WISH, {"elder_id": elder_id, "item_id": item_id}).one_or_none()
    if row is None:
        raise NotFound(f"there is no elder {elder_id}, or no item {item_id}")
    required, urgent, district, latitude, longitude = row
    return Asking(0, item_id, due_at, required, urgent, Need(item_id, district, latitude, longitude, None))


@lru_cache(maxsize=256)
def _offer_it(required: str) -> Select[*tuple[Any, ...]]:
    """Ask of the companies that offer an item what is on their record, what they have to do on the day on which the
    order is due, what they were offered today, and whether they have somebody who holds what it requires."""
    # As a sought row, not as EXISTS: a database answers that one by reading the workers of all companies first.
    due = bindparam("due", type_=Date)
    able = select(Worker.id).where(Worker.company_id == Company.id, *qualified_workers(required, due)).limit(1)
    return (
        select(
            Company.id, Company.districts, Company.active, Company.open_from, Company.open_until,
            Company.daily_capacity, func.coalesce(_DUE.orders, 0), func.coalesce(_NOW.offers, 0),
            able.scalar_subquery().is_not(None),
            Company.rating_sum, Company.rating_count, Company.latitude, Company.longitude, is_filled(Company.phone),
            Company.radius_km, CompanyStanding.acceptance, CompanyStanding.punctuality,
        )
        .join(CompanyItem, and_(CompanyItem.company_id == Company.id, _ITEM))
        .outerjoin(CompanyStanding, CompanyStanding.company_id == Company.id)
        .outerjoin(_DUE, and_(_DUE.company_id == Company.id, _DUE.day == due))
        .outerjoin(_NOW, and_(_NOW.company_id == Company.id, _NOW.day == bindparam("today", type_=Date)))
    )  # fmt: skip


@lru_cache(maxsize=4_096)
def _districts(listed: str) -> frozenset[str]:
    """Read the districts of a company: text, and so the same whenever it is read."""
    return frozenset(part.strip() for part in listed.split(",") if part.strip())


class Field(NamedTuple):
    """All companies as dispatch sees them: those that offer the item, and the others, who are left out."""

    offer_it: list[Candidate]
    others: list[LeftOut]


def candidates(
    session: Session, order: Asking, local_now: datetime, asked: frozenset[int], gave_up: frozenset[int] = frozenset()
) -> Field:
    """Give all companies; `local_now` tells which day is today, `asked` and `gave_up` which of them were asked for this
    order lately, and had it and gave it up."""
    connection = session.connection()
    day, due = local_now.date(), order.due_at.astimezone(local_now.tzinfo).date()
    known, its_item, today = known_of(session, local_now), frozenset({order.item_id}), day == due
    others = [
        LeftOut(int(company_id), Why.ITEM if active else Why.INACTIVE)
        for active, ids in connection.execute(_DO_NOT, {"item_id": order.item_id}).all()
        for company_id in ids.split(",")
    ]
    asks = {"item_id": order.item_id, "due": due, "today": day}
    offer_it = [
        Candidate(  # By position, in the order of its fields: with names it takes three times as long.
            company_id, its_item, _districts(districts), active, open_from, open_until,
            _capacity(capacity, its, today=today), orders, offers, able, rating_sum, rating_count, latitude, longitude,
            company_id in asked, acceptance, punctuality, its.suspended, has_phone, radius_km, company_id in gave_up,
            its.paused,
        )
        for (
            company_id, districts, active, open_from, open_until, capacity, orders, offers, able, rating_sum,
            rating_count, latitude, longitude, has_phone, radius_km, acceptance, punctuality,
        ) in connection.execute(_offer_it(order.required), asks).all()
        for its in (known.get(company_id, NOTHING),)
    ]  # fmt: skip
    return Field(offer_it, others)


def _capacity(on_record: int, known: Known, *, today: bool) -> int:
    """What a company has said for today counts for orders of today only."""
    return known.capacity if today and known.capacity is not None else on_record

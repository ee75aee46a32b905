"""What elders ask for, by kind of service and by district, beside how many of them are registered there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.models import CallRecord, Case, Elder, Order, ServiceItem, ServiceKind
from routing.orders.policy import OrderState
from routing.reports.tables import Column, Kind, Picture, Table, Value, share

_DONE = (OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)
_KINDS = (
    Column("kind", Kind.NAME), Column("orders"), Column("orders_share", Kind.SHARE), Column("done"),
    Column("cancelled"), Column("per_1000", Kind.RATE),
)  # fmt: skip
_DISTRICTS = (
    Column("district", Kind.TEXT), Column("elders"), Column("orders"), Column("per_1000", Kind.RATE),
    Column("elders_calls"), Column("calls_per_1000", Kind.RATE), Column("sos_cases"),
)  # fmt: skip
_BOTH = (
    Column("district", Kind.TEXT), Column("kind", Kind.NAME), Column("orders"), Column("done"), Column("cancelled"),
    Column("per_1000", Kind.RATE),
)  # fmt: skip
ELSEWHERE = "–"
"""The district of those of whom none is known."""


def demand_tables(session: Session, begin: datetime, end: datetime) -> tuple[Table, Table, Table]:
    """Draw up what was ordered between two instants: by kind, by district, and by both."""
    elders = _by_district(session, select(Elder.district, func.count()).where(Elder.state == "active"))
    calls = _by_district(
        session,
        select(Elder.district, func.count())
        .join(CallRecord, CallRecord.elder_id == Elder.id)
        .where(CallRecord.direction == "inbound", CallRecord.started_at >= begin, CallRecord.started_at < end),
    )
    cries = _by_district(
        session,
        select(Elder.district, func.count())
        .join(Case, Case.elder_id == Elder.id)
        .where(Case.kind == "sos", Case.opened_at >= begin, Case.opened_at < end),
    )
    both = _orders(session, begin, end)
    kinds, districts = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    for (district, kind), counted in both.items():
        kinds[kind].update(counted)
        districts[district].update(counted)
    number, orders = sum(elders.values()), sum(each["orders"] for each in kinds.values())
    named = {row.name: row.name_en for row in session.execute(select(ServiceKind.name, ServiceKind.name_en))}
    of_kinds: list[tuple[Value, ...]] = [
        (kind, each["orders"], share(each["orders"], orders), each["done"], each["cancelled"],
         per_1000(each["orders"], number))
        for kind, each in sorted(kinds.items(), key=lambda pair: (-pair[1]["orders"], pair[0]))
    ]  # fmt: skip
    of_districts: list[tuple[Value, ...]] = [
        (place, elders[place], districts[place]["orders"], per_1000(districts[place]["orders"], elders[place]),
         calls[place], per_1000(calls[place], elders[place]), cries[place])
        for place in sorted({*elders, *districts, *calls, *cries})
    ]  # fmt: skip
    of_both: list[tuple[Value, ...]] = [
        (district, kind, each["orders"], each["done"], each["cancelled"], per_1000(each["orders"], elders[district]))
        for (district, kind), each in sorted(both.items())
    ]
    done, gone = (sum(each[name] for each in kinds.values()) for name in ("done", "cancelled"))
    sums = ("", orders, share(orders, orders), done, gone, per_1000(orders, number))
    total = sum(calls.values())
    everywhere = (
        "", number, orders, per_1000(orders, number), total, per_1000(total, number), sum(cries.values()),
    )  # fmt: skip
    return (
        Table("kinds", _with_names(_KINDS, named), tuple(of_kinds), sums, Picture(bars=("orders", "cancelled"))),
        Table("districts", _DISTRICTS, tuple(of_districts), everywhere, Picture(bars=("per_1000", "calls_per_1000"))),
        Table("kinds_districts", _with_names(_BOTH, named), tuple(of_both)),
    )


def per_1000(number: int, elders: int) -> float | None:
    """Give a count for each 1,000 registered elders; None where none is registered."""
    return 1000 * number / elders if elders else None


def _with_names(columns: tuple[Column, ...], english: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(replace(each, english=english) if each.kind is Kind.NAME else each for each in columns)


def _by_district(session: Session, query: object) -> Counter[str]:
    found: Counter[str] = Counter()
    for district, number in session.execute(query.group_by(Elder.district)):  # type: ignore[attr-defined]  # A Select.
        found[district or ELSEWHERE] += number
    return found


def _orders(session: Session, begin: datetime, end: datetime) -> dict[tuple[str, str], Counter[str]]:
    done = func.sum(case((Order.state.in_(_DONE), 1), else_=0))
    gone = func.sum(case((Order.state == OrderState.CANCELLED.value, 1), else_=0))
    query = (
        select(Elder.district, ServiceKind.name, func.count(), done, gone)
        .select_from(Order)
        .join(Elder, Elder.id == Order.elder_id)
        .join(ServiceItem, ServiceItem.id == Order.item_id)
        .join(ServiceKind, ServiceKind.code == ServiceItem.kind)
        .where(Order.created_at >= begin, Order.created_at < end)
        .group_by(Elder.district, ServiceKind.name)
    )
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for district, kind, number, right, wrong in session.execute(query):
        found[district or ELSEWHERE, kind].update(orders=number, done=int(right), cancelled=int(wrong))
    return found

"""What happened with companies, counted by the database: a handful of grouped queries, however many orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Label, Select, SQLColumnExpression, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from db.intervals import seconds_between
from db.models import Case, Offer, Order, OrderEvent, Rating, Visit
from routing.orders.policy import OrderState
from routing.orders.scorecards.policy import FORGOTTEN, ON_TIME, Counts

Bounds = Sequence[datetime]
"""Instants in order: between each and the next is a period, which is known by its number from 0."""
Key = tuple[int, int]
"""Id of the company, number of the period."""

PERIOD = "period"
_OFFERS = {"accepted": "accepted", "declined": "declined", "expired": "expired"}
"""State of an offer and what it counts as; open and withdrawn ones say nothing of the company."""
_ANSWERED = ("accepted", "declined")
_EVENTS = {OrderState.DONE.value: "done", OrderState.DISPUTED.value: "disputes"}


def count(session: Session, bounds: Bounds, now: datetime, company_id: int | None = None) -> dict[Key, Counts]:
    """Count per company (or for one) and period. Who is not there did nothing."""
    found: dict[Key, dict[str, int]] = defaultdict(lambda: {each.name: 0 for each in fields(Counts)})
    for parts in (_offers, _visits, _ratings, _complaints, _events):
        for company, period, name, number in parts(session, bounds, now, company_id):
            found[company, period][name] += number
    return {key: Counts(**counted) for key, counted in found.items()}


def declined_for(session: Session, bounds: Bounds, company_id: int | None = None) -> dict[Key, dict[str, int]]:
    """Count the reasons for declining."""
    period = _period(Offer.offered_at, bounds)
    query = (
        select(Offer.company_id, period, Offer.decline_reason, func.count())
        .where(*_within(Offer.offered_at, bounds), Offer.state == "declined")
        .group_by(Offer.company_id, PERIOD, Offer.decline_reason)
    )
    found: dict[Key, dict[str, int]] = {}
    for company, at, reason, number in session.execute(_of(query, Offer.company_id, company_id)):
        found.setdefault((company, at), {})[reason] = number
    return found


def answer_medians(session: Session, bounds: Bounds, company_id: int | None = None) -> dict[Key, float]:
    """Give the median seconds from an offer to the company's answer; the database sorts, and hands out the middle."""
    taken = seconds_between(Offer.offered_at, Offer.answered_at).label("taken")
    answered: Select[*tuple[Any, ...]] = select(Offer.company_id, _period(Offer.offered_at, bounds), taken).where(
        *_within(Offer.offered_at, bounds), Offer.state.in_(_ANSWERED), Offer.answered_at.is_not(None)
    )
    each = _of(answered, Offer.company_id, company_id).subquery()
    key = (each.c.company_id, each.c.period)
    place = func.row_number().over(partition_by=key, order_by=each.c.taken).label("place")
    rows = select(*key, each.c.taken, place, func.count().over(partition_by=key).label("number")).subquery()
    # Of an odd number one row fulfils this, of an even number the two in the middle.
    middle = (rows.c.place * 2).between(rows.c.number, rows.c.number + 2)
    query = select(rows.c.company_id, rows.c.period, func.avg(rows.c.taken)).where(middle)
    found = session.execute(query.group_by(rows.c.company_id, rows.c.period))
    return {(company, at): float(seconds) for company, at, seconds in found}


_Counted = Iterator[tuple[int, int, str, int]]


def _offers(session: Session, bounds: Bounds, _now: datetime, company_id: int | None) -> _Counted:
    period = _period(Offer.offered_at, bounds)
    query = (
        select(Offer.company_id, period, Offer.state, func.count())
        .where(*_within(Offer.offered_at, bounds), Offer.state.in_(_OFFERS))
        .group_by(Offer.company_id, PERIOD, Offer.state)
    )
    for company, at, state, number in session.execute(_of(query, Offer.company_id, company_id)):
        yield company, at, _OFFERS[state], number


def _visits(session: Session, bounds: Bounds, now: datetime, company_id: int | None) -> _Counted:
    # A visit of which only the end is known counts by that, and is proved by nothing.
    seen_at = func.coalesce(Visit.checked_in_at, Visit.checked_out_at)
    unseen = and_(Visit.checked_in_at.is_(None), *_within(Visit.checked_out_at, bounds))
    period = _period(seen_at, bounds)
    over = or_(Visit.checked_out_at.is_not(None), Visit.checked_in_at < now - FORGOTTEN)
    proved = and_(Visit.in_verified, Visit.out_verified.is_(True))
    late = seconds_between(Order.due_at, Visit.checked_in_at)
    limit = ON_TIME.total_seconds() + 0.001  # A day's fraction in SQLite is off by some microseconds.
    counted = {
        "begun": case((Visit.checked_in_at.is_not(None), 1), else_=0),
        "visits": case((over, 1), else_=0),
        "verified": case((and_(over, proved), 1), else_=0),
        "on_time": case((late.between(-limit, limit), 1), else_=0),
    }
    sums = [cast(func.sum(each), Integer) for each in counted.values()]
    query = (
        select(Order.company_id, period, *sums)
        .select_from(Visit)
        .join(Order, Order.id == Visit.order_id)
        .where(or_(and_(*_within(Visit.checked_in_at, bounds)), unseen), Order.company_id.is_not(None))
        .group_by(Order.company_id, PERIOD)
    )
    for company, at, *numbers in session.execute(_of(query, Order.company_id, company_id)):
        yield from ((company, at, name, number) for name, number in zip(counted, numbers, strict=True))


def _ratings(session: Session, bounds: Bounds, _now: datetime, company_id: int | None) -> _Counted:
    """One score for each order: the elder's latest word, whatever its channel."""
    period, later = _period(Rating.at, bounds), aliased(Rating)
    newer = exists().where(
        later.order_id == Rating.order_id, later.score.is_not(None),
        or_(later.at > Rating.at, and_(later.at == Rating.at, later.id > Rating.id)),
    )  # fmt: skip
    query = (
        select(Order.company_id, period, cast(func.sum(Rating.score), Integer), func.count())
        .select_from(Rating)
        .join(Order, Order.id == Rating.order_id)
        .where(*_within(Rating.at, bounds), Rating.score.is_not(None), Order.company_id.is_not(None), ~newer)
        .group_by(Order.company_id, PERIOD)
    )
    for company, at, score_sum, number in session.execute(_of(query, Order.company_id, company_id)):
        yield company, at, "score_sum", score_sum
        yield company, at, "score_count", number


def _complaints(session: Session, bounds: Bounds, _now: datetime, company_id: int | None) -> _Counted:
    period = _period(Case.opened_at, bounds)
    upheld = cast(func.sum(case((Case.result == "upheld", 1), else_=0)), Integer)
    query = (
        select(Order.company_id, period, func.count(), upheld)
        .select_from(Case)
        .join(Order, Order.id == Case.order_id)
        .where(Case.kind == "complaint", *_within(Case.opened_at, bounds), Order.company_id.is_not(None))
        .group_by(Order.company_id, PERIOD)
    )
    for company, at, number, right in session.execute(_of(query, Order.company_id, company_id)):
        yield company, at, "complaints", number
        yield company, at, "upheld", right


def _events(session: Session, bounds: Bounds, _now: datetime, company_id: int | None) -> _Counted:
    period = _period(OrderEvent.at, bounds)
    query = (
        select(Order.company_id, period, OrderEvent.to_state, func.count(OrderEvent.order_id.distinct()))
        .select_from(OrderEvent)
        .join(Order, Order.id == OrderEvent.order_id)
        .where(OrderEvent.to_state.in_(_EVENTS), *_within(OrderEvent.at, bounds), Order.company_id.is_not(None))
        .group_by(Order.company_id, PERIOD, OrderEvent.to_state)
    )
    for company, at, state, number in session.execute(_of(query, Order.company_id, company_id)):
        yield company, at, _EVENTS[state], number


def _of(
    query: Select[*tuple[Any, ...]], column: InstrumentedAttribute[Any], company_id: int | None
) -> Select[*tuple[Any, ...]]:
    return query if company_id is None else query.where(column == company_id)


def _within(column: SQLColumnExpression[Any], bounds: Bounds) -> tuple[Any, ...]:
    return column >= bounds[0], column < bounds[-1]


def _period(column: SQLColumnExpression[Any], bounds: Bounds) -> Label[int]:
    """The number of the period in which an instant lies. To group by it, name it: PERIOD."""
    at = case(*((column < bound, at) for at, bound in enumerate(bounds[1:])), else_=len(bounds) - 2)
    return at.label(PERIOD)

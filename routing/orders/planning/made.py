"""What ties an order to the plan that it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Planned:
    """The plan of an order, its date by the rule, and from when on it is offered.

    `confirm` runs first in the unit of work that writes the order; what it raises, the order is not written.
    """

    plan_id: int
    day: date
    dispatch_from: datetime
    confirm: Callable[[Session], None]


@dataclass(frozen=True)
class PlanTimes:
    """When orders of plans are made and offered; times of day are local in `zone`."""

    zone: ZoneInfo
    ahead_days: int = 3
    offer_before: timedelta = timedelta(hours=5)
    """An order is offered so long before it is due, if no batch gave it to a company before."""
    companies_from: time = time(7, 30)
    companies_until: time = time(20)
    """Nobody is rung about a planned order outside these."""
    batch_from: time = time(1)


ROOM = timedelta(hours=2)
"""An order that is due sooner than this after companies can be rung is offered the evening before."""


def order_key(plan_id: int, day: date, slot: int) -> str:
    """Name the one order of a plan, a date of its rule, and a time of that day."""
    return f"plan-{plan_id}-{day.isoformat()}-{slot}"


def dispatch_from(due_at: datetime, times: PlanTimes) -> datetime:
    """Tell from when on an order of a plan is offered: some hours ahead, and not while companies sleep."""
    at = (due_at - times.offer_before).astimezone(times.zone)
    opens = datetime.combine(at.date(), times.companies_from, times.zone)
    closes = datetime.combine(at.date(), times.companies_until, times.zone)
    if opens <= at <= closes:
        return at
    if at > closes:
        return closes - ROOM
    if due_at - opens >= ROOM:
        return opens
    return datetime.combine(at.date() - timedelta(days=1), times.companies_until, times.zone) - ROOM

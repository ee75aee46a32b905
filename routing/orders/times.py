"""Which times a caller can be offered for a visit. Pure: the time on the wall in, a decision with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from routing.orders.policy import promised_for

PROMISED_FROM, PROMISED_UNTIL, MORNING = time(7), time(20), time(9)
"""Local times between which a visit is promised, and the one that is meant by tomorrow morning."""


@dataclass(frozen=True)
class Times:
    """Local times that can be promised, with the reason; `today` is None when it is too late for that."""

    today: datetime | None
    tomorrow: datetime
    reason: str


def times_for(local_now: datetime, *, day_and_night: bool = False) -> Times:
    """Tell which times can be offered to a caller: as soon as possible, unless that is at night, and tomorrow morning.

    What is wanted before dawn is promised for when the day begins. Services of day and night have no such hours.
    """
    soonest = promised_for(local_now)
    tomorrow = datetime.combine(local_now.date() + timedelta(days=1), MORNING, local_now.tzinfo)
    first = datetime.combine(local_now.date(), PROMISED_FROM, local_now.tzinfo)
    last = datetime.combine(local_now.date(), PROMISED_UNTIL, local_now.tzinfo)
    if day_and_night:
        return Times(soonest, tomorrow, "served by day and by night")
    if soonest > last:
        return Times(None, tomorrow, f"the soonest, {soonest:%H:%M}, is after {PROMISED_UNTIL:%H:%M}")
    if soonest < first:
        return Times(first, tomorrow, f"the soonest, {soonest:%H:%M}, is before {PROMISED_FROM:%H:%M}")
    return Times(soonest, tomorrow, f"the soonest is {soonest:%H:%M}")

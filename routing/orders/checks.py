"""What is looked at before an order is placed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.orders.errors import BadDue

LATE = timedelta(minutes=5)
"""A form that was filled in for now is sent a little later."""
FARTHEST = timedelta(days=365)
"""Nobody orders for longer ahead by a single order; who does has mistaken the year, or wants a plan."""


@dataclass(frozen=True)
class Served:
    """Whether any company serves a place, and why not."""

    served: bool
    reason: str = ""


def check_due(due_at: datetime, now: datetime) -> None:
    """Raise BadDue for a time that is past, or more than a year away."""
    if due_at < now - LATE:
        raise BadDue("the time is past: give one from now on, or none for as soon as possible")
    if due_at > now + FARTHEST:
        raise BadDue("the time is more than a year away: look at the year, or make a plan for what comes again")


def served(district: str, districts: Sequence[str]) -> Served:
    """Tell whether a company serves a district; `districts` are those of each company that offers the item, with
    commas, and empty means all."""
    if not districts:
        return Served(False, "no company offers this now")
    if any(not each.strip() or district in {part.strip() for part in each.split(",")} for each in districts):
        return Served(True)
    return Served(False, f"no company serves {district or 'an elder whose record has no district'}")

"""What may happen to a work order, and when. Pure: values in, decisions out.

What a person or a machine does to an order is a command (commands.py); which company is asked: dispatching/policy.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class OrderState(StrEnum):
    """Where a work order stands. An order is unassigned when no company took it: a supervisor decides."""

    REQUESTED = "requested"
    OFFERED = "offered"
    UNASSIGNED = "unassigned"
    ACCEPTED = "accepted"
    VISITING = "visiting"
    DONE = "done"
    RATED = "rated"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


_S = OrderState
MOVES: Mapping[OrderState, frozenset[OrderState]] = MappingProxyType(
    {
        # To accepted without an offer: somebody gives it to a company that agreed otherwise.
        _S.REQUESTED: frozenset({_S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.CANCELLED}),
        # Back to requested: declined or expired, and so on to the next company.
        _S.OFFERED: frozenset({_S.ACCEPTED, _S.REQUESTED, _S.CANCELLED}),
        _S.UNASSIGNED: frozenset({_S.REQUESTED, _S.ACCEPTED, _S.CANCELLED}),
        _S.ACCEPTED: frozenset({_S.VISITING, _S.REQUESTED, _S.CANCELLED, _S.DISPUTED}),
        _S.VISITING: frozenset({_S.DONE, _S.DISPUTED}),
        _S.DONE: frozenset({_S.RATED, _S.DISPUTED, _S.CLOSED}),
        # The elder's latest word wins, also when it comes late.
        _S.RATED: frozenset({_S.CLOSED, _S.DISPUTED}),
        _S.CLOSED: frozenset({_S.DISPUTED}),
        _S.DISPUTED: frozenset({_S.RATED, _S.CLOSED, _S.CANCELLED}),
        _S.CANCELLED: frozenset(),
    }
)
"""The one table of allowed moves."""

OPEN = frozenset({_S.REQUESTED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.VISITING})
"""States of an order that the elder still waits for."""

TWICE_WITHIN = timedelta(minutes=10)
"""The same item ordered again within this time is asked about, not silently doubled."""


def may_move(state: OrderState, to: OrderState) -> bool:
    """Tell whether the table allows the move."""
    return to in MOVES[state]


def is_repeat(ordered_at: datetime, now: datetime) -> bool:
    """Tell whether an order for the same item, placed at `ordered_at`, makes a new one look like a slip."""
    return timedelta(0) <= now - ordered_at < TWICE_WITHIN


def promised_for(now: datetime) -> datetime:
    """Give the time by which a service that is wanted now is promised: the half hour that is two hours ahead."""
    ahead = now + timedelta(hours=2)
    return ahead + (datetime.min.replace(tzinfo=ahead.tzinfo) - ahead) % timedelta(minutes=30)


class CancelBy(StrEnum):
    """Who can cancel an order for the elder who waits for it."""

    KEY = "key"
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Cancelling:
    """Who can cancel, and why."""

    by: CancelBy
    reason: str


ON_THE_WAY = timedelta(hours=1)
"""From so long before the promised time on, a worker may be on the way, and somebody has to ring them."""


def cancelling(state: OrderState, due_at: datetime, now: datetime) -> Cancelling:
    """Tell whether an elder cancels an order by key, or only a person can. The table of moves decides at last."""
    if state is OrderState.VISITING:
        return Cancelling(CancelBy.PERSON, "the worker is with the elder")
    if state not in OPEN:
        return Cancelling(CancelBy.NOBODY, f"the order is {state}")
    if state is OrderState.ACCEPTED and now >= due_at - ON_THE_WAY:
        return Cancelling(CancelBy.PERSON, "the worker may be on the way")
    return Cancelling(CancelBy.KEY, f"nobody is on the way to an order that is {state}")


VISIT_FROM, VISIT_UNTIL = timedelta(hours=-16), timedelta(hours=24)
"""A visit may begin so long before and after the promised time: the same day, also when that crosses midnight. What is
ordered too late for today is promised for 9:00, and may still be brought the same evening."""


def may_check_in(due_at: datetime, now: datetime) -> bool:
    """Tell whether a visit that was promised for `due_at` may begin now."""
    return VISIT_FROM <= now - due_at <= VISIT_UNTIL

"""What the large screen counts in the database: how today's callers were served, orders by state, the usual day."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from db.models import Order
from db.session import UnitOfWork
from routing.orders.policy import OrderState
from routing.reports.call_facts import Lines, quarters
from routing.reports.service import Served
from routing.wallboard.policy import WEEKS, UsualDay, usual_day

HALF_HOURS: Final = 48
RECENT: Final = timedelta(hours=2)
"""Calls that began within this time are counted each time; of those before it hardly any changes any more."""
OLDER_SECONDS: Final = 60.0
"""Calls that began earlier today are counted again after so long."""
_QUARTER: Final = timedelta(minutes=15)
_OPEN: Final = tuple(
    each.value
    for each in (
        OrderState.REQUESTED, OrderState.OFFERED, OrderState.UNASSIGNED, OrderState.ACCEPTED, OrderState.VISITING,
        OrderState.DISPUTED,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Today:
    """Today against the usual day: calls by half hour since local midnight. `now` is the half hour that goes on."""

    day: date
    now: int
    calls: tuple[int, ...]
    usual: UsualDay


class BoardCounts:
    """Counts for the board; threads share it. `clock` gives aware instants, `ticks` monotonic seconds."""

    def __init__(
        self,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        lines: Lines,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._lines = lines
        self._ticks = ticks
        self._lock = threading.Lock()
        self._older: tuple[datetime, datetime, float, Served] | None = None
        self._usual: tuple[date, UsualDay] | None = None

    def served(self) -> Served:
        """Count today's calls, by the definitions of the reports. Raises SQLAlchemyError."""
        now = self._clock()
        begin = self._midnight(now.astimezone(self._zone).date())
        edge = max(begin, _quarter_before(now - RECENT))
        total = self._count(edge, now + _QUARTER)
        return total if edge == begin else total + self._before(begin, edge)

    def orders(self) -> dict[str, int]:
        """Count the orders that stand, by state. Raises SQLAlchemyError."""
        query = select(Order.state, func.count()).where(Order.state.in_(_OPEN)).group_by(Order.state)
        with self._reading() as session:
            found = {row[0]: row[1] for row in session.execute(query)}
        return {state: found.get(state, 0) for state in _OPEN}

    def today(self) -> Today:
        """Give today by half hour, with what is usual on this weekday: the last `WEEKS` of them, counted once a day.
        Raises SQLAlchemyError."""
        now = self._clock().astimezone(self._zone)
        return Today(now.date(), now.hour * 2 + now.minute // 30, self._day(now.date()), self._usual_of(now.date()))

    def _usual_of(self, day: date) -> UsualDay:
        kept = self._usual
        if kept is None or kept[0] != day:
            kept = (day, usual_day([self._day(day - timedelta(weeks=weeks)) for weeks in range(1, WEEKS + 1)]))
            self._usual = kept
        return kept[1]

    def _day(self, day: date) -> tuple[int, ...]:
        """Count the calls of a local day by half hour of the clock on the wall."""
        calls = [0] * HALF_HOURS
        begin, end = self._midnight(day), self._midnight(day + timedelta(days=1))
        with self._reading() as session:
            counted = quarters(session, begin, end, self._lines)
        for quarter, served in counted.items():
            at = datetime.fromtimestamp(quarter * 900, self._zone)
            calls[at.hour * 2 + at.minute // 30] += served.calls
        return tuple(calls)

    def _before(self, begin: datetime, edge: datetime) -> Served:
        with self._lock:
            kept = self._older
            if kept is None or kept[:2] != (begin, edge) or self._ticks() - kept[2] > OLDER_SECONDS:
                kept = self._older = (begin, edge, self._ticks(), self._count(begin, edge))
            return kept[3]

    def _count(self, begin: datetime, end: datetime) -> Served:
        with self._reading() as session:
            return sum(quarters(session, begin, end, self._lines).values(), Served())

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time_of_day(), self._zone)


def _quarter_before(at: datetime) -> datetime:
    return datetime.fromtimestamp(int(at.timestamp()) // 900 * 900, at.tzinfo)

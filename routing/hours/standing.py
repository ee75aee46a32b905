"""Whether the hotline is open, as conversations ask it: fresh within seconds, and known while the database is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from routing.hours.due import within_a_working_day
from routing.hours.policy import Calendar, Standing, standing
from routing.hours.register import HoursPlan

log = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
"""A change of the hours counts for callers after so long at the most."""


class Hours:
    """Answers from the latest plan that could be read. Threads share it.

    While nothing was read yet and the database is away, the hotline counts as open: callers get the usual talk, and
    the router, which has a plan of its own, finds somebody for them.
    """

    def __init__(
        self, load: Callable[[], HoursPlan], clock: Callable[[], datetime], otherwise: Calendar,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`load` raises SQLAlchemyError while the database is away; `ticks` is monotonic, in seconds."""
        self._load = load
        self._clock = clock
        self._calendar = otherwise
        self._ticks = ticks
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def now(self) -> Standing:
        """Tell how the hotline stands. Never raises for a database that is away."""
        return standing(self._fresh(), self._clock())

    def due(self, now: datetime) -> datetime:
        """Tell by when what comes now is done, within a working day. Never raises for a database that is away."""
        return within_a_working_day(self._fresh(), now)

    def _fresh(self) -> Calendar:
        if self._is_stale() and self._lock.acquire(blocking=False):
            try:
                if self._is_stale():
                    self._read()
            finally:
                self._lock.release()
        return self._calendar

    def _is_stale(self) -> bool:
        return self._read_at is None or self._ticks() - self._read_at >= FRESH_SECONDS

    def _read(self) -> None:
        """Read the plan; while one caller's thread does, the others go by the one of before."""
        try:
            self._calendar = self._load().calendar
        except SQLAlchemyError as error:
            log.warning("hours.not_read", error=type(error).__name__)
        self._read_at = self._ticks()


def warn_of_unknown_holidays(calendar: Calendar, today: date) -> bool:
    """Log, and tell, if the public holidays of this day's year are not known and matter."""
    unknown = calendar.known_until is not None and today > calendar.known_until and bool(calendar.hours)
    if unknown:
        log.warning("hours.holidays_unknown", known_until=str(calendar.known_until))
    return unknown

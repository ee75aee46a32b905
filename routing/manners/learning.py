"""Writing down how elders fared, behind their backs: nobody waits for it, and no call depends on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import Elder, ElderManner, Order
from db.session import UnitOfWork
from routing.calls.behind import Behind
from routing.manners.fares import Fare, History, Ordered
from routing.manners.keeping import MOST_ORDERS, read_history, write_history
from routing.manners.policy import FAVOURITE_DAYS, MOST_FARES

log = structlog.get_logger(__name__)

_MOST_WAITING = 1000
"""Talks that wait to be written, at most; beyond it they are dropped with a line in the log: it is only learning."""
_TOGETHER = 20
"""Talks in one unit of work: one for each would be most of the work, and SQLite has one writer, who must be short."""


class FareKeeper(Protocol):
    """Keeps how an elder fared in a talk, from `start` until `stop`. Keeping never raises and never waits."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Write what waits, and end."""

    def keep(self, elder_id: int, fare: Fare) -> None:
        """Keep it, if that can be done."""


class NoFares:
    """Keeps nothing: where nobody learns."""

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> None:
        """There is nothing to end."""

    def keep(self, elder_id: int, fare: Fare) -> None:
        """It is not kept."""


@dataclass(frozen=True, slots=True)
class _Kept:
    elder_id: int
    fare: Fare


class Learning:
    """Writes fares, in short units of work. Threads may share one. Until `start`, and after `stop`,
    fares are dropped with a line in the log, as they are when the database is away or too many wait."""

    def __init__(self, unit_of_work: UnitOfWork, zone: ZoneInfo, clock: Callable[[], datetime]) -> None:
        """`zone` is where days begin."""
        self._unit_of_work = unit_of_work
        self._zone = zone
        self._clock = clock
        self._behind: Behind[_Kept] | None = None

    def start(self) -> None:
        """Write from now on, by one thread, until `stop`."""
        self._behind = self._behind or Behind(self._write, "manners", _MOST_WAITING)

    def stop(self) -> None:
        """Write what waits, and end."""
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.stop()

    def flush(self) -> bool:
        """Wait until all is written or dropped; False if that takes more than ten seconds."""
        behind = self._behind
        return behind is None or behind.flush()

    def keep(self, elder_id: int, fare: Fare) -> None:
        """Hand it over to the writer."""
        behind = self._behind
        if behind is None or not behind.put([_Kept(elder_id, fare)]):
            log.warning("manners.fare_dropped", talks=1, why="nobody writes" if behind is None else "bound")

    def write(self, elder_id: int, fare: Fare) -> None:
        """Write one now, for whoever has the time. While the database is away it is dropped with a line in the log."""
        self._write([_Kept(elder_id, fare)])

    def _write(self, kept: Sequence[_Kept]) -> None:
        for first in range(0, len(kept), _TOGETHER):
            some = kept[first : first + _TOGETHER]
            try:
                with self._unit_of_work() as session:
                    for each in some:
                        self._add(session, each)
            except SQLAlchemyError as error:
                log.warning("manners.fare_dropped", talks=len(some), why=type(error).__name__)

    def _add(self, session: Session, kept: _Kept) -> None:
        row = manner_row(session, kept.elder_id)
        if row is None:
            return  # The elder left the register meanwhile.
        past = read_history(row.learnt)
        row.learnt = write_history(History((*past.fares, kept.fare)[-MOST_FARES:], self._orders(session, kept)))

    def _orders(self, session: Session, kept: _Kept) -> tuple[Ordered, ...]:
        """What the elder had ordered, by whatever way, that is not cancelled. Plans are nobody's choice of the day."""
        today: date = self._clock().astimezone(self._zone).date()
        since = datetime.combine(today - timedelta(days=FAVOURITE_DAYS), time(), self._zone)
        found = session.execute(
            select(Order.created_at, Order.item_id)
            .where(
                Order.elder_id == kept.elder_id, Order.created_at >= since, Order.state != "cancelled",
                Order.source != "plan",
            )
            .order_by(Order.created_at.desc())
            .limit(MOST_ORDERS)
        ).all()  # fmt: skip
        return tuple(Ordered(row.created_at.astimezone(self._zone).date(), row.item_id) for row in reversed(found))


def manner_row(session: Session, elder_id: int) -> ElderManner | None:
    """The elder's row, made if it is missing and locked until the end of the work; None when there is no such elder."""
    if session.scalar(select(Elder.id).where(Elder.id == elder_id)) is None:
        return None
    upsert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    blank = {"elder_id": elder_id, "straight_set": False, "set_by": "", "learnt": ""}
    session.execute(upsert(ElderManner).values(blank).on_conflict_do_nothing())
    return session.get(ElderManner, elder_id, with_for_update=True)

"""When a company takes orders: closed for a time, open again, so many for today. Said by key or at the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Company, CompanyAvailability
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound

CLOSED, CAPACITY, OPENED = "closed", "capacity", "opened"
MOST_CAPACITY = 999
LONGEST_CLOSED = timedelta(days=366)
SHOWN = 50
"""Words of the history that are shown."""


@dataclass(frozen=True)
class Available:
    """What holds for a company now. `capacity` is of orders due today; None: as on the company's record."""

    closed_until: datetime | None = None
    capacity: int | None = None


AS_EVER = Available()


@dataclass(frozen=True)
class Word:
    """One word of the history."""

    at: datetime
    kind: str
    from_at: datetime
    until_at: datetime
    capacity: int | None
    actor: str
    channel: str
    ended_at: datetime | None


def available_now(session: Session, now: datetime, zone: ZoneInfo) -> Mapping[int, Available]:
    """Give what holds now, for the companies that have said something; the latest word counts."""
    query = (
        select(CompanyAvailability)
        .where(CompanyAvailability.until_at > now, CompanyAvailability.from_at <= now)
        .where(CompanyAvailability.ended_at.is_(None))
        .order_by(CompanyAvailability.id)
    )
    found: dict[int, Available] = {}
    for row in session.scalars(query):
        before = found.get(row.company_id, AS_EVER)
        if row.kind == CLOSED:
            found[row.company_id] = Available(row.until_at.astimezone(zone), before.capacity)
        elif row.kind == CAPACITY:
            found[row.company_id] = Available(before.closed_until, row.capacity)
    return found


def midnight_after(local: datetime, days: int = 0) -> datetime:
    """Give the end of the local day, or of the day so many days later."""
    return datetime.combine(local.date() + timedelta(days=1 + days), time(), local.tzinfo)


class Availability:
    """Takes a company's word, and tells what holds. Each word is a row of the history: who, when, by which channel."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def now(self, company_id: int) -> Available:
        """Tell what holds for a company."""
        with self._reading() as session:
            return available_now(session, self._clock(), self._zone).get(company_id, AS_EVER)

    def history(self, company_id: int) -> tuple[Word, ...]:
        """Give the latest words of a company, the newest first."""
        query = select(CompanyAvailability).where(CompanyAvailability.company_id == company_id)
        with self._reading() as session:
            rows = session.scalars(query.order_by(CompanyAvailability.id.desc()).limit(SHOWN))
            return tuple(
                Word(each.at, each.kind, each.from_at, each.until_at, each.capacity, each.actor, each.channel,
                     each.ended_at)
                for each in rows
            )  # fmt: skip

    def close(
        self, company_id: int, *, actor: str, channel: str, days: int = 0, until: datetime | None = None
    ) -> Available:
        """Take no offers from now until the end of today, of a day so many `days` later, or `until`.

        Raises NotFound, and Invalid for a time that is over or more than a year away.
        """
        now = self._clock()
        end = until or midnight_after(now.astimezone(self._zone), days)
        if not now < end <= now + LONGEST_CLOSED:
            raise Invalid("a company is closed until a time that is to come, within a year; suspend it otherwise")
        return self._say(company_id, CLOSED, end, None, actor=actor, channel=channel)

    def reopen(self, company_id: int, *, actor: str, channel: str) -> Available:
        """Take offers again, whatever was closed. Raises NotFound."""
        return self._say(company_id, OPENED, self._clock(), None, actor=actor, channel=channel)

    def set_capacity(self, company_id: int, capacity: int, *, actor: str, channel: str) -> Available:
        """Take so many orders that are due today. Raises NotFound, and Invalid for a number that is none."""
        if not 0 <= capacity <= MOST_CAPACITY:
            raise Invalid(f"the orders of a day are a number from 0 to {MOST_CAPACITY}")
        end = midnight_after(self._clock().astimezone(self._zone))
        return self._say(company_id, CAPACITY, end, capacity, actor=actor, channel=channel)

    def _say(
        self, company_id: int, kind: str, until: datetime, capacity: int | None, *, actor: str, channel: str
    ) -> Available:
        now = self._clock()
        with self._unit_of_work() as session:
            if session.get(Company, company_id, with_for_update=True) is None:
                raise NotFound(f"there is no company {company_id}")
            ended = CAPACITY if kind == CAPACITY else CLOSED
            session.execute(
                update(CompanyAvailability)
                .where(CompanyAvailability.company_id == company_id, CompanyAvailability.kind == ended)
                .where(CompanyAvailability.ended_at.is_(None), CompanyAvailability.until_at > now)
                .values(ended_at=now)
                .execution_options(synchronize_session=False)
            )
            session.add(
                CompanyAvailability(
                    company_id=company_id, kind=kind, from_at=now, until_at=until, capacity=capacity, at=now,
                    actor=actor, channel=channel,
                )
            )  # fmt: skip
            session.flush()
            return available_now(session, now, self._zone).get(company_id, AS_EVER)

"""How many elders answer when they are asked how it was: by week, by kind of service, by company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Company, ServiceKind
from db.session import UnitOfWork
from routing.errors import Invalid
from routing.outreach.responses.counts import count
from routing.outreach.responses.policy import Counts

USUAL_WEEKS, MOST_WEEKS = 8, 54


@dataclass(frozen=True)
class Line:
    """One group: `key` is the first day of the week (ISO), or the code of a kind or company; `name` is for people."""

    key: str
    name: str
    counts: Counts


@dataclass(frozen=True)
class Responses:
    """What came of asking from `first` to `last`, both local days included. The weeks begin on Mondays; those at the
    ends may be cut."""

    first: date
    last: date
    total: Counts
    weeks: tuple[Line, ...]
    kinds: tuple[Line, ...]
    companies: tuple[Line, ...]


class ResponseRates:
    """Counts who answered. It counts at each asking: an answer of today changes last week's figures."""

    def __init__(self, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo) -> None:
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def usual(self) -> tuple[date, date]:
        """Give the days that are shown unless others are asked for: this week and the seven before it."""
        today = self._clock().astimezone(self._zone).date()
        return _monday(today) - timedelta(weeks=USUAL_WEEKS - 1), today

    def between(self, first: date | None = None, last: date | None = None) -> Responses:
        """Count what was asked, or done, on these days. Raises Invalid for days that are in no order, or too many."""
        usual = self.usual()
        last = last or (usual[1] if first is None or first <= usual[1] else first)
        first = first or min(usual[0], last)
        if not first <= last < first + timedelta(weeks=MOST_WEEKS):
            raise Invalid(f"give a first and a last day, in this order, of {MOST_WEEKS} weeks at most")
        mondays = [_monday(first)]
        while mondays[-1] <= last:
            mondays.append(mondays[-1] + timedelta(weeks=1))
        days = [first, *mondays[1:-1], last + timedelta(days=1)]
        bounds = [datetime.combine(day, time(), self._zone) for day in days]
        with self._reading() as session:
            weeks = count(session, bounds, "week")
            kinds, companies = count(session, bounds, "kind"), count(session, bounds, "company")
            names = _names(session)
        lines = tuple(
            Line(monday.isoformat(), monday.isoformat(), weeks.get(at, Counts()))
            for at, monday in enumerate(mondays[:-1])
        )
        total = sum((line.counts for line in lines), Counts())
        return Responses(first, last, total, lines, _lines(kinds, names["kind"]), _lines(companies, names["company"]))


def _lines(counted: Mapping[str, Counts], names: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(key, names.get(key, key), counted[key]) for key in sorted(counted))


def _names(session: Session) -> dict[str, dict[str, str]]:
    return {
        "kind": {row.code: row.name for row in session.execute(select(ServiceKind.code, ServiceKind.name))},
        "company": {row.code: row.name for row in session.execute(select(Company.code, Company.name))},
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

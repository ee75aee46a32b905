"""Makes reports: reads what happened in a period, and draws the tables up. Every figure is counted anew each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.reports import agents, call_facts, message_facts, ratings, service, staffing
from routing.reports.agents import Spell
from routing.reports.companies import companies_table
from routing.reports.demand import demand_tables
from routing.reports.periods import MOST_DAYS, By, Period, period, rows, total
from routing.reports.standard_table import Counted, course_table, figures_table
from routing.reports.tables import Report, Table, Value

DAY_SECONDS: Final = 86_400
_MARKS_MOST: Final = 400


@dataclass(frozen=True)
class Asked:
    """What a report is drawn up from."""

    session: Session
    period: Period
    by: By
    now: datetime
    lines: call_facts.Lines
    standing: Callable[[], Sequence[Spell]]
    """How agents stand now."""

    @property
    def until(self) -> datetime:
        """The end of the period, or now if that is sooner."""
        return min(self.period.end, self.now)

    def when(self, second: int) -> str:
        """Write a second since 1970 as a local time."""
        return datetime.fromtimestamp(second, self.period.zone).strftime("%Y-%m-%d %H:%M:%S")


Drawn = tuple[tuple[Table, ...], dict[str, Value]]


class Draws(Protocol):
    """Draws up the tables of one report, and the figures that are told at once."""

    def __call__(self, asked: Asked) -> Drawn: ...


def _service(asked: Asked) -> Drawn:
    counted = call_facts.quarters(asked.session, asked.period.begin, asked.period.end, asked.lines)
    lines = rows(counted, asked.by, asked.period, asked.now, service.Served())
    sums = total((each for _, each in lines), service.Served())
    return (service.service_table(lines, sums),), dict(service.facts(sums))


def _standard(asked: Asked) -> Drawn:
    begin, until = asked.period.begin, asked.until
    since = begin - timedelta(seconds=DAY_SECONDS)
    calls = call_facts.answers(asked.session, since, until, asked.lines)
    messages = message_facts.responses(asked.session, since, until)
    counted = {
        "in_time": Counted(calls.seconds, calls.in_time),
        "connect": Counted(calls.seconds, calls.answered),
        "sms": Counted(messages.seconds, messages.in_time),
    }
    from_second, to_second = int(begin.timestamp()), int(until.timestamp())
    figures, worst = figures_table(counted, begin=from_second, end=to_second, when=asked.when)
    step = 3600 if to_second - from_second <= 31 * DAY_SECONDS else DAY_SECONDS
    marks = [datetime.fromtimestamp(each, UTC) for each in range(from_second + step, to_second + 1, step)]
    facts: dict[str, Value] = {f"{row[0]}_share": row[4] for row in figures.rows}
    facts |= {f"{name}_worst": window.share if window else None for name, window in worst.items()}
    return (figures, course_table(counted, marks, asked.when)), facts


def _agents(asked: Asked) -> Drawn:
    standing = asked.standing() if asked.now < asked.period.end else ()
    worked = agents.read(asked.session, asked.period.begin, asked.until, standing)
    table = agents.agents_table(worked, agents.names(asked.session))
    return (table,), _told(table, "answered", "missed", "aht", "occupancy")


def _staffing(asked: Asked) -> Drawn:
    standing = asked.standing() if asked.now < asked.period.end else ()
    counted = staffing.read(asked.session, asked.period, asked.until, asked.lines, standing)
    table = staffing.staffing_table(counted, asked.period, asked.now)
    told = _told(table, "calls_forecast", "calls", "level_forecast", "in_time_share")
    return (table,), told | {"aht": counted.handle_seconds}


def _demand(asked: Asked) -> Drawn:
    tables = demand_tables(asked.session, asked.period.begin, asked.period.end)
    return tables, _told(tables[1], "elders", "orders", "per_1000", "elders_calls", "sos_cases")


def _companies(asked: Asked) -> Drawn:
    table = companies_table(asked.session, asked.period.begin, asked.period.end, asked.now)
    return (table,), _told(table, "offers", "acceptance", "punctuality", "verified", "complaints", "done")


def _ratings(asked: Asked) -> Drawn:
    begin, end = asked.period.begin, asked.period.end
    lines = rows(ratings.quarters(asked.session, begin, end), asked.by, asked.period, asked.now, ratings.Scores())
    trend = ratings.trend_table(lines, total((each for _, each in lines), ratings.Scores()))
    return (trend, *ratings.group_tables(asked.session, begin, end)), _told(trend, "scores", "score_mean", "low")


def _told(table: Table, *names: str) -> dict[str, Value]:
    figures = table.as_object(table.total) if table.total is not None else {}
    return {name: figures.get(name) for name in names}


_LONG = timedelta(days=31)
_KEPT_SECONDS, _KEPT_MOST = 60, 8
"""A report of a longer period takes seconds to count. It is kept so long, for its picture and its file are asked for
right after it; what happens meanwhile shows a minute later."""
REPORTS: Final[dict[str, tuple[Draws, tuple[By, ...]]]] = {
    "service": (_service, (By.HALF_HOUR, By.DAY, By.MONTH)),
    "standard": (_standard, (By.DAY,)),
    "agents": (_agents, (By.DAY,)),
    "staffing": (_staffing, (By.HALF_HOUR,)),
    "demand": (_demand, (By.DAY,)),
    "companies": (_companies, (By.DAY,)),
    "ratings": (_ratings, (By.DAY, By.MONTH)),
}
"""What draws a report, and what its rows can be of; the first is the usual one where there is no wish."""
NAMES: Final = tuple(REPORTS)


class Reports:
    """Makes reports. `reading` is a unit of work that only reads."""

    def __init__(
        self,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        zone: ZoneInfo,
        lines: call_facts.Lines,
        standing: Callable[[], Sequence[Spell]] = tuple,
    ) -> None:
        """`standing` tells how agents stand now; where that is not to be had, nothing."""
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._lines = lines
        self._standing = standing
        self._kept: dict[tuple[str, Period, By], Report] = {}

    def make(self, name: str, first: date | None = None, last: date | None = None, by: str = "") -> Report:
        """Make a report of local days, both included; without days, of the last seven (staffing: of today).

        Raises NotFound for a name that no report has, and Invalid for days or rows that it cannot be of.
        """
        draws, kinds = self._known(name)
        try:
            of = By(by) if by else By.DAY if By.DAY in kinds else kinds[0]
        except ValueError:
            raise Invalid(f"rows are of {', '.join(kinds)}") from None
        if of not in kinds:
            raise Invalid(f"rows are of {', '.join(kinds)}")
        now = self._clock()
        today = now.astimezone(self._zone).date()
        if name == "staffing" and first is None and last is None:
            first = last = today  # Whoever asks for no days wants to see how it goes.
        asked = period(first, last, today=today, zone=self._zone, most_days=MOST_DAYS[of])
        kept = self._kept.get((name, asked, of))
        if kept is not None and now - kept.made_at < timedelta(seconds=_KEPT_SECONDS):
            return kept
        with self._reading() as session:
            tables, facts = draws(Asked(session, asked, of, now, self._lines, self._standing))
        made = Report(name, asked.first, asked.last, of.value, now, tables, facts)
        if asked.last - asked.first > _LONG:
            # Replaced at once, not changed: threads share it.
            self._kept = dict([*self._kept.items(), ((name, asked, of), made)][-_KEPT_MOST:])
        return made

    def kinds(self, name: str) -> tuple[By, ...]:
        """Give what the rows of a report can be of. Raises NotFound."""
        return self._known(name)[1]

    @staticmethod
    def _known(name: str) -> tuple[Draws, tuple[By, ...]]:
        try:
            return REPORTS[name]
        except KeyError:
            raise NotFound(f"there is no report {name[:40]}; there are {', '.join(NAMES)}") from None

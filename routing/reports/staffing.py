"""The staffing table against what happens, half hour by half hour. docs/reports.md has the definitions.

What is planned is worked out anew, from the days before each day alone: it is what was to be known on its eve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.intervals import seconds_between
from db.models import AgentSpell, CallRecord
from db.slots import quarter_of
from routing.calls.messages import AgentState
from routing.reports.agents import Spell
from routing.reports.call_facts import Lines, quarters
from routing.reports.periods import QUARTER_SECONDS, Period, midnight
from routing.reports.service import GOAL, Served
from routing.reports.tables import Column, Kind, Picture, Table, Value, share
from routing.staffing.forecast import Method, NoHistory, forecast
from routing.staffing.history import HALF_HOUR_SECONDS, HALF_HOURS, Day, label
from routing.staffing.levels import GOVERNMENT_HOTLINE
from routing.staffing.plan import HalfHour, Needs, plan_day

_METHOD = Method()
_AHT_DAYS = 28
_AHT_TALKS = 50
"""From fewer talks no handling time is told; then it is the 180 s that `elderline staffing` begins with."""
_AHT_RANGE = (30.0, 1_800.0)
_ABSENT = frozenset({AgentState.LOGGED_OFF.value, AgentState.UNREACHABLE.value})
_AT_HAND = frozenset(
    each.value
    for each in (AgentState.READY, AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
)
COLUMNS = (
    Column("interval", Kind.TEXT), Column("calls_forecast", Kind.RATE), Column("calls"),
    Column("agents_planned"), Column("agents_on", Kind.RATE), Column("agents_at_hand", Kind.RATE),
    Column("level_forecast", Kind.SHARE), Column("in_time_share", Kind.SHARE),
)  # fmt: skip
_PICTURE = Picture(lines=("level_forecast", "in_time_share"), bars=("agents_planned", "agents_on"), goal=GOAL)


@dataclass
class Present:
    """Seconds of agents in one half hour."""

    on: float = 0.0
    """Logged on, pauses included."""
    at_hand: float = 0.0
    """Ready, or at work on a call."""


@dataclass(frozen=True)
class Facts:
    """What was counted: calls by local half hour of each day, how they were served, and who was there."""

    calls: Mapping[date, Day]
    served: Mapping[tuple[date, int], Served]
    present: Mapping[tuple[date, int], Present] = field(default_factory=dict)
    handle_seconds: float = Needs.handle_seconds


def read(session: Session, asked: Period, until: datetime, lines: Lines, standing: Iterable[Spell]) -> Facts:
    """Count until an instant what the table is drawn up from; `standing` are the spells that are not over then."""
    served = quarters(session, asked.begin, asked.end, lines)
    by_half_hour: dict[tuple[date, int], Served] = {}
    for quarter, counted in served.items():
        key = _half_hour(quarter, asked.zone)
        by_half_hour[key] = by_half_hour.get(key, Served()) + counted
    return Facts(
        _calls(session, asked, until, lines), by_half_hour, _present(session, asked, until, standing),
        _handle_seconds(session, asked.begin),
    )  # fmt: skip


def staffing_table(facts: Facts, asked: Period, now: datetime) -> Table:
    """Draw up the table: 48 half hours of each day; of those that are yet to come, what is planned."""
    rows: list[tuple[Value, ...]] = []
    needs = Needs(handle_seconds=facts.handle_seconds, levels=(GOVERNMENT_HOTLINE,))
    for day in (asked.first + timedelta(days=each) for each in range((asked.last - asked.first).days + 1)):
        try:
            expected: Day | None = forecast(facts.calls, day, _METHOD).calls
        except NoHistory:
            expected = None
        plan = {each.index: each for each in plan_day(expected, needs)} if expected is not None else {}
        for index in range(HALF_HOURS):
            begun = midnight(day, asked.zone) + timedelta(seconds=index * HALF_HOUR_SECONDS) <= now
            of = (facts.served.get((day, index), Served()), facts.present.get((day, index), Present()))
            rows.append(
                _row(f"{day} {label(index)}", expected[index] if expected else None, plan.get(index), begun, of)
            )
    return Table("staffing", COLUMNS, tuple(rows), _total(rows, facts), _PICTURE)


def _row(
    name: str, calls: float | None, plan: HalfHour | None, begun: bool, of: tuple[Served, Present]
) -> tuple[Value, ...]:
    served, present = of
    planned = None if calls is None else plan.at_desks if plan else 0
    return (
        name, calls, served.calls if begun else None, planned,
        present.on / HALF_HOUR_SECONDS if begun else None, present.at_hand / HALF_HOUR_SECONDS if begun else None,
        plan.answered_within if plan else None, share(served.in_time, served.offered) if begun else None,
    )  # fmt: skip


def _total(rows: Iterable[tuple[Value, ...]], facts: Facts) -> tuple[Value, ...]:
    """Sum the calls up; weigh the forecast of the service by the calls that it was made for."""
    known = [row for row in rows if isinstance(row[1], float)]
    expected = sum(row[1] for row in known if isinstance(row[1], float))
    weighed = sum(row[1] * row[6] for row in known if isinstance(row[1], float) and isinstance(row[6], float))
    served = list(facts.served.values())
    calls, offered = sum(each.calls for each in served), sum(each.offered for each in served)
    level = weighed / expected if expected else None
    in_time = share(sum(each.in_time for each in served), offered)
    return ("", expected if known else None, calls, None, None, None, level, in_time)


def _calls(session: Session, asked: Period, until: datetime, lines: Lines) -> dict[date, Day]:
    """Count what came in, from as far back as a forecast looks; the very lines that `elderline staffing` counts."""
    since = asked.begin - timedelta(weeks=_METHOD.weeks, days=1)
    tests = [CallRecord.number_index.is_(None) | CallRecord.number_index.not_in(lines.tests)] if lines.tests else []
    quarter = quarter_of(CallRecord.started_at)
    query = (
        select(quarter, func.count())
        .where(
            CallRecord.direction == "inbound", CallRecord.started_at >= since, CallRecord.started_at < until, *tests
        )
        .group_by(quarter)
    )  # fmt: skip
    days: dict[date, list[float]] = defaultdict(lambda: [0.0] * HALF_HOURS)
    for number, calls in session.execute(query):
        day, index = _half_hour(number, asked.zone)
        days[day][index] += calls
    return {day: tuple(calls) for day, calls in days.items()}


def _handle_seconds(session: Session, before: datetime) -> float:
    """Give how long a call took until then, talk and notes: the mean of four weeks."""
    since = before - timedelta(days=_AHT_DAYS)
    lasted = seconds_between(CallRecord.answered_at, CallRecord.ended_at)
    talks = select(func.count(), func.avg(lasted)).where(
        CallRecord.direction == "inbound", CallRecord.started_at >= since, CallRecord.started_at < before,
        CallRecord.answered_at.is_not(None), CallRecord.ended_at.is_not(None),
    )  # fmt: skip
    number, mean = session.execute(talks).one()
    if number < _AHT_TALKS:
        return Needs.handle_seconds
    notes = select(func.sum(seconds_between(AgentSpell.began_at, AgentSpell.ended_at))).where(
        AgentSpell.state == AgentState.WRAP_UP.value, AgentSpell.ended_at >= since, AgentSpell.ended_at < before
    )
    least, most = _AHT_RANGE
    handled = float(mean) + float(session.scalar(notes) or 0.0) / int(number)
    return min(most, max(least, handled))


def _present(
    session: Session, asked: Period, until: datetime, standing: Iterable[Spell]
) -> dict[tuple[date, int], Present]:
    """Add up who was there. Spells within one quarter, which are nearly all, are summed by the database."""
    found: dict[tuple[date, int], Present] = defaultdict(Present)

    def add(quarter: int, state: str, seconds: float) -> None:
        if state not in _ABSENT:
            present = found[_half_hour(quarter, asked.zone)]
            present.on += seconds
            present.at_hand += seconds if state in _AT_HAND else 0.0

    began, ended = quarter_of(AgentSpell.began_at), quarter_of(AgentSpell.ended_at)
    within = and_(AgentSpell.ended_at > asked.begin, AgentSpell.began_at < until)
    lasted = func.sum(seconds_between(AgentSpell.began_at, AgentSpell.ended_at))
    short = select(began, AgentSpell.state, lasted).where(within, began == ended).group_by(began, AgentSpell.state)
    for quarter, state, seconds in session.execute(short):
        add(quarter, state, float(seconds))
    long = select(AgentSpell.state, AgentSpell.began_at, AgentSpell.ended_at).where(within, began != ended)
    spells = [
        (state, began_at.timestamp(), ended_at.timestamp()) for state, began_at, ended_at in session.execute(long)
    ]
    spells += [(each.state.value, each.since, until.timestamp()) for each in standing]
    first, last = asked.begin.timestamp(), until.timestamp()
    for state, since, end in spells:
        at, over = max(since, first), min(end, last)
        while at < over:
            quarter = int(at // QUARTER_SECONDS)
            then = min(over, float((quarter + 1) * QUARTER_SECONDS))
            add(quarter, state, then - at)
            at = then
    return found


def _half_hour(quarter: int, zone: ZoneInfo) -> tuple[date, int]:
    local = datetime.fromtimestamp(quarter * QUARTER_SECONDS, zone)
    return local.date(), local.hour * 2 + local.minute // 30

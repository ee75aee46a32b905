"""Is the hotline open, until when, and why: pure functions of a calendar and an instant.

A day has the hours of its kind: of its weekday, of public holidays, or of working days that make up for a holiday
(调休). An exception by date goes before all of them. Hours that pass midnight belong to the day on which they begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from routing.errors import Invalid

DAY_MINUTES = 24 * 60
LOOK_AHEAD_DAYS = 400
"""Whoever is closed for longer than a year, or open for as long, is so "until further notice"."""
_DAYS_THAT_REACH_HERE = 2
"""Hours begin today, or on one of so many days before, if they are still open now."""
_SPAN = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])-([01]?[0-9]|2[0-4]):([0-5][0-9])")


class DayKind(StrEnum):
    """Kinds of days; the first seven are weekdays, as `date.weekday` counts them."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    """A Saturday or Sunday that is a working day, in exchange for a day of a holiday."""


WEEKDAYS = tuple(DayKind)[:7]


@dataclass(frozen=True, order=True)
class Span:
    """Hours of a day, in minutes since its midnight; `closes` may lie beyond it, by a day at most."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY_MINUTES and self.opens < self.closes <= self.opens + DAY_MINUTES):
            raise ValueError(f"no hours of a day: {self.opens} to {self.closes}")

    def __str__(self) -> str:
        until = self.closes if self.closes <= DAY_MINUTES else self.closes - DAY_MINUTES
        return f"{_clock(self.opens)}-{_clock(until)}"


@dataclass(frozen=True)
class SpecialDay:
    """A public holiday, or a working day that makes up for one; `name` as people call it."""

    kind: DayKind
    name: str


@dataclass(frozen=True)
class ExceptionDay:
    """Hours of one date alone; without any it is closed. `why` is what a supervisor wrote."""

    spans: tuple[Span, ...]
    why: str = ""


@dataclass(frozen=True)
class Calendar:
    """All that decides whether the hotline is open. Without any `hours` it is open all day, every day."""

    zone: ZoneInfo
    hours: Mapping[DayKind, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))
    exceptions: Mapping[date, ExceptionDay] = field(default_factory=lambda: MappingProxyType({}))
    special: Mapping[date, SpecialDay] = field(default_factory=lambda: MappingProxyType({}))
    known_until: date | None = None
    """The last date for which public holidays are known; later ones count as plain weekdays, and pages say so."""


class Why(StrEnum):
    """What decides about a day, the strongest first."""

    EXCEPTION = "exception"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    WEEKDAY = "weekday"
    ALWAYS = "always"


@dataclass(frozen=True)
class DayPlan:
    """The hours of one date, and why they are so."""

    day: date
    spans: tuple[Span, ...]
    why: Why
    name: str = ""
    """Of the holiday, or the supervisor's words for the exception."""
    known: bool = True
    """False beyond the dates for which public holidays are known."""


@dataclass(frozen=True)
class Standing:
    """Open or closed, since when and until when (None: for as long as one looks), by the plan of which day."""

    open: bool
    since: datetime | None
    until: datetime | None
    why: Why
    name: str = ""

    @property
    def opens_at(self) -> datetime | None:
        """When it opens again; None while it is open, or if it does not."""
        return None if self.open else self.until


ALWAYS_OPEN = Standing(True, None, None, Why.ALWAYS)


def read_spans(text: str) -> tuple[Span, ...]:
    """Read ``08:00-12:00, 14:00-18:00``; nothing means closed. What ends before it begins ends on the next day.

    Raises Invalid for anything else, and for hours that overlap.
    """
    spans = []
    for part in (each.strip() for each in text.split(",")):
        if not part:
            continue
        found = _SPAN.fullmatch(part)
        if found is None:
            raise Invalid(f"write hours as 08:00-12:00, 14:00-18:00; not {part[:40]!r}")
        opens, closes = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if max(opens, closes) > DAY_MINUTES or opens == DAY_MINUTES:
            raise Invalid(f"a day has 24 hours; not {part}")
        spans.append(Span(opens, closes if closes > opens else closes + DAY_MINUTES))
    spans.sort()
    if any(after.opens < before.closes for before, after in pairwise(spans)):
        raise Invalid("the hours of one day must not overlap")
    if spans and spans[-1].closes > spans[0].opens + DAY_MINUTES:
        raise Invalid("the hours of one day must not reach into the same hours of the next")
    return tuple(spans)


def write_spans(spans: Sequence[Span]) -> str:
    """Write what `read_spans` reads."""
    return ", ".join(map(str, spans))


def plan_of(calendar: Calendar, day: date) -> DayPlan:
    """Give the hours that begin on a date."""
    known = calendar.known_until is None or day <= calendar.known_until
    weekday = WEEKDAYS[day.weekday()]
    if exception := calendar.exceptions.get(day):
        return DayPlan(day, exception.spans, Why.EXCEPTION, exception.why, known)
    if not calendar.hours:
        return DayPlan(day, (Span(0, DAY_MINUTES),), Why.ALWAYS, "", known)
    if special := calendar.special.get(day):
        # Who has set no hours for days that make up works on them as on a Monday.
        kind = DayKind.MON if special.kind not in calendar.hours and special.kind is DayKind.MAKE_UP else special.kind
        why = Why.HOLIDAY if special.kind is DayKind.HOLIDAY else Why.MAKE_UP
        return DayPlan(day, calendar.hours.get(kind, ()), why, special.name, known)
    return DayPlan(day, calendar.hours.get(weekday, ()), Why.WEEKDAY, "", known)


def standing(calendar: Calendar, now: datetime) -> Standing:
    """Tell whether the hotline is open at an instant (aware)."""
    now = now.astimezone(UTC)
    today = now.astimezone(calendar.zone).date()
    closed_since: datetime | None = None
    for back in range(LOOK_AHEAD_DAYS):
        day = today - timedelta(days=back)
        for begins, ends, plan in _open_times(calendar, day, day):
            if begins <= now < ends:
                return Standing(True, begins, _open_until(calendar, ends, day), plan.why, plan.name)
            if ends <= now:
                closed_since = max(ends, closed_since or ends)
        if closed_since is not None and back >= _DAYS_THAT_REACH_HERE:
            break
    later = _open_times(calendar, today, today + timedelta(days=LOOK_AHEAD_DAYS))
    opens = next((begins for begins, _, _ in later if begins > now), None)
    plan = plan_of(calendar, today)
    return Standing(False, closed_since, opens, plan.why, plan.name)


def week_of(calendar: Calendar, now: datetime, days: int = 7) -> tuple[DayPlan, ...]:
    """Give the plans of today and the days after it."""
    today = now.astimezone(calendar.zone).date()
    return tuple(plan_of(calendar, today + timedelta(days=n)) for n in range(days))


def _open_until(calendar: Calendar, ends: datetime, day: date) -> datetime | None:
    """Follow hours that begin where others end, for as long as one looks."""
    if not calendar.hours and not any(each >= day for each in calendar.exceptions):
        return None
    last = day + timedelta(days=LOOK_AHEAD_DAYS)
    for begins, later, _ in _open_times(calendar, day, last):
        if begins > ends:
            return ends
        ends = max(ends, later)
    return None if ends >= instant_of(calendar.zone, last, DAY_MINUTES) else ends


def _open_times(calendar: Calendar, first: date, last: date) -> Iterator[tuple[datetime, datetime, DayPlan]]:
    """Give all hours that begin from the first date to the last, in order of their beginning, in UTC."""
    day = first
    while day <= last:
        plan = plan_of(calendar, day)
        for each in plan.spans:
            begins, ends = instant_of(calendar.zone, day, each.opens), instant_of(calendar.zone, day, each.closes)
            if begins < ends:  # Where clocks are put forward, an hour may not exist.
                yield begins, ends, plan
        day += timedelta(days=1)


def instant_of(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """The instant at which the clocks show this minute of a date (of the next, beyond 24:00)."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    return wall.astimezone(UTC)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"

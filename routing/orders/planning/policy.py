"""Which orders a plan makes, and why a date is left out. Pure: a plan and a window of days in, a frozen list out.

Local time stays what it is when clocks change: a time that does not exist is the same moment by the old clock
(RFC 5545, section 3.3.5), so 2:30 becomes 3:30; one that comes twice is the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from routing.hours.policy import DayKind, SpecialDay
from routing.orders.planning.rules import Rule, dates, days_that_are_not

MOST_MOVED = timedelta(days=60)
"""A single date is moved by so much at the most."""
_CONTEXT = MOST_MOVED + timedelta(days=31)
"""Days around a window that decide about it: dates moved into it, and what these in turn may meet."""
_LONGEST_HOLIDAY = 30
"""Days looked ahead for a working day; the longest holiday of the State Council has nine."""


class PlanState(StrEnum):
    """Where a plan stands. Paused has a pause without an end today; ended is for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class HolidayWay(StrEnum):
    """What becomes of a date on a public holiday."""

    USUAL = "usual"
    SKIP = "skip"
    NEXT_WORKING_DAY = "next_working_day"


@dataclass(frozen=True)
class Pause:
    """Days without orders, both ends included; without a last day it goes on."""

    first: date
    last: date | None
    why: str = ""

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Holidays:
    """The special days that are known, and until when they are (None: there are none to know)."""

    special: Mapping[date, SpecialDay] = field(default_factory=lambda: MappingProxyType({}))
    known_until: date | None = None

    def name(self, day: date) -> str | None:
        """Give the name of the holiday on this day, if it is one."""
        found = self.special.get(day)
        return found.name if found is not None and found.kind is DayKind.HOLIDAY else None

    def works(self, day: date) -> bool:
        """Tell whether this is a working day: a weekday, or one that makes up for a holiday."""
        found = self.special.get(day)
        return found.kind is DayKind.MAKE_UP if found is not None else day.weekday() < 5


NO_HOLIDAYS = Holidays()


@dataclass(frozen=True)
class PlanRule:
    """All of a plan that decides about dates. `moved` gives a date its new day, or None where it is skipped."""

    rule: Rule
    times: tuple[time, ...]
    zone: ZoneInfo
    starts_on: date
    ends_on: date | None = None
    holidays: HolidayWay = HolidayWay.USUAL
    moved: Mapping[date, date | None] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Occurrence:
    """One order that a plan wants, or does not: `due_at` is None for what is left out, `reason` says why.

    `day` is the date of the rule and `slot` (from 1) the time of that day: together they name it, wherever it is moved.
    `on` is the day on which it happens, or would have.
    """

    day: date
    slot: int
    on: date
    due_at: datetime | None
    reason: str = ""


def occurrences(
    plan: PlanRule, first: date, last: date, holidays: Holidays = NO_HOLIDAYS, pauses: Sequence[Pause] = ()
) -> tuple[Occurrence, ...]:
    """Give what a plan wants on the days from `first` to `last`, and what it leaves out there, in order.

    What happens belongs to the day on which it happens, what is left out to its date by the rule; so two windows side
    by side give what one over both gives. At most one order a slot and day, and no two at one instant.
    """
    found = sorted(
        (each for each in _decided(plan, first, last, holidays, pauses) if first <= each.on <= last),
        key=lambda each: (each.on, each.slot, each.day),
    )
    return tuple(found)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give the instant (UTC) at which the clocks of `zone` show a time of day; see above for when clocks change."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _decided(
    plan: PlanRule, first: date, last: date, holidays: Holidays, pauses: Sequence[Pause]
) -> Iterator[Occurrence]:
    begin, end = _days_back(first, _CONTEXT), last + _CONTEXT
    until = min(end, plan.ends_on) if plan.ends_on is not None else end
    by_rule = tuple(dates(plan.rule, plan.starts_on, begin, until))
    ends = until if plan.rule.until is None else min(until, plan.rule.until)
    for day, wanted in days_that_are_not(plan.rule, max(first, plan.starts_on), min(last, ends)):
        yield Occurrence(day, 1, day, None, f"{day:%Y-%m} has no day {wanted}")
    # First who stays where the rule puts it, then who is moved by a person, then who gives way to a holiday.
    stays = {day for day in by_rule if day not in plan.moved and _put_off(plan, day, holidays) == (day, "")}
    taken = set(stays)
    for day in by_rule:
        if day in stays:
            yield from _of_day(plan, day, day, "", pauses)
            continue
        to, why = _target(plan, day, holidays)
        if to is None:
            yield from _left_out(plan, day, why)
        elif to in taken:
            yield from _left_out(plan, day, f"{why}, where there is one already")
        elif to != day and day not in plan.moved and _moved_there(plan, by_rule, to):
            yield from _left_out(plan, day, f"{why}, where another was moved")
        else:
            taken.add(to)
            yield from _of_day(plan, day, to, why, pauses)


def _target(plan: PlanRule, day: date, holidays: Holidays) -> tuple[date | None, str]:
    """Give the day on which a date happens, and why it is not its own."""
    if day in plan.moved:
        to = plan.moved[day]
        return to, "skipped" if to is None else f"moved from {day} to {to}"
    return _put_off(plan, day, holidays)


def _moved_there(plan: PlanRule, by_rule: Sequence[date], to: date) -> bool:
    return any(target == to and day in by_rule for day, target in plan.moved.items())


def _put_off(plan: PlanRule, day: date, holidays: Holidays) -> tuple[date | None, str]:
    name = holidays.name(day)
    if name is None or plan.holidays is HolidayWay.USUAL:
        return day, ""
    if plan.holidays is HolidayWay.SKIP:
        return None, f"public holiday: {name}"
    for ahead in range(1, _LONGEST_HOLIDAY + 1):
        to = day + timedelta(days=ahead)
        if holidays.works(to):
            return to, f"put off from {day} ({name}) to {to}"
    return None, f"public holiday: {name}, and no working day within {_LONGEST_HOLIDAY} days"


def _of_day(plan: PlanRule, day: date, on: date, why: str, pauses: Sequence[Pause]) -> Iterator[Occurrence]:
    pause = next((each for each in pauses if each.covers(on)), None)
    before: datetime | None = None
    for slot, at in enumerate(plan.times, 1):
        if pause is not None:
            yield Occurrence(day, slot, on, None, f"paused: {pause.why}" if pause.why else "paused")
            continue
        due_at = local_instant(on, at, plan.zone)
        if before is not None and due_at <= before:
            yield Occurrence(day, slot, on, None, "clocks are put forward: the same moment as the one before")
            continue
        before = due_at
        yield Occurrence(day, slot, on, due_at, why)


def _left_out(plan: PlanRule, day: date, why: str) -> Iterator[Occurrence]:
    for slot in range(1, len(plan.times) + 1):
        yield Occurrence(day, slot, day, None, why)


def _days_back(day: date, by: timedelta) -> date:
    return day - by if day - date.min > by else date.min

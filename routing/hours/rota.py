"""Whose telephone rings when nobody is at the desks: the duty phones in order, and when each is on duty. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from routing.errors import Invalid
from routing.hours.policy import WEEKDAYS, Calendar, DayKind, Span, instant_of, read_spans, write_spans

Times = Mapping[DayKind, tuple[Span, ...]]
ALWAYS: Times = MappingProxyType({})


@dataclass(frozen=True)
class DutyPhone:
    """A telephone outside whose owner takes calls when nobody else does; `times` without any day: always."""

    id: int
    name: str = field(repr=False)
    number: str = field(repr=False)
    """E.164; a number from the settings as the carrier dials it."""
    times: Times = field(default_factory=lambda: ALWAYS)


def read_times(text: str) -> Times:
    """Read ``mon-fri 18:00-08:00; sat-sun 00:00-24:00``; nothing means always.

    `holiday` and `make_up` name public holidays and the days that make up for them; without hours of their own these
    have those of their weekday. Raises Invalid.
    """
    times: dict[DayKind, tuple[Span, ...]] = {}
    for part in (each.strip() for each in text.split(";")):
        if not part:
            continue
        names, _, hours = part.partition(" ")
        spans = read_spans(hours)
        if not spans:
            raise Invalid(f"write days and hours, as mon-fri 18:00-08:00; not {part[:40]!r}")
        for kind in _kinds(names):
            if kind in times:
                raise Invalid(f"{kind.value} stands there twice")
            times[kind] = spans
    return MappingProxyType(times)


def write_times(times: Times) -> str:
    """Write what `read_times` reads."""
    return "; ".join(f"{kind.value} {write_spans(times[kind])}" for kind in DayKind if kind in times)


def on_duty(phones: Sequence[DutyPhone], calendar: Calendar, now: datetime) -> tuple[DutyPhone, ...]:
    """Give who is on duty at an instant (aware), in the order in which they are rung."""
    return tuple(each for each in phones if covers(each.times, calendar, now))


def next_change(phones: Sequence[DutyPhone], zone: ZoneInfo, now: datetime) -> datetime:
    """Give an instant not after the next change of the rota: the next whole minute at which anybody's hours turn."""
    local = now.astimezone(zone)
    marks = {minute % (24 * 60) for each in phones for spans in each.times.values() for span in spans
             for minute in (span.opens, span.closes)} | {0}  # fmt: skip
    minute = local.hour * 60 + local.minute
    ahead = min((mark - minute - 1) % (24 * 60) + 1 for mark in marks)
    return now + timedelta(minutes=ahead, seconds=-local.second, microseconds=-local.microsecond)


def covers(times: Times, calendar: Calendar, now: datetime) -> bool:
    """Tell whether an instant (aware) lies in these times; no times are always."""
    if not times:
        return True
    now = now.astimezone(UTC)
    today = now.astimezone(calendar.zone).date()
    for day in (today, today - timedelta(days=1)):
        special = calendar.special.get(day)
        kind = special.kind if special and special.kind in times else WEEKDAYS[day.weekday()]
        for span in times.get(kind, ()):
            if instant_of(calendar.zone, day, span.opens) <= now < instant_of(calendar.zone, day, span.closes):
                return True
    return False


def _kinds(names: str) -> list[DayKind]:
    first, dash, last = names.lower().partition("-")
    try:
        begin, end = DayKind(first), DayKind(last if dash else first)
    except ValueError:
        raise Invalid(f"name days as mon, sat-sun, holiday or make_up; not {names[:20]!r}") from None
    if begin is end:
        return [begin]
    if begin not in WEEKDAYS or end not in WEEKDAYS:
        raise Invalid("only weekdays have an order, as mon-fri")
    at, until = WEEKDAYS.index(begin), WEEKDAYS.index(end)
    return [*WEEKDAYS[at:], *WEEKDAYS[: until + 1]] if until < at else [*WEEKDAYS[at : until + 1]]

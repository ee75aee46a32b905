"""When an automatic call may be made, and what follows when it is not answered. Pure: values and `now` in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ELDER_KINDS = frozenset({"after_service", "promise", "wellbeing", "medicine", "campaign"})
"""Kinds of calls that disturb an elder, and so keep to the hours allowed; companies have hours of their own."""

ONE_TRY = frozenset({"overdue", "wellbeing", "look_in", "medicine"})
"""Kinds of which each call is owed by itself: whoever owes it decides what follows one without an answer."""

ANSWERED = "answered"
BUSY = "busy"
BUSY_AGAIN = timedelta(minutes=10)
"""Whoever is on the telephone is at home: rung again soon, once."""
EXPIRED_AGAIN = timedelta(minutes=5)
"""A call that no line was free for disturbed nobody, and is tried again soon."""
NEVER_RANG = frozenset({"expired", "withdrawn"})
"""No line was free, or we took it back ourselves: it says nothing of who is at home."""
MOST_DIALS = 5
"""Times `CallRules.attempts`: the bound also for calls that no line is ever free for."""
LONGEST_REST = timedelta(hours=8)
"""Of an elder's day: more would leave no time to be called at all."""

Span = tuple[time, time]


class DayPart(StrEnum):
    """Parts of the day that people keep differently; who is never in by day may be in the evening."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


_NOON, _EVENING = time(12), time(17, 30)
_GOOD = {DayPart.MORNING: time(9), DayPart.AFTERNOON: time(14), DayPart.EVENING: time(18, 30)}
"""When to try in a part of the day: not at its edge, where meals are."""


@dataclass(frozen=True)
class CallRules:
    """When automatic calls are made. `hours` are local; the minute of the second is still allowed.

    `spread`: the next attempt comes in another part of the day; else `retry` after the one before.
    """

    hours: Span
    zone: ZoneInfo
    attempts: int
    retry: timedelta
    spread: bool = False


@dataclass(frozen=True)
class Tried:
    """An attempt that was made, and how it went."""

    at: datetime
    outcome: str


class Then(StrEnum):
    """What follows an attempt."""

    WAIT = "wait"
    """Answered: the flow goes on with it."""
    RETRY = "retry"
    GIVE_UP = "give_up"
    """To an SMS, or to a person."""


@dataclass(frozen=True)
class Follow:
    """The decision after an attempt. `due_at` is set for RETRY."""

    then: Then
    reason: str
    due_at: datetime | None = None


def read_rest(text: str) -> Span | None:
    """Read hours of rest as 12:30-14:00, or 21:00-07:30; None for an empty text.

    Raises ValueError, whose words are for whoever typed it.
    """
    if not text.strip():
        return None
    try:
        first, last = (time.fromisoformat(each.strip()) for each in text.split("-"))
    except ValueError:
        raise ValueError("hours of rest are written as 12:30-14:00") from None
    if first == last or _lasts(first, last) > LONGEST_REST:
        raise ValueError("hours of rest last 8 hours at most: else there is no time left to call")
    return first, last


def falls_into_rest(at: time, lasts: timedelta, rest: Span | None) -> bool:
    """Tell whether calls from `at` on, and their repeats for so long, would meet an elder's rest: they would be put off
    until its end, and what waits for an answer would count as none."""
    if rest is None:
        return False
    minutes = int(lasts.total_seconds()) // 60
    return any(_within(rest, (at.hour * 60 + at.minute + later) % (24 * 60)) for later in range(minutes))


def _within(span: Span, minute: int) -> bool:
    first, last = (each.hour * 60 + each.minute for each in span)
    return first <= minute < last if first < last else minute >= first or minute < last


def write_rest(rest: Span | None) -> str:
    """Write hours of rest as `read_rest` reads them."""
    return f"{rest[0]:%H:%M}-{rest[1]:%H:%M}" if rest else ""


def part_of_day(at: datetime, zone: ZoneInfo) -> DayPart:
    """Give the part of the day of an instant."""
    clock = at.astimezone(zone).time()
    if clock < _NOON:
        return DayPart.MORNING
    return DayPart.AFTERNOON if clock < _EVENING else DayPart.EVENING


def within_hours(at: datetime, rules: CallRules, rest: Span | None = None) -> datetime:
    """Give `at`, or the next moment at which calling is allowed and the elder does not rest.

    A rest that leaves nothing of the hours allowed does not count: no call is put off for ever.
    """
    moment = _in_hours(at, rules)
    for _ in range(4):  # Out of the rest, into the hours, out of the rest of the next day, into the hours.
        after = _after_rest(moment, rules.zone, rest)
        if after == moment:
            return moment
        moment = _in_hours(after, rules)
    return _in_hours(at, rules)


def after_attempt(
    outcome: str,
    attempt: int,
    now: datetime,
    rules: CallRules,
    *,
    before: Sequence[Tried] = (),
    rest: Span | None = None,
) -> Follow:
    """Decide what follows attempt number `attempt` (from 1) of at most `rules.attempts`, after those `before`.

    An unknown outcome counts as an attempt: the elder may have heard it ring. With `rules.spread` one that surely
    never rang does not, within `MOST_DIALS` times as many.
    """
    if outcome == ANSWERED:
        return Follow(Then.WAIT, "answered")
    if not rules.spread:
        reason = f"{outcome} at attempt {attempt} of {rules.attempts}"
        if attempt >= rules.attempts:
            return Follow(Then.GIVE_UP, reason)
        return Follow(Then.RETRY, reason, within_hours(now + rules.retry, rules, rest))
    return _spread(outcome, attempt, now, rules, before=before, rest=rest)


def _spread(
    outcome: str, attempt: int, now: datetime, rules: CallRules, *, before: Sequence[Tried], rest: Span | None
) -> Follow:
    """Decide it for calls that are tried at different times of the day."""
    rang = [each for each in before if each.outcome not in NEVER_RANG]
    count = len(rang) + (outcome not in NEVER_RANG)
    reason = f"{outcome} at attempt {count} of {rules.attempts}"
    if count >= rules.attempts or attempt >= rules.attempts * MOST_DIALS:
        return Follow(Then.GIVE_UP, reason)
    if outcome in NEVER_RANG:
        return Follow(Then.RETRY, reason, within_hours(now + EXPIRED_AGAIN, rules, rest))
    if outcome == BUSY and all(each.outcome != BUSY for each in before):
        return Follow(Then.RETRY, reason, within_hours(now + BUSY_AGAIN, rules, rest))
    used = [part_of_day(each.at, rules.zone) for each in rang] + [part_of_day(now, rules.zone)]
    due_at = _another_part(now + rules.retry, used, rules, rest)
    return Follow(Then.RETRY, f"{reason}, next in the {part_of_day(due_at, rules.zone)}", due_at)


def _another_part(earliest: datetime, used: Sequence[DayPart], rules: CallRules, rest: Span | None) -> datetime:
    """Give the first good moment in a part of the day that was not tried; all tried: in another than the last."""
    first_day = earliest.astimezone(rules.zone)
    moments = []
    for days in range(3):
        for good in _GOOD.values():
            moment = _at(first_day + timedelta(days=days), good, rules.zone)
            if moment >= earliest:
                moments.append(within_hours(moment, rules, rest))
    avoided = set(used) if set(used) != set(DayPart) else {used[-1]}
    others = [each for each in moments if part_of_day(each, rules.zone) not in avoided]
    # Hours that hold one part of the day alone leave only another day.
    return min(others) if others else min(each for each in moments if each - earliest > timedelta(hours=12))


def _lasts(first: time, last: time) -> timedelta:
    minutes = (last.hour * 60 + last.minute - first.hour * 60 - first.minute) % (24 * 60)
    return timedelta(minutes=minutes)


def _after_rest(at: datetime, zone: ZoneInfo, rest: Span | None) -> datetime:
    if rest is None:
        return at
    local = at.astimezone(zone)
    first, last = rest
    clock = local.time()
    if first < last:
        return _at(local, last, zone) if first <= clock < last else at
    if clock >= first:
        return _at(local + timedelta(days=1), last, zone)
    return _at(local, last, zone) if clock < last else at


def _in_hours(at: datetime, rules: CallRules) -> datetime:
    local = at.astimezone(rules.zone)
    first, last = rules.hours
    if local.time() < first:
        return _at(local, first, rules.zone)
    if local.time().replace(second=0, microsecond=0) > last:
        return _at(local + timedelta(days=1), first, rules.zone)
    return at


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), clock, tzinfo=zone)

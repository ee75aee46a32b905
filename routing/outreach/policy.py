"""When an automatic call may be made, and what follows when it is not answered. Pure: values and `now` in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ELDER_KINDS = frozenset({"after_service", "promise"})
"""Kinds of calls that disturb an elder, and so keep to the hours allowed; companies have hours of their own."""

ANSWERED = "answered"


@dataclass(frozen=True)
class CallRules:
    """When automatic calls are made. `hours` are local; the minute of the second is still allowed."""

    hours: tuple[time, time]
    zone: ZoneInfo
    attempts: int
    retry: timedelta


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


def within_hours(at: datetime, rules: CallRules) -> datetime:
    """Give `at`, or the next moment at which calling is allowed."""
    local = at.astimezone(rules.zone)
    first, last = rules.hours
    if local.time() < first:
        return _at(local, first, rules.zone)
    if local.time().replace(second=0, microsecond=0) > last:
        return _at(local + timedelta(days=1), first, rules.zone)
    return at


def after_attempt(outcome: str, attempt: int, now: datetime, rules: CallRules) -> Follow:
    """Decide what follows attempt number `attempt` (from 1) of at most `rules.attempts`.

    An unknown outcome counts as an attempt: the elder may have heard it ring.
    """
    if outcome == ANSWERED:
        return Follow(Then.WAIT, "answered")
    if attempt >= rules.attempts:
        return Follow(Then.GIVE_UP, f"{outcome} at attempt {attempt} of {rules.attempts}")
    due_at = within_hours(now + rules.retry, rules)
    return Follow(Then.RETRY, f"{outcome} at attempt {attempt} of {rules.attempts}", due_at)


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day.date(), clock, tzinfo=zone)

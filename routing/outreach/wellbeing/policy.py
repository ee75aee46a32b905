"""Daily calls to those who live alone: when one is due, and what follows each outcome. Pure: values and `now` in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from routing.orders.planning.rules import dates, read_rule

TRIES = 3
CONTACTS = 3
"""So many people are asked in turn to look in: more would be rung about one and the same morning."""
GOINGS = 2
"""Whoever goes and looks is rung again so often."""


@dataclass(frozen=True)
class WellBeingRules:
    """`every` is the time from one unanswered call to the next; `within` bounds all of them from the first on.

    `latest`: a call that could not be made so long after its time is not made any more, but a person is told.
    `go_and_look`: who said that they go is rung again so long after.
    """

    zone: ZoneInfo
    every: timedelta = timedelta(minutes=20)
    within: timedelta = timedelta(hours=1)
    latest: timedelta = timedelta(hours=4)
    go_and_look: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Enrolled:
    """When an elder wants to be called. `pauses` are first and last days; no last day means until it is ended."""

    at: time
    rule: str
    starts_on: date
    enrolled_at: datetime
    pauses: Sequence[tuple[date, date | None]] = ()


class Today(StrEnum):
    """What is to be done about an elder now."""

    CALL = "call"
    NOT_YET = "not_yet"
    NOT_TODAY = "not_today"
    PAUSED = "paused"
    TOO_LATE = "too_late"
    """Nobody called in time, because the hotline stood still: a person must know."""


@dataclass(frozen=True)
class Due:
    """The decision for one day."""

    today: Today
    day: date
    at: datetime
    """The time at which the call was to be made."""


def due(enrolled: Enrolled, now: datetime, rules: WellBeingRules) -> Due:
    """Decide for the local day of `now`, of which nothing is known yet: who has a row for that day is not asked about.

    Who was enrolled after the time of the day is called from the next day on.
    """
    day = now.astimezone(rules.zone).date()
    at = datetime.combine(day, enrolled.at, tzinfo=rules.zone)
    if enrolled.enrolled_at > at or next(dates(read_rule(enrolled.rule), enrolled.starts_on, day, day), None) is None:
        return Due(Today.NOT_TODAY, day, at)
    if any(first <= day and (last is None or day <= last) for first, last in enrolled.pauses):
        return Due(Today.PAUSED, day, at)
    if now < at:
        return Due(Today.NOT_YET, day, at)
    return Due(Today.CALL if now < at + rules.latest else Today.TOO_LATE, day, at)


class Heard(StrEnum):
    """How a call to the elder went."""

    WELL = "well"
    CALL_ME = "call_me"
    PERSON = "person"
    SOS = "sos"
    NO_KEY = "no_key"
    """Picked up, and nobody pressed a key: an answering machine, or somebody who cannot."""
    NO_ANSWER = "no_answer"
    NEVER_RANG = "never_rang"
    """No line was free: it disturbed nobody, and says nothing."""
    NOT_WANTED = "not_wanted"
    """They may not be called: withdrawn, or on the list of whom never to call."""


class Then(StrEnum):
    """What follows."""

    SETTLED = "settled"
    AGAIN = "again"
    ALARM = "alarm"
    """A case for the desk, and the contacts in turn."""
    LEAVE = "leave"


@dataclass(frozen=True)
class Follow:
    """The decision after a call. `due_at` is set for AGAIN."""

    then: Then
    reason: str
    due_at: datetime | None = None


def after_call(heard: Heard, rang: int, first_at: datetime, now: datetime, rules: WellBeingRules) -> Follow:
    """Decide what follows a call. `rang` counts those without an answer, this one among them.

    Three without an answer, or an hour without any, are an alarm; the next call is never due after that hour.
    """
    if heard in (Heard.WELL, Heard.CALL_ME, Heard.PERSON, Heard.SOS):
        return Follow(Then.SETTLED, heard.value)
    if heard is Heard.NOT_WANTED:
        return Follow(Then.LEAVE, "may not be called")
    end = first_at + rules.within
    if rang >= TRIES:
        return Follow(Then.ALARM, f"no answer {rang} times")
    if now >= end:
        return Follow(Then.ALARM, f"no answer within {rules.within // timedelta(minutes=1)} minutes")
    return Follow(Then.AGAIN, f"{heard.value}, {rang} of {TRIES}", min(now + rules.every, end))


def stuck(due_at: datetime, now: datetime, rules: WellBeingRules) -> bool:
    """Tell whether a call that is due has not been made for so long that it is an alarm by itself."""
    return now >= due_at + rules.within


class Looked(StrEnum):
    """What a relative or neighbour said."""

    WELL = "well"
    NEEDS_US = "needs_us"
    GOING = "going"
    PERSON = "person"
    SOS = "sos"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Next:
    """Whom to ask next: `position` in turn (from 0) at `due_at`; `over` with its word when nobody is asked any more."""

    position: int = 0
    due_at: datetime | None = None
    over: str = ""


def after_look_in(answers: Sequence[tuple[int, Looked]], contacts: int, now: datetime, rules: WellBeingRules) -> Next:
    """Decide who is rung next about an elder who did not answer, after the `answers` so far: positions and words.

    Each of at most `CONTACTS` people is rung once, and `GOINGS` times more if they said that they go and look.
    """
    contacts = min(contacts, CONTACTS)
    if not answers:
        return Next(due_at=now) if contacts else Next(over="nobody")
    position, last = answers[-1]
    if last in (Looked.WELL, Looked.NEEDS_US):
        return Next(over=last.value)
    if last in (Looked.PERSON, Looked.SOS):
        return Next(over=Looked.NEEDS_US.value)  # They are with a person now, who sees the case.
    gone = sum(1 for at, word in answers if at == position and word is Looked.GOING)
    if last is Looked.GOING and gone <= GOINGS:
        return Next(position, now + rules.go_and_look)
    if position + 1 < contacts:
        return Next(position + 1, now)
    return Next(over="nobody")

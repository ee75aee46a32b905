"""Reminders of medicine: what follows each call. Pure: values and `now` in. When one is due: `wellbeing.policy.due`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

LATER = timedelta(minutes=20)
AGAIN = timedelta(minutes=10)
NO_LINE = timedelta(minutes=5)
LATEST = timedelta(hours=1)
"""A reminder that comes later than that may make somebody take a medicine twice: none is made any more."""
UNANSWERED, LATERS = 2, 1


class Told(StrEnum):
    """How a call went."""

    TAKEN = "taken"
    LATER = "later"
    PERSON = "person"
    SOS = "sos"
    NO_ANSWER = "no_answer"
    NEVER_RANG = "never_rang"
    NOT_WANTED = "not_wanted"


class Then(StrEnum):
    """What follows."""

    SETTLED = "settled"
    AGAIN = "again"
    GIVE_UP = "give_up"
    """As set: the contact gets an SMS, or nothing happens."""
    LEAVE = "leave"


@dataclass(frozen=True)
class Follow:
    """The decision after a call. `due_at` is set for AGAIN."""

    then: Then
    due_at: datetime | None = None


def after_call(told: Told, *, unanswered: int, later: int, first_at: datetime, now: datetime) -> Follow:
    """Decide what follows a call; `unanswered` and `later` count this one too.

    Later is once, and so is a second call to who did not answer; nothing rings more than an hour after the first.
    """
    if told in (Told.TAKEN, Told.PERSON, Told.SOS):
        return Follow(Then.SETTLED)
    if told is Told.NOT_WANTED:
        return Follow(Then.LEAVE)
    if unanswered >= UNANSWERED or later > LATERS:
        return Follow(Then.GIVE_UP)
    due_at = now + {Told.LATER: LATER, Told.NO_ANSWER: AGAIN, Told.NEVER_RANG: NO_LINE}[told]
    return Follow(Then.AGAIN, due_at) if due_at <= first_at + LATEST else Follow(Then.GIVE_UP)


def part_of_day(at: time) -> str:
    """Name the medicine of this time as people do: morning (before 11), noon (before 16) or evening."""
    return "morning" if at.hour < 11 else "noon" if at.hour < 16 else "evening"

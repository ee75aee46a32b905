"""Group messages: what may be done with one, when its calls go out, what follows each. Pure: values and `now` in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

KIND = "campaign"
FLOW = "group_message"


class State(StrEnum):
    """How a message stands."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


class Act(StrEnum):
    """What is done with one. `FINISH` is done by nobody: all have an outcome, or its time is over. `MAKE` and `RECORD`
    stand in its history only."""

    MAKE = "make"
    RECORD = "record"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    FINISH = "finish"


MOVES: Mapping[tuple[State, Act], State] = {
    (State.DRAFT, Act.START): State.RUNNING,
    (State.RUNNING, Act.PAUSE): State.PAUSED,
    (State.PAUSED, Act.RESUME): State.RUNNING,
    (State.DRAFT, Act.STOP): State.STOPPED,
    (State.RUNNING, Act.STOP): State.STOPPED,
    (State.PAUSED, Act.STOP): State.STOPPED,
    (State.RUNNING, Act.FINISH): State.FINISHED,
    (State.PAUSED, Act.FINISH): State.FINISHED,
}
"""Whatever is not here cannot be done."""
WHILE_QUEUED: Mapping[tuple[State, Act], State] = {
    (State.FINISHED, Act.PAUSE): State.PAUSED,
    (State.FINISHED, Act.STOP): State.STOPPED,
}
"""And these, while SMS of it wait to be sent: for whoever gets them it is not over."""


def move_of(state: State, act: Act, queued: int) -> State | None:
    """Give the state after a move; None: it cannot be made. `queued` are SMS of it that wait."""
    return MOVES.get((state, act)) or (WHILE_QUEUED.get((state, act)) if queued else None)


class Why(StrEnum):
    """Why a message finished by itself."""

    ALL_SETTLED = "all_settled"
    TIME_OVER = "time_over"


_GOALS: Mapping[Act, State] = {
    Act.START: State.RUNNING, Act.RESUME: State.RUNNING, Act.PAUSE: State.PAUSED, Act.STOP: State.STOPPED,
}  # fmt: skip


def is_repeat(state: State, act: Act, by: str, changed_by: str) -> bool:
    """Tell whether the same person has done this already: a second press, a request that was sent again."""
    return _GOALS.get(act) is state and by == changed_by


def may(state: State, queued: int = 0) -> frozenset[Act]:
    """Give what people may do with a message now. `queued` are SMS of it that wait."""
    return frozenset(act for act in Act if move_of(state, act, queued)) - {Act.FINISH}


class Way(StrEnum):
    """How elders are told."""

    CALL = "call"
    SMS = "sms"
    CALL_SMS = "call_sms"
    """By telephone; whoever is not reached is written to."""

    @property
    def calls(self) -> bool:
        """Whether telephones ring."""
        return self is not Way.SMS

    @property
    def writes(self) -> bool:
        """Whether anybody is written to."""
        return self is not Way.CALL


WARNINGS = ("", "blue", "yellow", "orange", "red")
"""Of the weather, from none to the worst (China's four colours)."""


@dataclass(frozen=True)
class Selection:
    """Whom a message is for; empty words stand for all."""

    district: str = ""
    caller_class: str = ""
    payer_class: str = ""
    alone: bool = False


@dataclass(frozen=True)
class Person:
    """What a selection looks at, and whose turn comes first."""

    elder_id: int
    district: str
    caller_class: str
    payer_class: str
    alone: bool


def is_meant(person: Person, selection: Selection) -> bool:
    """Tell whether a message is for this elder."""
    pairs = (
        (selection.district, person.district),
        (selection.caller_class, person.caller_class),
        (selection.payer_class, person.payer_class),
    )
    return all(wanted in ("", found) for wanted, found in pairs) and (person.alone or not selection.alone)


def turn(person: Person) -> tuple[bool, bool, int]:
    """Give the key of the order: the frail first, then those who live alone, then as they were registered."""
    return person.caller_class != "frail", not person.alone, person.elder_id


class Moment(StrEnum):
    """Whether calls go out now."""

    NOT_YET = "not_yet"
    OPEN = "open"
    REST = "rest"
    """Not at this hour of the day."""
    OVER = "over"


@dataclass(frozen=True)
class Hours:
    """When a message goes out: between two instants, within hours of the day (the last not included)."""

    starts_at: datetime
    ends_at: datetime
    opens: time
    closes: time
    zone: ZoneInfo


def moment(hours: Hours, now: datetime) -> Moment:
    """Decide whether anybody is called or written to now."""
    if now >= hours.ends_at:
        return Moment.OVER
    if now < hours.starts_at:
        return Moment.NOT_YET
    return Moment.OPEN if hours.opens <= now.astimezone(hours.zone).time() < hours.closes else Moment.REST


def next_open(hours: Hours, now: datetime) -> datetime | None:
    """Give `now`, or the next instant at which calls go out; None when there is none any more."""
    at = max(now, hours.starts_at)
    local = at.astimezone(hours.zone)
    if local.time() >= hours.closes:
        local = datetime.combine(local.date() + timedelta(days=1), hours.opens, tzinfo=hours.zone)
    elif local.time() < hours.opens:
        local = datetime.combine(local.date(), hours.opens, tzinfo=hours.zone)
    return local if local < hours.ends_at else None


class Now(StrEnum):
    """What becomes of a call that is owed and due."""

    DIAL = "dial"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class Verdict:
    """The decision, asked within the claim. `not_before` is set for LATER."""

    now: Now
    why: str
    not_before: datetime | None = None


LINES_FULL_AGAIN = timedelta(seconds=5)
PAUSED_AGAIN = timedelta(minutes=1)
"""A pause that is ended brings its calls forward; this is only how often they are looked at meanwhile."""


def verdict(state: State, hours: Hours, on_lines: int, lines: int, now: datetime) -> Verdict:
    """Decide whether a call that is due may be dialled. `on_lines`: calls of the same message, ringing or talking."""
    if state in (State.STOPPED, State.FINISHED):
        return Verdict(Now.NEVER, "stopped")
    if state is not State.RUNNING:
        return Verdict(Now.LATER, "paused", now + PAUSED_AGAIN)
    at = next_open(hours, now)
    if at is None:
        return Verdict(Now.NEVER, "too_late")
    if at > now:
        return Verdict(Now.LATER, "hours", at)
    if on_lines >= lines:
        return Verdict(Now.LATER, "lines", now + LINES_FULL_AGAIN)
    return Verdict(Now.DIAL, "")


AHEAD = 2
"""For each line so many calls are owed at once: enough that no line waits for the next sweep, few enough that a stop
has little to take back, and that what is owed for other reasons is not kept waiting by thousands."""


def to_owe(lines: int, open_calls: int) -> int:
    """Give how many calls more to owe. `open_calls` are due soon, ringing or talking."""
    return max(0, lines * AHEAD - open_calls)


class Then(StrEnum):
    """What follows a call that is over."""

    WRITE = "write"
    NOT_REACHED = "not_reached"
    LEFT_OUT = "left_out"
    STOPPED = "stopped"


_AT_PEACE = frozenset({"gone", "opted_out", "withdrawn", "no_consent"})


def after_call(way: Way, outcome: str) -> Then:
    """Decide what follows a call that reached nobody, by the word it ended with: who wants none is left in peace, who
    may not be rung (the list of whom never to call) or was not reached is written to, if that was chosen."""
    if outcome == "stopped":
        return Then.STOPPED
    if outcome in _AT_PEACE:
        return Then.LEFT_OUT
    if way.writes:
        return Then.WRITE
    return Then.LEFT_OUT if outcome == "never_call" else Then.NOT_REACHED


@dataclass(frozen=True)
class CallHabits:
    """How calls to elders go. Assumptions, until a hotline has its own figures: elders take 15 s to the telephone."""

    answered_share: float = 0.6
    pick_up_seconds: float = 15.0
    greeting_seconds: float = 12.0
    ring_seconds: float = 30.0
    between_seconds: float = 2.0
    """From the end of a call to the next one on the line."""


USUAL_HABITS = CallHabits()


def lasts(telephones: int, lines: int, message_seconds: float, attempts: int, habits: CallHabits) -> timedelta:
    """Estimate how long calls to so many telephones take on so many lines, with no elder waiting meanwhile.

    Each is tried until answered, `attempts` times at most: the number of tries is geometric, cut off.
    """
    if telephones <= 0:
        return timedelta(0)
    tries = sum((1 - habits.answered_share) ** n for n in range(max(1, attempts)))
    reached = 1 - (1 - habits.answered_share) ** max(1, attempts)
    talked = reached * (habits.pick_up_seconds + habits.greeting_seconds + message_seconds)
    rung = (tries - reached) * habits.ring_seconds
    each = talked + rung + tries * habits.between_seconds
    return timedelta(seconds=math.ceil(telephones * each / max(1, min(lines, telephones))))

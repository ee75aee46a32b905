"""What counts as a visit: from which telephone, how long, what a person must look into. Pure: values in and out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class CalledFrom(StrEnum):
    """What telephone a worker called from. Only an elder's own proves the place."""

    HOME = "home"
    """A phone of the elder who is visited."""
    OTHER_HOME = "other_home"
    """A phone of another elder."""
    WORKER = "worker"
    """The worker's own phone."""
    OTHER = "other"
    """Any other number."""
    WITHHELD = "withheld"
    """The number was not shown."""

    @property
    def verified(self) -> bool:
        return self is CalledFrom.HOME


class ExceptionKind(StrEnum):
    """What about a visit is not as it should be, and a person resolves with a reason."""

    MISSING_IN = "missing_in"
    MISSING_OUT = "missing_out"
    UNVERIFIED_IN = "unverified_in"
    UNVERIFIED_OUT = "unverified_out"
    WRONG_HOME = "wrong_home"
    UNQUALIFIED = "unqualified"


REASONS = (
    "forgot", "phone_out_of_order", "no_phone", "elder_elsewhere", "number_changed", "number_withheld", "shared_phone",
    "agreed_with_company", "system_away", "other",
)  # fmt: skip
"""Reason codes, as EVV wants one for each exception that is resolved: the worker forgot; the elder's phone was out of
order, or there is none; the elder was not at home (in hospital, at a relative's); the number is new and not registered;
the number was hidden; the neighbour's phone was used; the company had agreed on it; we were not to be reached."""


class TaskResult(StrEnum):
    """What became of a task, by the key that says so."""

    DONE = "done"
    NOT_NEEDED = "not_needed"
    REFUSED = "refused"


TASKS_BY_VOICE = 4
"""So many tasks are asked by telephone, at some six seconds each; more than that belong on paper."""


def called_from(number: str | None, homes: Collection[int], elder_id: int, own: bool) -> CalledFrom:
    """Tell what telephone it was: `homes` are the elders whose number it is, `own` whether it is the worker's."""
    if elder_id in homes:
        return CalledFrom.HOME
    if number is None:
        return CalledFrom.WITHHELD
    if homes:
        return CalledFrom.OTHER_HOME
    return CalledFrom.WORKER if own else CalledFrom.OTHER


@dataclass(frozen=True)
class Worked:
    """How long a visit was: whole minutes as the clock went, and minutes as they are counted."""

    minutes: int
    counted: int


MOST_STEP = 60


def worked(begin: datetime, end: datetime, step: int) -> Worked:
    """Count a visit. `minutes` are whole ones (seconds beyond are dropped); `counted` is the nearest multiple of
    `step` minutes, half a step up: with 15, 7 minutes count as 0 and 8 as 15 (29 CFR 785.48(b), the seven-minute rule).
    With 1 every minute counts. Instants are aware, so midnight and a change of the clocks make no difference.

    Raises ValueError for an end before the begin, or a step that is not 1 to 60.
    """
    if end < begin:
        raise ValueError("a visit ends after it has begun")
    if not 1 <= step <= MOST_STEP:
        raise ValueError(f"a step has 1 to {MOST_STEP} minutes")
    minutes = int((end - begin) / timedelta(minutes=1))
    return Worked(minutes, (2 * minutes + step) // (2 * step) * step)


LATE_FOR = timedelta(hours=24)
"""An order that is later than this is nobody's to wait for any more: it cannot be checked in either (may_check_in)."""


def is_late(due_at: datetime, now: datetime, grace: timedelta) -> bool:
    """Tell whether a visit that has not begun by now is late enough to say so, and not too late to be any news."""
    return grace <= now - due_at <= LATE_FOR


def exceptions_in(called: CalledFrom | None, qualified: bool) -> tuple[ExceptionKind, ...]:
    """Tell what must be looked into when a visit begins; without `called` nobody called when it did."""
    found = []
    if called is CalledFrom.OTHER_HOME:
        found.append(ExceptionKind.WRONG_HOME)
    elif called is not None and not called.verified:
        found.append(ExceptionKind.UNVERIFIED_IN)
    if not qualified:
        found.append(ExceptionKind.UNQUALIFIED)
    return tuple(found)


def exceptions_out(called: CalledFrom, begun: bool) -> tuple[ExceptionKind, ...]:
    """Tell what must be looked into when a visit ends."""
    found = [] if called.verified else [ExceptionKind.UNVERIFIED_OUT]
    if not begun:
        found.append(ExceptionKind.MISSING_IN)
    return tuple(found)

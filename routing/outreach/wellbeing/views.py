"""What is shown of daily calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from db.models import LookIn, WellBeingCheck


@dataclass(frozen=True)
class Check:
    """One elder's call of one day. `cause` is of the call that is owed, or was last."""

    id: int
    elder_id: int
    day: date
    state: str
    attempts: int
    no_key: int
    first_at: datetime
    reason: str
    case_id: int | None
    looking_in: str
    settled_at: datetime | None
    cause: str


@dataclass(frozen=True)
class Asked:
    """One call to a relative or neighbour. `over`: nobody needs to look in any more."""

    id: int
    check_id: int
    elder_id: int
    contact_id: int | None
    answer: str
    cause: str
    over: bool


def cause_of(key: str, attempt: int) -> str:
    """Name the call of an attempt (from 1) of a check."""
    return f"{key}-{attempt}"


def check_view(row: WellBeingCheck) -> Check:
    return Check(
        row.id, row.elder_id, row.day, row.state, row.attempts, row.no_key, row.first_at, row.reason, row.case_id,
        row.looking_in, row.settled_at, cause_of(row.key, row.attempts),
    )  # fmt: skip


def asked_view(row: LookIn, check: WellBeingCheck) -> Asked:
    over = check.looking_in != "asking" or row.answer != ""
    return Asked(row.id, check.id, check.elder_id, row.contact_id, row.answer, row.cause, over)

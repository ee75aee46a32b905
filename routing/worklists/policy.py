"""Which list a task is on, who may take it, and until when it may be put off. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routing.errors import Conflict, Invalid

LISTS: Final = ("sos", "wellbeing", "callbacks", "complaints", "not_reached")
"""In the order in which they matter."""
CASE_LISTS: Final = {
    "sos": "sos", "wellbeing": "wellbeing", "callback": "callbacks", "complaint": "complaints",
    "registration": "complaints",
}  # fmt: skip
"""The list of each kind of case that agents work off; the other kinds are the supervisors'."""
LONGEST_DEFERRAL: Final = timedelta(days=14)


class TakenAlready(Conflict):
    """Somebody else has taken this task, and has time left."""

    code = "task_taken"


@dataclass(frozen=True)
class Claim:
    """Who has a task, as user:3 or token:5, until when; or until when it is put off. None of it: it is free."""

    by: str | None = None
    until: datetime | None = None
    deferred_until: datetime | None = None

    def holder(self, now: datetime) -> str | None:
        """Who has it now: a claim ends by itself."""
        return self.by if self.until is not None and self.until > now else None

    def is_deferred(self, now: datetime) -> bool:
        """Whether it is put off still."""
        return self.deferred_until is not None and self.deferred_until > now


def check_deferral(kind: str, until: datetime, now: datetime) -> None:
    """Raise Invalid unless a task of this kind may be put off so far."""
    if kind == "sos":
        raise Invalid("an SOS is not put off")
    if not now < until <= now + LONGEST_DEFERRAL:
        raise Invalid(f"put a task off to a time to come, {LONGEST_DEFERRAL.days} days ahead at most")

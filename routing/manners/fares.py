"""How an elder fared in one talk: a few numbers, from which their manner is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

LATE_SECONDS: Final = 2.0
"""A key within so long of a hint's beginning was merely late: "没有听到您按键", by which it says why, takes 1.8 s."""


class End(StrEnum):
    """How a talk by keys ended."""

    SELF_SERVICE = "self_service"
    PERSON_BY_KEY = "person_by_key"
    PERSON_BY_SILENCE = "person_by_silence"
    PERSON = "person"
    """After wrong keys, or because a person had to come."""
    HUNG_UP = "hung_up"


@dataclass(frozen=True, slots=True)
class Fare:
    """One talk in which something was asked. Nothing of what was pressed or said is in it."""

    day: date
    """Where the hotline is."""
    questions: int
    """How many were asked, 1 or more."""
    hints: int = 0
    """Hints that were needed; one that a late key cut short is none."""
    wrong_keys: int = 0
    silences: int = 0
    """Questions that ended without a key."""
    deliveries: int = 0
    """How often # was pressed."""
    slow: bool = False
    loud: bool = False
    """The delivery at the end."""
    delivery_chosen: bool = False
    """Whether that delivery is the elder's own choice: by # in this talk, or learnt from their #."""
    latest_key_seconds: float | None = None
    """Seconds after a question at which the latest key came that was too late for it; None: none was."""
    end: End = End.HUNG_UP
    eased: int = 0
    """Which step of `policy.Help` had been learnt when they talked."""
    patience: int = 0
    """Which step of `policy.Patience` had been learnt when they talked."""

    @property
    def needed_help(self) -> bool:
        """Whether keys were no help to this elder: a hint was needed, or silence led to a person."""
        return self.hints > 0 or self.end is End.PERSON_BY_SILENCE

    @property
    def went_well(self) -> bool:
        """Whether they had what they called for by keys alone, without a hint."""
        return self.end is End.SELF_SERVICE and self.hints == 0


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order of an elder, by whatever way it came."""

    day: date
    item_id: int


@dataclass(frozen=True, slots=True)
class History:
    """What is known of how an elder fares, the oldest first."""

    fares: tuple[Fare, ...] = ()
    orders: tuple[Ordered, ...] = ()

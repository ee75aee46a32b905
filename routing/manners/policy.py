"""What an elder's last talks teach about how to speak with them. Pure; each lesson says why, for whoever looks.

Nothing flaps: a lesson is kept while talks are held by it (each fare says which lessons were in force), what helps is
not taken away because it helped, and one good talk undoes nothing: two in a row do.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from routing.manners.fares import Fare, History, Ordered
from routing.manners.manner import LONGEST_KEY_SECONDS, MOST_HINTS

MOST_FARES: Final = 8
"""So many talks teach, the latest ones."""
FORGET_DAYS: Final = 180
"""Older talks teach nothing: after half a year whoever went straight to a person is offered the keys once more."""
FAVOURITE_DAYS: Final = 60
FAVOURITE_LEAST_DAYS: Final = 3
EARLY_SECONDS: Final = 3.0
"""Silence before each hint for whoever needs more than the longest silence: the hint comes earlier, and twice."""


class Why(StrEnum):
    """Why a part of a manner is as it is."""

    HEARING = "hearing"
    """The record says that hearing is weak."""
    HELP = "help"
    """A hint was needed, or silence led to a person."""
    LATE = "late"
    """Keys came after the silence for them was over."""
    STILL_LATE = "still_late"
    """And did so with the longest silence, too."""
    HASH = "hash"
    """The elder chose this delivery with #."""
    FAVOURITE = "favourite"
    """Nearly all orders are of this item."""


class Help(IntEnum):
    """Steps from keys to a person."""

    USUAL = 0
    AT_FIRST_SILENCE = 1
    STRAIGHT_TO_PERSON = 2


class Patience(IntEnum):
    """Steps of waiting for keys."""

    USUAL = 0
    LONGER = 1
    HINTED_TWICE = 2


@dataclass(frozen=True, slots=True)
class Lesson:
    """A value that was learnt: seen in `count` of the last `of` talks (for a favourite: orders)."""

    value: bool | int | float
    why: Why
    count: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the talks teach, by the name of the part of a manner, and the steps in force."""

    lessons: Mapping[str, Lesson]
    help: Help = Help.USUAL
    patience: Patience = Patience.USUAL


def learn(history: History, today: date) -> Learnt:
    """Learn from the last talks. The same history teaches the same on the same day."""
    fares = [each for each in history.fares[-MOST_FARES:] if today - each.day <= timedelta(days=FORGET_DAYS)]
    eased, waits = _help(fares), _patience(fares)
    lessons = _delivery(fares) | _favourite(history.orders, today)
    if waits.step is Patience.LONGER:
        lessons["key_seconds"] = Lesson(LONGEST_KEY_SECONDS, Why.LATE, waits.count, waits.of)
    elif waits.step is Patience.HINTED_TWICE:
        lessons["key_seconds"] = Lesson(EARLY_SECONDS, Why.STILL_LATE, waits.count, waits.of)
        lessons["hints"] = Lesson(MOST_HINTS, Why.STILL_LATE, waits.count, waits.of)
    if eased.step >= Help.AT_FIRST_SILENCE:
        lessons["hints"] = Lesson(0, Why.HELP, eased.count, eased.of)
        if waits.step is Patience.HINTED_TWICE:  # Without a hint, time is all there is to give.
            lessons["key_seconds"] = Lesson(LONGEST_KEY_SECONDS, Why.STILL_LATE, waits.count, waits.of)
    if eased.step is Help.STRAIGHT_TO_PERSON:
        lessons["straight_to_person"] = Lesson(True, Why.HELP, eased.count, eased.of)
    return Learnt(lessons, eased.step, waits.step)


@dataclass(slots=True)
class _Eased:
    step: Help = Help.USUAL
    count: int = 0
    of: int = 0


def _help(fares: Iterable[Fare]) -> _Eased:
    """Help in 2 of the last 3 talks: a person at the first silence. In 3 of 4: at once. Two good ones: as usual."""
    eased, good, before = _Eased(), 0, 0
    needed: deque[bool] = deque(maxlen=4)
    for fare in fares:
        if fare.eased < before:  # Undone since, by talks that are no longer here, or by a person.
            eased.step = Help(min(fare.eased, Help.STRAIGHT_TO_PERSON))
            needed.clear()
            good = 0
        elif fare.eased > eased.step:  # Learnt from talks that are no longer here.
            eased.step = Help(min(fare.eased, Help.STRAIGHT_TO_PERSON))
        before = fare.eased
        needed.append(fare.needed_help)
        good = good + 1 if fare.went_well else 0
        last = list(needed)[-3:]
        if good >= 2:
            eased = _Eased()
            needed.clear()
        elif sum(needed) >= 3:
            eased = _Eased(Help.STRAIGHT_TO_PERSON, sum(needed), len(needed))
        elif sum(last) >= 2 and eased.step < Help.STRAIGHT_TO_PERSON:
            eased = _Eased(Help.AT_FIRST_SILENCE, sum(last), len(last))
    return eased


@dataclass(slots=True)
class _Waits:
    step: Patience = Patience.USUAL
    count: int = 0
    of: int = 0


def _patience(fares: Iterable[Fare]) -> _Waits:
    """Late keys in 2 of the last 3 talks: a step further. There is no step back: the time is what helped."""
    waits = _Waits()
    late: deque[bool] = deque(maxlen=3)
    for fare in fares:
        if fare.patience > waits.step:  # Learnt from talks that are no longer here.
            waits = _Waits(Patience(min(fare.patience, Patience.HINTED_TWICE)))
            late.clear()
        if fare.patience < waits.step:
            continue  # From before that was learnt, or a person set the time.
        late.append(fare.latest_key_seconds is not None)
        if sum(late) >= 2 and waits.step < Patience.HINTED_TWICE:
            waits = _Waits(Patience(waits.step + 1), sum(late), len(late))
            late.clear()
    return waits


def _delivery(fares: list[Fare]) -> dict[str, Lesson]:
    """The delivery in which 2 of the last 3 talks ended, if the elder chose it, is the one to begin with."""
    last = fares[-3:]
    chosen = Counter((each.slow, each.loud) for each in last if each.delivery_chosen)
    for (slow, loud), count in chosen.items():
        if count >= 2:
            return {"slow": Lesson(slow, Why.HASH, count, len(last)), "loud": Lesson(loud, Why.HASH, count, len(last))}
    return {}


def _favourite(orders: Iterable[Ordered], today: date) -> dict[str, Lesson]:
    """The item ordered on 3 days or more of the last 60, and in three quarters of the orders."""
    recent = [each for each in orders if timedelta() <= today - each.day <= timedelta(days=FAVOURITE_DAYS)]
    for item_id, count in Counter(each.item_id for each in recent).items():
        days = {each.day for each in recent if each.item_id == item_id}
        if len(days) >= FAVOURITE_LEAST_DAYS and count * 4 >= len(recent) * 3:
            return {"favourite_item_id": Lesson(item_id, Why.FAVOURITE, count, len(recent))}
    return {}

"""How long an order may stand in a state, and who is told when it stands longer. Pure: values and `now` in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

from routing.orders.policy import OPEN, OrderState

_S = OrderState


class Level(IntEnum):
    """Who is told of an overdue order; each also stays with those before."""

    DESK = 1
    """It is on the list of overdue orders, which every agent sees."""
    SUPERVISOR = 2
    """A case that a person must close."""
    DUTY_PHONE = 3
    """The duty phones are rung, one after the other, until somebody takes it over."""


USUAL_MINUTES: Mapping[OrderState, int] = MappingProxyType(
    {
        _S.REQUESTED: 10,  # It is offered within seconds; who waits longer was forgotten by the machines.
        _S.OFFERED: 20,  # An offer lasts ten minutes.
        _S.UNASSIGNED: 30,  # A person must decide.
        _S.ACCEPTED: 60,  # After the promised time.
        _S.VISITING: 360,  # Nobody has checked out.
        _S.DONE: 8 * 1440,  # It is closed after a week without a score.
        _S.RATED: 2 * 1440,  # It is closed after a day.
        _S.DISPUTED: 3 * 1440,  # A complaint is answered within three days.
    }
)
"""Minutes that an order may stand in each state: of an accepted one from the promised time on, else since it came there
(or since it may be offered, if it was planned ahead). Closed and cancelled orders stand for ever."""

URGENT_MINUTES = 5
"""An order that is served by day and by night, as an urgent repair is, may stand so long before it is accepted."""

PRESSING = timedelta(hours=2)
"""Nobody is woken for an order that is promised for later than this."""


@dataclass(frozen=True)
class EscalationRules:
    """How long each state may last, and how long each level has before the next is told."""

    minutes: Mapping[OrderState, int]
    climb: timedelta

    def __post_init__(self) -> None:
        """Raises ValueError for times that let everything climb at once, or never."""
        if self.climb < timedelta(minutes=1):
            raise ValueError("each level needs a minute at least before the next is told")
        wrong = [state.value for state, minutes in self.minutes.items() if not 1 <= minutes <= 100_000]
        if wrong:
            raise ValueError(f"minutes of {', '.join(wrong)} are 1 to 100000")
        forever = [state.value for state in self.minutes if state not in USUAL_MINUTES]
        if forever:
            raise ValueError(f"an order that is {', '.join(forever)} stands for ever")


def read_minutes(text: str) -> Mapping[OrderState, int]:
    """Read ``offered=20,unassigned=30``; states that are not named keep their usual time. Raises ValueError."""
    minutes = dict(USUAL_MINUTES)
    for part in (each.strip() for each in text.split(",") if each.strip()):
        name, _, number = (each.strip() for each in part.partition("="))
        if name not in set(OrderState) or not (number.isascii() and number.isdecimal()):
            raise ValueError(f"write a state and its minutes, as offered=20; not {part[:40]!r}")
        minutes[OrderState(name)] = int(number)
    EscalationRules(minutes, timedelta(minutes=1))
    return MappingProxyType(minutes)


@dataclass(frozen=True)
class Stay:
    """An order in the state in which it is now. `not_before`: it was planned ahead, and is offered from then on."""

    state: OrderState
    since: datetime
    due_at: datetime
    urgent: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True)
class Overdue:
    """An order that stands too long: who must know by now, since when it is overdue, and why, in English words."""

    level: Level
    since: datetime
    reason: str


def deadline(stay: Stay, rules: EscalationRules) -> datetime | None:
    """Give the moment by which the order must have moved; None if it need not."""
    minutes = rules.minutes.get(stay.state)
    if minutes is None:
        return None
    if stay.urgent and stay.state in (_S.REQUESTED, _S.OFFERED, _S.UNASSIGNED):
        minutes = min(minutes, URGENT_MINUTES)
    if stay.state is _S.ACCEPTED:
        # Who takes an order late has the same time for the way.
        begin = max(stay.due_at, stay.since)
    elif stay.state in (_S.REQUESTED, _S.OFFERED, _S.UNASSIGNED) and stay.not_before is not None:
        begin = max(stay.since, stay.not_before)
    else:
        begin = stay.since
    return begin + timedelta(minutes=minutes)


def highest(stay: Stay, now: datetime) -> Level:
    """Give the level at which climbing ends: nobody is woken for what can wait."""
    pressing = stay.state in OPEN and (stay.urgent or stay.due_at - now <= PRESSING)
    return Level.DUTY_PHONE if pressing else Level.SUPERVISOR


def overdue(stay: Stay, now: datetime, rules: EscalationRules) -> Overdue | None:
    """Decide who must know of an order by now; None while it is in time."""
    until = deadline(stay, rules)
    if until is None or now < until:
        return None
    reached = min(1 + (now - until) // rules.climb, highest(stay, now))
    late = (now - until) // timedelta(minutes=1)
    return Overdue(Level(reached), until, f"{stay.state} for {late} min more than it may be")

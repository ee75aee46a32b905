"""Hours and rota as the router uses them: what holds at an epoch, and when it next turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from routing.hours import rota
from routing.hours.policy import standing
from routing.hours.register import HoursPlan

MESSAGE_SECONDS = 240.0
"""A message with all that is said around it is over by then: two minutes of it, and the prompts twice."""
DUTY_SECONDS = 15.0
"""Beyond the ring: whoever picks up a duty phone has so long to hear who calls, and to press the key."""
NUMBERS_MOST = 5
"""So many duty phones ring for one caller; each takes up to half a minute."""


@dataclass(frozen=True)
class Turn:
    """What holds now: the numbers of those on duty, as the carrier dials them, and since when it is closed (epoch)."""

    numbers: tuple[str, ...]
    closed_since: float | None


class HoursNow:
    """Looks at the plan again when it turns, or is another."""

    def __init__(self, numbers: Sequence[str], as_dialled: Callable[[str], str]) -> None:
        """`numbers` are the duty phones of the settings, which hold until a plan was read."""
        self._numbers = tuple(numbers)
        self._as_dialled = as_dialled
        self._plan: HoursPlan | None = None
        self._turn: Turn | None = None
        self._until: float | None = None

    def take(self, plan: HoursPlan) -> None:
        """Go by this plan from now on."""
        if plan != self._plan:
            self._plan, self._until = plan, 0.0

    def at(self, epoch: float) -> Turn | None:
        """Give what holds; None while no plan was read."""
        if self._plan is not None and self._until is not None and epoch >= self._until:
            self._look(self._plan, epoch)
        return self._turn

    def next_change(self) -> float | None:
        """Give the epoch at which something may turn."""
        return self._until

    def fallback_numbers(self) -> tuple[str, ...]:
        """Give whom a node rings that is alone, in order."""
        if self._plan is None or self._turn is None:
            return self._numbers[:NUMBERS_MOST]
        everybody = [self._as_dialled(each.number) for each in self._plan.phones]
        return tuple(dict.fromkeys([*self._turn.numbers, *everybody]))[:NUMBERS_MOST]

    def _look(self, plan: HoursPlan, epoch: float) -> None:
        now = datetime.fromtimestamp(epoch, UTC)
        stands = standing(plan.calendar, now)
        on_duty = rota.on_duty(plan.phones, plan.calendar, now)
        numbers = tuple(dict.fromkeys(self._as_dialled(each.number) for each in on_duty))[:NUMBERS_MOST]
        since = stands.since.timestamp() if stands.since else 0.0
        self._turn = Turn(numbers, None if stands.open else since)
        turns = [rota.next_change(plan.phones, plan.calendar.zone, now), *([stands.until] if stands.until else [])]
        self._until = min(each.timestamp() for each in turns)

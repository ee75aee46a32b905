"""A plan for a day: from calls by half hour to agents by half hour. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.staffing.history import HALF_HOUR_SECONDS, Day
from routing.staffing.levels import STANDARDS, ServiceLevel, agents_needed, queue_of, rostered


@dataclass(frozen=True)
class Needs:
    """What a plan is made for. Shares are 0 to 1, times in seconds; `patience_seconds` None: nobody gives up.

    `level` is the standard that the roster follows, one of `levels`.
    """

    handle_seconds: float = 180.0
    shrinkage: float = 0.3
    patience_seconds: float | None = None
    levels: tuple[ServiceLevel, ...] = STANDARDS
    level: ServiceLevel = STANDARDS[0]


@dataclass(frozen=True)
class HalfHour:
    """A half hour of the plan: agents at desks by standard, the roster, and how the followed standard then fares."""

    index: int
    calls: float
    load: float
    agents: tuple[tuple[str, int], ...]
    at_desks: int
    rostered: int
    answered_within: float
    answer_seconds: float
    abandoned: float
    occupancy: float


def plan_day(calls: Day, needs: Needs) -> tuple[HalfHour, ...]:
    """Plan each half hour in which anybody is expected to call. Raises StaffingError."""
    return tuple(_half_hour(index, expected, needs) for index, expected in enumerate(calls) if expected > 0)


def desks(plan: Sequence[HalfHour], half_hours: int) -> tuple[int, ...]:
    """Give the agents at their desks for each half hour of a day, 0 where none is planned."""
    planned = {each.index: each.at_desks for each in plan}
    return tuple(planned.get(index, 0) for index in range(half_hours))


def _half_hour(index: int, calls: float, needs: Needs) -> HalfHour:
    def needed(level: ServiceLevel) -> int:
        return agents_needed(calls, HALF_HOUR_SECONDS, needs.handle_seconds, level, needs.patience_seconds)

    at_desks = needed(needs.level)
    queue = queue_of(calls, HALF_HOUR_SECONDS, needs.handle_seconds, at_desks, needs.patience_seconds)
    return HalfHour(
        index,
        calls,
        queue.load,
        tuple((level.name, needed(level)) for level in needs.levels),
        at_desks,
        rostered(at_desks, needs.shrinkage),
        queue.answered_within(needs.level.goals[0].seconds),
        queue.answer_seconds,
        queue.abandoned,
        queue.occupancy,
    )

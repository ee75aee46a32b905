"""The rules of scoring: what marks add up to, and which talks of a week are proposed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

BEST: Final = 5
"""The best mark; the worst is 0."""
MOST_CRITERIA: Final = 12
HEAVIEST: Final = 100
LEAST_TALK_SECONDS: Final = 20.0
"""What is shorter (a wrong number, a line that broke) tells nothing of an agent, and is not proposed."""


@dataclass(frozen=True)
class Talk:
    """A talk that an agent had. `talked_at` is when it began."""

    ticket_id: str
    call_id: str
    extension: str
    talked_at: datetime
    seconds: float


def total(marks: Iterable[tuple[int, int | None]]) -> float | None:
    """Give 0 to 100 for pairs of weight and mark: sum of weight times mark over the best that was to be had.

    A mark of None did not apply: neither it nor its weight counts. None if nothing applied.
    """
    given = [(weight, mark) for weight, mark in marks if mark is not None]
    most = sum(weight * BEST for weight, _ in given)
    return round(100 * sum(weight * mark for weight, mark in given) / most, 1) if most else None


def week_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def sample(talks: Iterable[Talk], monday: date, most: int) -> Mapping[str, Sequence[Talk]]:
    """Choose at most `most` talks of each agent, by extension, each talk of the week with the same chance.

    Each talk draws a number: SHA-256 of the seed (the Monday, the extension) and the ticket's id; the smallest are
    chosen. So whoever asks again is given the same ones, nobody picks, and no talk's luck depends on another's.
    """
    by_agent: dict[str, list[Talk]] = {}
    for each in talks:
        if each.seconds >= LEAST_TALK_SECONDS:
            by_agent.setdefault(each.extension, []).append(each)
    return {
        extension: sorted(sorted(had, key=lambda each: _drawn(each, monday))[:most], key=lambda each: each.talked_at)
        for extension, had in sorted(by_agent.items())
    }


def _drawn(talk: Talk, monday: date) -> str:
    return hashlib.sha256(f"{monday.isoformat()}:{talk.extension}:{talk.ticket_id}".encode()).hexdigest()

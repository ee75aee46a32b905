"""A ranking as it is stored with its decision: compact JSON of codes and numbers, and back. Pure.

A decision names every company of the hotline, hundreds of them: so those left out are grouped by their reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from routing.orders.dispatching.policy import Facts, Ranking, Why


@dataclass(frozen=True)
class ChosenThen:
    """A company that could have been asked, with its score and what that was made of."""

    company_id: int
    score: float
    facts: Facts
    preferred: bool = False


@dataclass(frozen=True)
class LeftOutThen:
    """A company that was left out."""

    company_id: int
    why: Why
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class RankingThen:
    """A ranking as it was."""

    chosen: tuple[ChosenThen, ...]
    left_out: tuple[LeftOutThen, ...]


def encode(ranking: Ranking) -> str:
    """Write a ranking."""
    left_out: dict[str, list[list[float]]] = {}
    for out in ranking.left_out:
        left_out.setdefault(out.why.value, []).append([out.company_id, *out.numbers])
    chosen = [
        [
            each.company_id, round(each.score, 2), each.facts.km, each.facts.rating, each.facts.scores,
            each.facts.acceptance, each.facts.punctuality, each.facts.offers_today, each.facts.daily_capacity,
        ]
        for each in ranking.chosen
    ]  # fmt: skip
    preferred = next((each.company_id for each in ranking.chosen if each.preferred), None)
    stored = {"chosen": chosen, "left_out": left_out} | ({} if preferred is None else {"preferred": preferred})
    return json.dumps(stored, separators=(",", ":"))


def decode(text: str) -> RankingThen:
    """Read a ranking that `encode` wrote."""
    stored: dict[str, Any] = json.loads(text)
    return RankingThen(
        tuple(
            ChosenThen(company, score, Facts(*facts), company == stored.get("preferred"))
            for company, score, *facts in stored["chosen"]
        ),
        tuple(
            LeftOutThen(int(company), Why(why), tuple(numbers))
            for why, companies in stored["left_out"].items()
            for company, *numbers in companies
        ),
    )

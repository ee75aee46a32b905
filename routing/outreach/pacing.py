"""How many automatic calls may be made at this moment. Pure: values in, a frozen decision with its reason out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class PacingRules:
    """What automatic calls may take.

    `lines` are the trunk's, `share` of them is the most; `most` is a bound of its own. `abandoned_limit` is the share
    of answered calls that may find nobody (3 %: FTC's safe harbour, Ofcom); from `abandoned_near` on we slow down.
    `person_share` is how many of those who answer are taken to ask for a person, until we know better. `reserve` is the
    share of the agents who are in whom group messages leave to those who call us.
    """

    lines: int
    share: float
    most: int
    abandoned_limit: float = 0.03
    abandoned_near: float = 0.02
    person_share: float = 0.1
    reserve: float = 0.0


@dataclass(frozen=True)
class Floor:
    """How it stands: the router's state, and what the last day's calls came to."""

    waiting: int
    """Callers who wait for a person."""
    automatic: int
    """Automatic calls that ring or are talked on."""
    agents_ready: int
    agents_in: int
    """Logged in, whatever they do; nobody: 0 leads to duty phones and the recorder, as the closed hotline's callers."""
    answered: int = 0
    """By a person: where nobody pressed a key it may have been a machine, which does not count (FTC, 16 CFR 310.4)."""
    asked: int = 0
    """Of those, who asked for a person."""
    abandoned: int = 0
    """Of those, who found none in time."""
    calm: bool = True
    """Nobody has waited for a person for a while (`PaceReader`); one who waits is seldom the last."""

    @property
    def abandoned_share(self) -> float:
        """Of the answered calls."""
        return self.abandoned / self.answered if self.answered else 0.0


class Because(StrEnum):
    """What bounds the pace."""

    WAITING = "callers_wait"
    SHARE = "share_of_lines"
    AGENTS = "agents"
    ABANDONED = "abandoned"


@dataclass(frozen=True)
class Pace:
    """The decision: `room` for further calls to elders, `others` for those to companies, and `messages`, of `room`, for
    those of group messages, which can wait (but for the two worst warnings of the weather)."""

    room: int
    others: int
    because: Because
    messages: int = 0


ENOUGH = 30
"""Answered calls from which on a share of them says anything: one in 30 is 3.3 %."""


def is_over_limit(floor: Floor, rules: PacingRules) -> bool:
    """Tell whether more answered calls found nobody than may: then people are told, beside the pace's slowing down.

    A few calls say nothing: `ENOUGH`.
    """
    return floor.answered >= ENOUGH and floor.abandoned_share > rules.abandoned_limit


def lines_for_calls(rules: PacingRules) -> int:
    """The most automatic calls at once."""
    return max(1, min(rules.most, math.floor(rules.lines * rules.share)))


def pace(floor: Floor, rules: PacingRules) -> Pace:
    """Decide how many calls may be made more.

    None while elders wait. Else a share of the lines, and to elders no more than the agents who are free can serve if
    as many ask for a person as usually do; a share of abandoned calls near its limit lets only one call for each
    free agent, and at the limit one at a time. Group messages leave some agents free beyond that, and stand still for
    a while after anybody waited: elders who ask for a person in them are what inbound callers feel.
    """
    if floor.waiting > 0:
        return Pace(0, 0, Because.WAITING)
    most = lines_for_calls(rules)
    others = max(0, most - floor.automatic)
    bound, because = most, Because.SHARE
    messages = most if floor.calm or not floor.agents_in else 0
    if floor.agents_in:
        asking = max(rules.person_share, floor.asked / floor.answered if floor.answered >= ENOUGH else 0.0)
        served = math.floor(floor.agents_ready / asking)
        if served < bound:
            bound, because = served, Because.AGENTS
        spare = max(0, floor.agents_ready - math.floor(floor.agents_in * rules.reserve))
        messages = min(messages, math.floor(spare / asking))
        if floor.answered >= ENOUGH and floor.abandoned_share >= rules.abandoned_near:
            slowed = floor.agents_ready if floor.abandoned_share < rules.abandoned_limit else min(1, floor.agents_ready)
            if slowed < bound:
                bound, because = slowed, Because.ABANDONED
    room = max(0, min(others, bound - floor.automatic))
    return Pace(room, others, because, max(0, min(room, messages - floor.automatic)))

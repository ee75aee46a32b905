"""Who calls on a simulated day: drawn once, so that every policy meets the very same people (common random numbers)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType

from routing.calls.messages import CallerClass
from routing.staffing.erlang import StaffingError
from routing.staffing.history import HALF_HOUR_SECONDS, Day

_SHARES = MappingProxyType(
    {CallerClass.SOS: 0.02, CallerClass.FRAIL: 0.20, CallerClass.ELDER: 0.63, CallerClass.OTHER: 0.15}
)
_SKILLS = MappingProxyType({"dialect": 0.10, "medical": 0.05})
_RINGS = 4
_CALLS_MOST = 1_000_000


@dataclass(frozen=True)
class Habits:
    """How callers and agents behave. Times are means in seconds, shares 0 to 1.

    Talk times are lognormal, patience exponential (L. Brown et al., "Statistical analysis of a telephone call center",
    JASA 100, 2005); the spread is the standard deviation over the mean. Of those offered a call-back 62.5 %
    decline, and 7 % of promised calls are not answered (B. A. Hathaway, S. M. Emadi and V. Deshpande, "Don't call us,
    we'll call you: an empirical study of caller behavior under a callback option", Management Science 67(3), 2021).
    The other figures are assumptions: measure them at home.
    """

    shares: Mapping[CallerClass, float] = field(default_factory=lambda: _SHARES)
    talk_seconds: float = 157.0
    talk_spread: float = 1.0
    patience_seconds: float = 180.0
    sos_patience_seconds: float = 600.0
    retry_share: float = 0.6
    """Of those who gave up, so many call again, at most `attempts_most` times in all."""
    retry_seconds: float = 300.0
    attempts_most: int = 4
    skill_shares: Mapping[str, float] = field(default_factory=lambda: _SKILLS)
    known_share: float = 0.10
    """Callers with an open case, whose last agent is preferred."""
    accept_share: float = 0.375
    callback_answered_share: float = 0.93
    callback_pick_up_seconds: float = 10.0
    pick_up_seconds: float = 3.0
    """An agent's phone rings so long before it is answered; the spread is half of it."""
    missed_share: float = 0.01
    memoryless: bool = False
    """Talk times are exponential, as the formulas have it, instead of lognormal."""

    def __post_init__(self) -> None:
        shares = (*self.shares.values(), *self.skill_shares.values(), self.retry_share, self.known_share)
        shares += (self.accept_share, self.callback_answered_share, self.missed_share)
        if any(not 0 <= each <= 1 for each in shares) or abs(sum(self.shares.values()) - 1) > 1e-6:
            raise StaffingError("shares must lie from 0 to 1, and those of the classes add up to 1")
        times = (self.talk_seconds, self.patience_seconds, self.sos_patience_seconds, self.retry_seconds)
        if any(not (each > 0 and math.isfinite(each)) for each in times) or self.attempts_most < 1:
            raise StaffingError("times must be more than 0 s, and everyone calls at least once")


@dataclass(frozen=True, slots=True)
class Ring:
    """How an agent's phone is answered: after so many seconds, or not at all."""

    pick_up: float
    missed: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of a caller; what it holds is used only as far as it comes to that. `retry` None: gives up for good."""

    patience: float
    accepts_callback: bool
    retry: float | None
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A person with a need: when they first call (seconds of the day), and how they are."""

    number: int
    at: float
    caller_class: CallerClass
    talk: float
    skills: tuple[str, ...]
    knows: float | None
    """Who knows the caller, as a place (0 to 1) among the day's agents."""
    attempts: tuple[Attempt, ...]
    callbacks: tuple[Ring, ...]


def draw_day(calls: Day, habits: Habits, seed: int) -> tuple[Need, ...]:
    """Draw the needs of a day, in order: a Poisson process with the rate of each half hour. Raises StaffingError."""
    if sum(calls) > _CALLS_MOST:
        raise StaffingError(f"a day of more than {_CALLS_MOST} calls is not simulated")
    clock = Random(f"arrivals {seed}")  # noqa: S311  # A simulation must be repeatable.
    needs: list[Need] = []
    for half_hour, expected in enumerate(calls):
        if expected <= 0:
            continue
        begin, mean = half_hour * HALF_HOUR_SECONDS, HALF_HOUR_SECONDS / expected
        at = begin + clock.expovariate(1 / mean)
        while at < begin + HALF_HOUR_SECONDS:
            person = Random(f"{seed} {len(needs)}")  # noqa: S311  # See above.
            needs.append(_draw(len(needs), at, habits, person))
            at += clock.expovariate(1 / mean)
    return tuple(needs)


def _draw(number: int, at: float, habits: Habits, random: Random) -> Need:
    caller_class = random.choices(list(habits.shares), list(habits.shares.values()))[0]
    sos = caller_class is CallerClass.SOS
    patience = habits.sos_patience_seconds if sos else habits.patience_seconds
    talk = random.expovariate(1 / habits.talk_seconds)
    if not habits.memoryless:
        talk = _lognormal(random, habits.talk_seconds, habits.talk_spread)
    skills = tuple(skill for skill, share in habits.skill_shares.items() if random.random() < share)
    known, place = random.random() < habits.known_share, random.random()

    def attempt(n: int) -> Attempt:
        willing, retry = random.random() < habits.retry_share, random.expovariate(1 / habits.retry_seconds)
        return Attempt(
            random.expovariate(1 / patience),
            random.random() < habits.accept_share,
            retry if willing and n + 1 < habits.attempts_most else None,
            tuple(_ring(random, habits.pick_up_seconds, habits.missed_share) for _ in range(_RINGS)),
        )

    return Need(
        number,
        at,
        caller_class,
        talk,
        () if sos else skills,
        place if known and not sos else None,
        tuple(attempt(n) for n in range(habits.attempts_most)),
        tuple(_ring(random, habits.callback_pick_up_seconds, 1 - habits.callback_answered_share) for _ in range(5)),
    )


def _ring(random: Random, seconds: float, missed: float) -> Ring:
    return Ring(_lognormal(random, seconds, 0.5), random.random() < missed)


def _lognormal(random: Random, mean: float, spread: float) -> float:
    """Draw from the lognormal distribution with this mean; with a spread of 0 it is the mean itself."""
    variance = math.log(1 + spread * spread)
    return random.lognormvariate(math.log(mean) - variance / 2, math.sqrt(variance)) if mean > 0 else 0.0

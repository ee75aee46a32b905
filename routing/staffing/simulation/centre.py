"""The centre on a simulated day: how it is run, and what comes out. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from routing.calls.messages import CallerClass
from routing.calls.policy import Rules

_SKILLS = MappingProxyType({"dialect": 0.4, "medical": 0.25})


@dataclass(frozen=True)
class Centre:
    """How the centre is run; times in seconds. `desks` are the agents there in each half hour of the day.

    `skills` are the shares of agents who have each. What agents do after a miss and how long they note a talk down hold
    for both sides; rules, call-backs and rests are the live router's.
    """

    desks: tuple[int, ...]
    rules: Rules = field(default_factory=Rules)
    skills: Mapping[str, float] = field(default_factory=lambda: _SKILLS)
    ring_seconds: float = 20.0
    sos_ring_seconds: float = 10.0
    wrap_up_seconds: float = 20.0
    rest_seconds: float = 30.0
    pause_seconds: float = 300.0
    """After a second miss in a row, until a supervisor has the agent ready again."""
    callback_offer_seconds: float | None = 20.0
    callback_ring_seconds: float = 30.0
    callback_retry_seconds: float = 600.0
    callback_attempts: int = 3
    callback_greeting_seconds: float = 5.0
    """Whoever answers a call-back is greeted so long before the reserved agent's phone rings."""
    outside_pick_up_seconds: float = 8.0
    """An outside number or a duty phone is answered after so long, always."""
    announce_first_seconds: float = 5.0
    announce_every_seconds: float = 45.0
    place_speech_seconds: float = 5.0
    """How long it takes to say the place and the wait, by the lengths of the recordings."""
    offer_speech_seconds: float = 5.0
    """The offer of a call-back, until its key is pressed."""
    offer_quiet_seconds: float = 3.0
    """And the time to press it before the music goes on (`ivr/flows/waiting.py`)."""
    confirm_seconds: float = 9.0
    """The number read back, digit by digit, and confirmed: then the call-back is promised."""
    forgets_every_seconds: float | None = None
    """The router starts anew so often, with nothing of what it knew about waits. None: it keeps that."""
    told_patience: float = 1.0
    """What is left of a caller's patience, times this, once they were told their place. 1: telling has no effect.

    N. Munichor and A. Rafaeli ("Numbers or apologies?", Journal of Applied Psychology 92(2), 2007) let callers wait
    108 s: 69 % gave up with music alone, 36 % when told their place. For exponential patience that is a factor of 2.6.
    """


class Outcome(StrEnum):
    """How one call of a simulated day ended."""

    ANSWERED = "answered"
    CALLED_BACK = "called_back"
    ABANDONED = "abandoned"
    NOT_REACHED = "not_reached"
    """A call-back was promised, and the caller did not answer it, or the day was over before."""


@dataclass(frozen=True, slots=True)
class Ended:
    """One call: `waited` is until answer (or until the call-back was answered), or until the caller gave up."""

    need: int
    caller_class: CallerClass
    joined_at: float
    waited: float
    outcome: Outcome
    wanted: bool = False
    """Skills were wanted."""
    skilled: bool = True
    """Whoever answered had all of them."""
    outside: bool = False
    ringing: bool = False
    """Whoever gave up did so while a free agent's phone rang for them already."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A wait that a caller was told, what it then was, and what app_queue would have said at the same moment."""

    told: float
    naive: float
    actual: float
    first: bool


@dataclass(frozen=True)
class Day:
    """All that came of a day."""

    needs: int
    ended: tuple[Ended, ...]
    announced: tuple[Announced, ...]
    talking_seconds: float
    staffed_seconds: float
    simulated_seconds: float
    queue_by_minute: tuple[int, ...]

"""People and centres, made by hand, for simulated days."""

from __future__ import annotations

from routing.calls.messages import CallerClass
from routing.staffing.simulation.callers import Attempt, Need, Ring
from routing.staffing.simulation.centre import Centre

AT_ONCE = Ring(0.0, False)
MISSED = Ring(3.0, True)
NEVER = 1e6


def person(
    number: int,
    at: float,
    caller_class: CallerClass = CallerClass.ELDER,
    *,
    talk: float = 100.0,
    patience: float = NEVER,
    accepts: bool = False,
    retry: float | None = None,
    rings: tuple[Ring, ...] = (AT_ONCE,),
    callbacks: tuple[Ring, ...] = (AT_ONCE,),
    skills: tuple[str, ...] = (),
) -> Need:
    """Make a caller who waits for ever, unless told otherwise; a second attempt is like the first."""
    attempts = tuple(Attempt(patience, accepts, retry if n == 0 else None, rings) for n in range(2))
    return Need(number, at, caller_class, talk, skills, None, attempts, callbacks)


def centre(agents: int, **changes: object) -> Centre:
    """Give a centre that has its agents for the first three hours, without skills."""
    return Centre(**{"desks": (agents,) * 6, "skills": {}, "wrap_up_seconds": 20.0, **changes})

"""What callers are told about their wait, and what came of it: our estimate beside app_queue's."""

from __future__ import annotations

from collections import deque

from routing.calls.estimate import announce, estimate_wait, handle_time, patience
from routing.staffing.simulation.centre import Announced, Centre
from routing.staffing.simulation.people import Caller

_LATEST = 200
"""Calls whose time is remembered."""


class Announcements:
    """Keeps what estimates need (how long calls take, how patient callers are), and holds them to what came."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._handled: deque[float] = deque(maxlen=_LATEST)
        self._waited = 0.0
        self._given_up = 0
        self._hold = 0
        self.come_true: list[Announced] = []

    def say(self, caller: Caller, estimate: float | None, now: float) -> None:
        """Tell a caller the wait: what is estimated, but never more than is left of what they were told before."""
        naive = self._naive(now - caller.joined_at)
        told = naive if estimate is None else announce(estimate, caller.told, now - caller.told_at)
        caller.told, caller.told_at = told, now
        caller.notes.append((told, naive, now))

    def estimate(self, ahead: int, agents: int) -> float:
        """Estimate a wait from what was seen until now, as the router does."""
        return estimate_wait(ahead, agents, handle_time(self._handled), patience(self._waited, self._given_up))

    def handled(self, seconds: float) -> None:
        """An agent was busy with a call for so long, ring and notes included."""
        self._handled.append(seconds)

    def left(self, waited: float, given_up: bool) -> None:
        """A caller waits no more."""
        self._waited += waited
        self._given_up += given_up

    def answered(self, caller: Caller, now: float) -> None:
        """A caller who was in the queue talks; what they were told has come true or not."""
        # app_queue.c, recalc_holdtime: a moving average in whole seconds over all answered calls.
        self._hold = (self._hold * 3 + int(now - caller.joined_at)) >> 2
        for number, (told, naive, at) in enumerate(caller.notes):
            self.come_true.append(Announced(told, naive, now - at, number == 0))

    def _naive(self, waited: float) -> float:
        """Give what app_queue says: the average minus what was waited already, and without its sign (say_position)."""
        return float(abs(self._hold + 30 - int(waited)) // 60 * 60)

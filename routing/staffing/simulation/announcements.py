"""What callers are told about their wait, and what came of it: our estimate beside app_queue's."""

from __future__ import annotations

from routing.calls.experience import Experience
from routing.staffing.simulation.centre import Announced
from routing.staffing.simulation.people import Caller


class Announcements:
    """Keeps what estimates need (how long calls take, how patient callers are), and holds them to what came."""

    def __init__(self) -> None:
        self.experience = Experience()
        """The live router's own."""
        self._hold = 0
        self.come_true: list[Announced] = []

    def said(self, caller: Caller, told: float | None, now: float) -> None:
        """A caller was told so many seconds; None: what app_queue says."""
        naive = self._naive(now - caller.joined_at)
        caller.notes.append((naive if told is None else told, naive, now))

    def forget(self) -> None:
        """The router starts anew, and nothing was kept of what it knew."""
        self.experience = Experience()

    def answered(self, caller: Caller, now: float) -> None:
        """A caller who was in the queue talks; what they were told has come true or not."""
        # app_queue.c, recalc_holdtime: a moving average in whole seconds over all answered calls.
        self._hold = (self._hold * 3 + int(now - caller.joined_at)) >> 2
        for number, (told, naive, at) in enumerate(caller.notes):
            self.come_true.append(Announced(told, naive, now - at, number == 0))

    def _naive(self, waited: float) -> float:
        """Give what app_queue says: the average minus what was waited already, and without its sign (say_position)."""
        return float(abs(self._hold + 30 - int(waited)) // 60 * 60)

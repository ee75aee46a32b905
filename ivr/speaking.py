"""What is said to a caller, and how: statements, the quiet after a key, and the delivery.

The rules are the engine's (ivr/dialogue.py), whose questions are built on this.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from ivr.answers import PersonAsked, SosAsked
from ivr.call import URGENT_KEYS, Call, Delivery
from ivr.deliveries import delivery_of, next_delivery
from ivr.tally import Tally
from ivr.turns import AGAIN, DELIVERY, SOS, Pace, Prompt, PromptPart, Turn, parts_of
from routing.manners.manner import LONGEST_KEY_SECONDS, MOST_HINTS, SHORTEST_KEY_SECONDS, Manner


class Speaking:
    """Speaks with one caller. `clock` is a monotonic clock in seconds. `tally` counts how they fare."""

    def __init__(self, call: Call, clock: Callable[[], float] = time.monotonic, pace: Pace | None = None) -> None:
        self.tally = Tally()
        self.spoken: Callable[[], None] = lambda: None
        """Told each time that something has been said: whoever counts how long the caller hears nothing begins anew."""
        self._call = call
        self._clock = clock
        self._pace = pace or Pace()
        self._quiet_until = 0.0
        self._chosen = False  # By #: then slow and loud are no longer the manner's to say.

    @property
    def delivery(self) -> Delivery:
        """How we speak now."""
        return self._call.delivery

    def suit(self, manner: Manner) -> None:
        """Speak in this manner from now on: called when it is known who the elder is. What # chose in this call stays.

        Bounds are kept whatever the manner says: no silence over five seconds, no third hint.
        """
        seconds = min(max(manner.key_seconds, SHORTEST_KEY_SECONDS), LONGEST_KEY_SECONDS)
        self._pace = replace(self._pace, key_seconds=seconds, hints=min(max(manner.hints, 0), MOST_HINTS))
        wanted, now = delivery_of(manner), self._call.delivery
        self._call.delivery = replace(wanted, slow=now.slow, loud=now.loud) if self._chosen else wanted

    def say(self, key: str, /, **values: object) -> None:
        """Say something; again after *, in the next delivery after #. Raises PersonAsked or SosAsked when 0 or 9 is
        pressed over it; other keys are kept."""
        turn = Turn(self._pace)
        while True:
            left = self._quiet_left()
            if left > 0:
                self._call.pause(left)
            pressed = self._call.play(key, keys=turn.keys, **values)
            self.spoken()
            if not self._wished_again(pressed, turn):
                return

    def conclude(self, words: Prompt, /, *, listen_seconds: float = 0.0, again: bool = True, **values: object) -> None:
        """Say what ends a talk, and listen so long for 0, 9, * and #: as `say`, but other keys are dropped, not kept.

        Without `again` 0 and 9 alone are obeyed: for words that nothing may hold up.
        """
        parts, turn = parts_of(words, values), Turn(self._pace)
        while True:
            keys = turn.keys if again else URGENT_KEYS
            pressed = self._call.tell(parts, seconds=listen_seconds, quiet=self._quiet_left(), keys=keys)
            self.spoken()
            if not self._wished_again(pressed, turn):
                return

    def _ask(self, parts: Sequence[PromptPart], seconds: float) -> str | None:
        """Say them all and wait; any key stops it and is returned."""
        pressed = self._call.ask(parts, seconds=seconds, quiet=self._quiet_left())
        self.spoken()
        return pressed

    def _wished_again(self, pressed: str | None, turn: Turn) -> bool:
        """Whether a statement is to be said again. Raises PersonAsked for 0 and SosAsked for 9."""
        if pressed is None:
            return False
        self._heard_key()
        if pressed == SOS:
            raise SosAsked
        if pressed not in (AGAIN, DELIVERY):
            self.tally.person_asked()
            raise PersonAsked
        turn.after(pressed)
        if pressed == DELIVERY:
            self._deliver_next()
        return True

    def _deliver_next(self) -> None:
        self._call.delivery = next_delivery(self._call.delivery)
        self._chosen = True
        self.tally.delivered()

    def _heard_key(self) -> None:
        self._quiet_until = self._clock() + self._pace.quiet_seconds

    def _quiet_left(self) -> float:
        """What is left of the half second. Work done since the key counts, so nobody waits for nothing."""
        left = max(0.0, self._quiet_until - self._clock())
        self._quiet_until = 0.0
        return left

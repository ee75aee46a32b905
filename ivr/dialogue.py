"""The dialogue engine: the one place where keys are waited for, repeated, hinted and counted.

Its rules hold for every flow (design.md, 3.2):

- 0 is a person and 9 is SOS, over any prompt and at any wait; * says it again;
- a key stops what is being said, keys pressed ahead are kept, and after a key there is half a second of quiet
  before anything is said, for the time a handset takes from the eye to the ear;
- what is said right before a question belongs to it (`before`), so that a key over it is an answer as well, and
  what ends a talk is said in one (`conclude`);
- no key: a short hint, and none again: `NoInput`. With `hints=0` (the first menu of a call) there is no hint;
- two keys that mean nothing: `NoMatch`.

Every loop is bounded by `Pace`, and so a menu ends after at most
(repeats + wrong_keys + hints + 1) x (its own length + key_seconds).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import structlog

from ivr.answers import (
    Answer,
    Entered,
    Matched,
    NoInput,
    NoMatch,
    PersonAsked,
    PersonWanted,
    SosAsked,
    SosWanted,
    value_or_person,
)
from ivr.call import ALWAYS_KEYS, KEYS, Call

__all__ = [
    "Answer",
    "Dialogue",
    "Entered",
    "Matched",
    "NoInput",
    "NoMatch",
    "Pace",
    "PersonAsked",
    "PersonWanted",
    "Prompt",
    "PromptPart",
    "SosAsked",
    "SosWanted",
    "value_or_person",
]

log = structlog.get_logger(__name__)
T = TypeVar("T")

PERSON, SOS, AGAIN, END = "0", "9", "*", "#"
RESERVED = frozenset({PERSON, SOS, AGAIN})
HINT = "error.hint"
WRONG_KEY = "error.wrong_key"
MAX_CHOICES = 4  # Three options are best and four to five the most (Avaya's guide, W3C COGA; facts.md).

PromptPart: TypeAlias = tuple[str, Mapping[str, object]]
Prompt: TypeAlias = str | Sequence[PromptPart]
"""A prompt key, or several with their values, said one after the other (services come from the database)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long we wait for a caller, in seconds, and how often we try. One for all now; one per elder later."""

    key_seconds: float = 3.7  # Silence after a menu; under 5 with the edges of recordings and a late machine.
    first_digit_seconds: float = 8.0  # Longer than for a menu: the caller looks for a paper with a number on it.
    next_digit_seconds: float = 4.0
    quiet_seconds: float = 0.5  # After a key, before we speak (Avaya's guide; facts.md).
    repeats: int = 3  # How often * is obeyed in one menu; once more is NoMatch.
    wrong_keys: int = 2  # So many keys that mean nothing are NoMatch.


class Dialogue:
    """Speaks with one caller. `clock` is a monotonic clock in seconds."""

    def __init__(self, call: Call, clock: Callable[[], float] = time.monotonic, pace: Pace | None = None) -> None:
        self._call = call
        self._clock = clock
        self._pace = pace or Pace()
        self._quiet_until = 0.0
        self._end_may_stray = False

    def say(self, key: str, /, **values: object) -> None:
        """Say something. Raises PersonAsked or SosAsked when 0 or 9 is pressed over it; other keys are kept."""
        left = self._quiet_left()
        if left > 0:
            self._call.pause(left)
        self._obey(self._call.play(key, keys=ALWAYS_KEYS, **values))

    def conclude(self, words: Prompt, /, *, listen_seconds: float = 0.0, **values: object) -> None:
        """Say what ends a talk, and listen so long for 0 and 9: as `say`, but other keys are dropped, not kept."""
        parts = _parts(words, values)
        self._obey(self._call.tell(parts, seconds=listen_seconds, quiet=self._quiet_left()))

    def menu(
        self,
        prompt: Prompt,
        choices: Mapping[str, T],
        /,
        *,
        before: Prompt = (),
        hints: int = 1,
        key_seconds: float | None = None,
        **values: object,
    ) -> Answer[T]:
        """Say the prompt and return what the caller chose. `values` belong to a prompt given by its key alone. What is
        to be said `before` it is said once, and a key over it counts.

        Raises ValueError for choices on 0, 9, * or what is no key, for none and for more than four.
        """
        _check_choices(choices, MAX_CHOICES)
        return self._choose(_parts(prompt, values), choices, hints, key_seconds, before)

    def rate(self, prompt: Prompt, scale: Mapping[str, T], /, *, hints: int = 1, **values: object) -> Answer[T]:
        """Ask for a score. A scale is one question, whatever its length, so the limit of choices is not meant for it.

        Raises ValueError as `menu` does.
        """
        _check_choices(scale, len(KEYS))
        return self._choose(_parts(prompt, values), scale, hints, None)

    def _choose(
        self,
        prompt: Sequence[PromptPart],
        choices: Mapping[str, T],
        hints: int,
        key_seconds: float | None,
        before: Prompt = (),
    ) -> Answer[T]:
        turn = _Turn(hints, self._pace)
        parts = [*_parts(before, {}), *prompt]
        wait = self._pace.key_seconds if key_seconds is None else key_seconds
        while True:
            key = self._ask(parts, wait)
            while key is None and turn.may_hint():
                key = self._ask([(HINT, {})], wait)
            if key is None:
                return NoInput()
            self._heard_key()
            if self._is_stray_end(key):
                continue
            if key in choices:
                return Matched(choices[key])
            ended = turn.after(key)
            if ended is not None:
                return ended
            parts = [*prompt] if key == AGAIN else [(WRONG_KEY, {}), *prompt]

    def confirm(self, prompt: Prompt, /, *, hints: int = 1, **values: object) -> Answer[bool]:
        """A question that 1 affirms and 2 denies."""
        return self.menu(_parts(prompt, values), {"1": True, "2": False}, hints=hints)

    def ask(
        self,
        prompt: Prompt,
        /,
        *,
        digits: int | tuple[int, int],
        before: Prompt = (),
        hints: int = 1,
        **values: object,
    ) -> Answer[str]:
        """Ask for a number of `digits` (or from least to most) digits, ended by their count, by # or by silence; say
        `before` once before it.

        In it 0 and 9 are digits, also when pressed over the prompt. Alone, 0 is still a person, 9 is SOS and *
        is "again"; that is why an answer has two digits at least (one key is a menu). Neither the digits nor their
        number are ever logged. Raises ValueError for bounds that make no sense.
        """
        least, most = (digits, digits) if isinstance(digits, int) else digits
        if not 2 <= least <= most:
            raise ValueError("An answer has two digits at least; one key is a menu.")
        turn = _Turn(hints, self._pace)
        prompt = _parts(prompt, values)
        parts = [*_parts(before, {}), *prompt]
        while True:
            entered = self._read(parts, most)
            if entered == "" and turn.may_hint():
                parts = [(HINT, {}), *prompt]
                continue
            if entered == "":
                return NoInput()
            self._heard_key()
            if self._is_stray_end(entered):
                continue
            if least <= len(entered) <= most and entered.isdigit():
                self._end_may_stray = len(entered) == most
                return Entered(entered)
            ended = turn.after(entered)
            if ended is not None:
                return ended
            parts = [*prompt] if entered == AGAIN else [(WRONG_KEY, {}), *prompt]

    def _is_stray_end(self, entered: str) -> bool:
        """Whether this is the # of the answer before, which was complete without it. It is forgiven once."""
        stray = self._end_may_stray and entered == END
        self._end_may_stray = False
        return stray

    def _read(self, parts: Sequence[PromptPart], most: int) -> str:
        first = self._ask(parts, self._pace.first_digit_seconds)
        if first == END and self._end_may_stray:
            return END
        if first is None or first in (END, AGAIN):
            return (first or "").strip(END)
        seconds = self._pace.next_digit_seconds
        return first + self._call.read_digits(first_seconds=seconds, next_seconds=seconds, maximum=most - 1)

    def _ask(self, parts: Sequence[PromptPart], seconds: float) -> str | None:
        """Say them all and wait; any key stops it and is returned."""
        return self._call.ask(parts, seconds=seconds, quiet=self._quiet_left())

    def _obey(self, pressed: str | None) -> None:
        if pressed is not None:
            self._heard_key()
            raise SosAsked if pressed == SOS else PersonAsked

    def _heard_key(self) -> None:
        self._quiet_until = self._clock() + self._pace.quiet_seconds

    def _quiet_left(self) -> float:
        """What is left of the half second. Work done since the key counts, so nobody waits for nothing."""
        left = max(0.0, self._quiet_until - self._clock())
        self._quiet_until = 0.0
        return left


class _Turn:
    """Counts what went wrong in one question."""

    def __init__(self, hints: int, pace: Pace) -> None:
        self._hints = hints
        self._repeats = pace.repeats
        self._wrong = pace.wrong_keys

    def may_hint(self) -> bool:
        self._hints -= 1
        return self._hints >= 0

    def after(self, entered: str) -> NoMatch | PersonWanted | SosWanted | None:
        """The answer that ends the question, or None to try again."""
        if entered == PERSON:
            return PersonWanted()
        if entered == SOS:
            return SosWanted()
        if entered == AGAIN:
            self._repeats -= 1
            return NoMatch() if self._repeats < 0 else None
        self._wrong -= 1
        return NoMatch() if self._wrong <= 0 else None


def _check_choices(choices: Mapping[str, object], most: int) -> None:
    if not 1 <= len(choices) <= most:
        raise ValueError(f"A menu has one to {most} choices, not {len(choices)}.")
    for key in choices:
        if len(key) != 1 or key not in KEYS or key in RESERVED:
            raise ValueError(f"{key!r} cannot be a choice: 0 is a person, 9 is SOS and * says it again.")


def _parts(prompt: Prompt, values: Mapping[str, object]) -> Sequence[PromptPart]:
    if isinstance(prompt, str):
        return [(prompt, values)]
    if values:
        raise ValueError("A prompt in parts carries its values in the parts.")
    return prompt

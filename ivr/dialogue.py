"""The dialogue engine: the one place where keys are waited for, repeated, hinted and counted.

Its rules hold for every flow (docs/menus.md has them with their sources):

- 0 is a person and 9 is SOS, * says it again and # says it slower and louder, over any prompt and at any wait;
- a key stops what is being said, keys pressed ahead are kept, and after a key there is half a second of quiet
  before anything is said, for the time a handset takes from the eye to the ear;
- what is said right before a question belongs to it (`before`), so that a key over it is an answer as well, and
  what ends a talk is said in one (`conclude`);
- no key: a short hint, and none again: `NoInput`. With `hints=0` (the first menu of a call) there is no hint;
- two keys that mean nothing: `NoMatch`;
- how long we wait, how often we hint and how we speak is the elder's own (`suit`).

Every loop is bounded by `Pace`: a menu ends after at most
(repeats + deliveries + wrong_keys + hints + 1) x (its own length + key_seconds), a statement is said at most
(repeats + deliveries) times, and a conversation asks at most `Pace.questions`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

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
from ivr.call import KEYS, Call
from ivr.speaking import Speaking
from ivr.turns import (
    AGAIN,
    DELIVERY,
    END,
    MAX_CHOICES,
    RESERVED,
    SOS,
    Pace,
    Prompt,
    PromptPart,
    Turn,
    check_choices,
    parts_of,
)

__all__ = [
    "SOS",
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

HINT = "error.hint"
WRONG_KEY = "error.wrong_key"
PATIENCE = "error.take_your_time"


class Dialogue(Speaking):
    """Asks one caller. `clock` is a monotonic clock in seconds. `tally` counts how they fare."""

    def __init__(self, call: Call, clock: Callable[[], float] = time.monotonic, pace: Pace | None = None) -> None:
        super().__init__(call, clock, pace)
        self._end_may_stray = False

    def menu(
        self,
        prompt: Prompt,
        choices: Mapping[str, T],
        /,
        *,
        before: Prompt = (),
        hints: int | None = None,
        key_seconds: float | None = None,
        in_passing: bool = False,
        **values: object,
    ) -> Answer[T]:
        """Say the prompt and return what the caller chose. `values` belong to a prompt given by its key alone. What is
        to be said `before` it is said once, and a key over it counts. Without `hints` and `key_seconds` they are the
        elder's own. What is said `in_passing` names no choice, but keys count over it, and silence teaches nothing.

        Raises ValueError for choices on 0, 9, *, # or what is no key, for none and for more than four.
        """
        check_choices(choices, MAX_CHOICES)
        return self._choose(parts_of(prompt, values), choices, hints, key_seconds, before, in_passing=in_passing)

    def rate(
        self, prompt: Prompt, scale: Mapping[str, T], /, *, hints: int | None = None, **values: object
    ) -> Answer[T]:
        """Ask for a score. A scale is one question, whatever its length, so the limit of choices is not meant for it.

        Raises ValueError as `menu` does.
        """
        check_choices(scale, len(KEYS))
        return self._choose(parts_of(prompt, values), scale, hints, None)

    def confirm(self, prompt: Prompt, /, *, hints: int | None = None, **values: object) -> Answer[bool]:
        """A question that 1 affirms and 2 denies."""
        return self.menu(parts_of(prompt, values), {"1": True, "2": False}, hints=hints)

    def ask(
        self,
        prompt: Prompt,
        /,
        *,
        digits: int | tuple[int, int],
        before: Prompt = (),
        hints: int | None = None,
        **values: object,
    ) -> Answer[str]:
        """Ask for a number of `digits` (or from least to most) digits, ended by their count, by # or by silence; say
        `before` once before it.

        In it 0 and 9 are digits, also when pressed over the prompt. Alone, 0 is still a person, 9 is SOS, * is "again"
        and # is "slower and louder"; that is why an answer has two digits at least (one key is a menu). Neither the
        digits nor their number are ever logged. Raises ValueError for bounds that make no sense.
        """
        least, most = (digits, digits) if isinstance(digits, int) else digits
        if not 2 <= least <= most:
            raise ValueError("An answer has two digits at least; one key is a menu.")
        answer = self._digits(parts_of(prompt, values), least, most, before, hints)
        self.tally.answered(answer)
        return answer

    def _choose(
        self,
        prompt: Sequence[PromptPart],
        choices: Mapping[str, T],
        hints: int | None,
        key_seconds: float | None,
        before: Prompt = (),
        *,
        in_passing: bool = False,
    ) -> Answer[T]:
        wait = self._pace.key_seconds if key_seconds is None else key_seconds
        answer = self._chosen_of(prompt, choices, hints, wait, before)
        if in_passing and isinstance(answer, NoInput):
            self.tally.passed()
        else:
            self.tally.answered(answer)
        return answer

    def _chosen_of(
        self, prompt: Sequence[PromptPart], choices: Mapping[str, T], hints: int | None, wait: float, before: Prompt
    ) -> Answer[T]:
        turn = self._turn(hints)
        if turn is None:
            return NoMatch()
        parts = [*parts_of(before, {}), *prompt]
        while True:
            key = self._ask(parts, wait)
            while key is None and turn.may_hint():
                key = self._hint(wait)
            if key is None:
                return NoInput()
            self._heard_key()
            if self._is_stray_end(key):
                continue
            if key in choices:
                return Matched(choices[key])
            ended = self._after(turn, key)
            if ended is not None:
                return ended
            parts = self._next_words(key, prompt, parts)

    def _digits(
        self, prompt: Sequence[PromptPart], least: int, most: int, before: Prompt, hints: int | None
    ) -> Answer[str]:
        turn = self._turn(hints)
        if turn is None:
            return NoMatch()
        parts = [*parts_of(before, {}), *prompt]
        patience = 1
        while True:
            entered = self._read(parts, most)
            while entered is None and patience > 0:
                patience -= 1
                entered = self._read([(PATIENCE, {})], most)
            if entered is None and turn.may_hint():
                self.tally.hinted(self._pace.digit_seconds, None)
                parts = [(HINT, {}), *prompt]
                continue
            if entered is None:
                return NoInput()
            self._heard_key()
            if self._is_stray_end(entered):
                continue
            if least <= len(entered) <= most and entered.isdigit():
                self._end_may_stray = len(entered) == most
                return Entered(entered)
            ended = self._after(turn, entered)
            if ended is not None:
                return ended
            parts = self._next_words(entered, prompt, parts)

    def _turn(self, hints: int | None) -> Turn | None:
        """The counts of a new question; None when this conversation has asked all that it may."""
        if self.tally.questions >= self._pace.questions:
            log.warning("dialogue.too_many_questions", questions=self.tally.questions)
            return None
        self.tally.asked()
        return Turn(self._pace, self._pace.hints if hints is None else hints)

    def _next_words(self, key: str, prompt: Sequence[PromptPart], said: list[PromptPart]) -> list[PromptPart]:
        """What is said after a key that is no answer: after # all that was being said, for it was not understood."""
        if key == DELIVERY:
            self._deliver_next()
            return said
        if key == AGAIN:
            return [*prompt]
        return [(WRONG_KEY, {}), *prompt]

    def _after(self, turn: Turn, entered: str) -> NoMatch | PersonWanted | SosWanted | None:
        if entered not in RESERVED:
            self.tally.wrong_key()
        return turn.after(entered)

    def _is_stray_end(self, entered: str) -> bool:
        """Whether this is the # of the answer before, which was complete without it. It is forgiven once."""
        stray = self._end_may_stray and entered == END
        self._end_may_stray = False
        return stray

    def _read(self, parts: Sequence[PromptPart], most: int) -> str | None:
        """The digits; * or # alone as they are, None for silence."""
        first = self._ask(parts, self._pace.digit_seconds)
        if first is None or first in (DELIVERY, AGAIN):
            return first
        seconds = self._pace.digit_seconds
        return first + self._call.read_digits(first_seconds=seconds, next_seconds=seconds, maximum=most - 1)

    def _hint(self, wait: float) -> str | None:
        began = self._clock()
        key = self._ask([(HINT, {})], wait)
        self.tally.hinted(wait, None if key is None else self._clock() - began)
        return key

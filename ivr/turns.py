"""What is counted and bounded in a conversation: within one question, and over all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ivr.answers import NoMatch, PersonWanted, SosWanted
from ivr.call import ALWAYS_KEYS, KEYS, URGENT_KEYS
from routing.manners.manner import KEY_SECONDS

PERSON, SOS, AGAIN, END = "0", "9", "*", "#"
DELIVERY = END
"""Slower and louder; in an answer of digits that has begun, its end."""
RESERVED = frozenset({PERSON, SOS, AGAIN, DELIVERY})
MAX_CHOICES = 4  # Three options are best and four to five the most (Avaya's guide, W3C COGA; facts.md).

PromptPart: TypeAlias = tuple[str, Mapping[str, object]]
Prompt: TypeAlias = str | Sequence[PromptPart]
"""A prompt key, or several with their values, said one after the other (services come from the database)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long we wait for a caller, in seconds, and how often we try. No silence is longer than five seconds."""

    key_seconds: float = KEY_SECONDS  # Silence after a question; per elder (`Manner.key_seconds`).
    digit_seconds: float = 4.0  # Silence before the first digit, twice, with a word of patience between: people look
    # for a paper with a number on it; and before each other digit.
    quiet_seconds: float = 0.5  # After a key, before we speak (Avaya's guide; facts.md).
    hints: int = 1  # How often a silence is met with a hint, where a flow does not say; per elder (`Manner.hints`).
    repeats: int = 3  # How often * is obeyed in one question or statement.
    deliveries: int = 3  # How often # is: once round. Beyond that, as with *: a question is NoMatch, words are said on.
    wrong_keys: int = 2  # So many keys that mean nothing are NoMatch.
    questions: int = 60  # In one conversation, over all its flows: no loop of theirs goes on for ever. Then NoMatch.


class Turn:
    """Counts what went wrong in one question, or how often one statement was wished again."""

    def __init__(self, pace: Pace, hints: int = 0) -> None:
        self._hints = hints
        self._repeats = pace.repeats
        self._deliveries = pace.deliveries
        self._wrong = pace.wrong_keys

    @property
    def keys(self) -> str:
        """The keys that stop a statement: at the bound of * or # it is said to its end, but for 0 and 9."""
        return ALWAYS_KEYS if self._repeats > 0 and self._deliveries > 0 else URGENT_KEYS

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
        if entered == DELIVERY:
            self._deliveries -= 1
            return NoMatch() if self._deliveries < 0 else None
        self._wrong -= 1
        return NoMatch() if self._wrong <= 0 else None


def check_choices(choices: Mapping[str, object], most: int) -> None:
    """Raises ValueError for choices on keys that are taken or none, for no choice, and for more than `most`."""
    if not 1 <= len(choices) <= most:
        raise ValueError(f"A menu has one to {most} choices, not {len(choices)}.")
    for key in choices:
        if len(key) != 1 or key not in KEYS or key in RESERVED:
            raise ValueError(
                f"{key!r} cannot be a choice: 0 is a person, 9 is SOS, * says it again, # slower and louder."
            )


def parts_of(prompt: Prompt, values: Mapping[str, object]) -> Sequence[PromptPart]:
    """The parts of a prompt. Raises ValueError for values beside parts, which carry their own."""
    if isinstance(prompt, str):
        return [(prompt, values)]
    if values:
        raise ValueError("A prompt in parts carries its values in the parts.")
    return prompt

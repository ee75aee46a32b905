"""What is asked of a caller at one point of a talk, and all that a caller can do there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.call import URGENT_KEYS

BAD_DIGITS = "31"
"""No PIN, no number that can be called, no date: what an entry that is wrong looks like, doubled until it is long."""


class Asked(StrEnum):
    """How a point of a talk listens to the caller."""

    SAID = "said"  # Something is told; 0 and 9 are obeyed.
    DEAF = "deaf"  # Something is told, and no key is obeyed.
    MENU = "menu"
    SCALE = "scale"  # A score: the one question that may have more than four choices.
    DIGITS = "digits"
    ANY_KEY = "any key"
    LISTENING = "listening"  # Nothing is said, and certain keys are waited for.
    RECORDING = "recording"


@dataclass(frozen=True, slots=True, order=True)
class State:
    """What is asked: by which flow, in which words, with which choices, and what went wrong in this question before."""

    flow: str
    asked: Asked
    words: tuple[str, ...]  # Prompt keys in order; those said several times in a row once.
    keys: tuple[str, ...] = ()  # The choices; at other points the keys that mean something.
    tried: tuple[str, ...] = ()
    digits: tuple[int, int] = (0, 0)  # Least and most digits of an entry.
    question: tuple[str, ...] = ()  # The words of the question alone, whatever is said with it this time.

    @property
    def plain(self) -> State:
        """The question itself, without the history of its attempts, for people who look at it."""
        keys = () if self.asked is Asked.SAID else self.keys
        return State(self.flow, self.asked, self.question or self.words, keys, (), self.digits)


class MoveKind(StrEnum):
    """What a caller does."""

    NOTHING = "no key"
    KEYS = "keys"
    SPEAK = "speaks"
    SILENCE = "says nothing"
    HANG_UP = "hangs up"
    CALLED_AWAY = "called away"


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """One thing that a caller does; `name` says what the keys are to whoever did not write the flow."""

    kind: MoveKind
    keys: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.keys or self.kind.value


NOTHING, SPEAK, SILENCE = Move(MoveKind.NOTHING), Move(MoveKind.SPEAK), Move(MoveKind.SILENCE)
HANG_UP, CALLED_AWAY = Move(MoveKind.HANG_UP), Move(MoveKind.CALLED_AWAY)
WRONG_KEY = "wrong key"


def press(keys: str, name: str = "") -> Move:
    """Keys one after the other, the first of them over what is said."""
    return Move(MoveKind.KEYS, keys, name)


def default(state: State) -> Move:
    """What a caller does who does nothing."""
    return SILENCE if state.asked is Asked.RECORDING else NOTHING


def moves_at(state: State, right: Mapping[str, Sequence[str]]) -> tuple[Move, ...]:
    """All that a caller can do there but hang up, the default first. `right` are entries that are right, by prompt key:
    only the world knows them."""
    return (default(state), *_active(state, right))


def _active(state: State, right: Mapping[str, Sequence[str]]) -> tuple[Move, ...]:
    match state.asked:
        case Asked.SAID | Asked.LISTENING:
            return tuple(map(press, state.keys))
        case Asked.DEAF:
            return ()
        case Asked.MENU | Asked.SCALE:
            return (*map(press, state.keys), *_wrong(state.keys), *map(press, ("*", "#", *URGENT_KEYS)))
        case Asked.DIGITS:
            entries = [each for word in state.words for each in right.get(word, ())]
            least, most = state.digits
            bad = (BAD_DIGITS * most)[:most]
            few = [press("1#", "too few digits")] if least > 1 else []
            return (
                *(press(each, "right digits") for each in entries), press(f"{bad}#", "wrong digits"), *few,
                *map(press, ("*", "#", *URGENT_KEYS)),
            )  # fmt: skip
        case Asked.ANY_KEY:
            return (press("1", "any key"), *map(press, ("*", "#", *URGENT_KEYS)))
        case Asked.RECORDING:
            return (SPEAK, *map(press, state.keys))


def _wrong(keys: Sequence[str]) -> list[Move]:
    """One key that is no choice. All are treated alike, so one stands for them."""
    return [press(each, WRONG_KEY) for each in "87654321" if each not in keys][:1]

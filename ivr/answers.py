"""What a caller can answer, typed: whoever asks must say what happens in each case.

match dialogue.menu("order.item", {"1": meal, "2": cleaning}):
    case Matched(item): ...
    case NoInput() | NoMatch() | PersonWanted(): return self.hold(intent="order")
    case SosWanted(): return self.sos()
"""

from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Matched(Generic[T_co]):
    """The caller chose this."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Entered(Matched[str]):
    """The caller entered these digits. They may be a PIN, so they never show in a log or a traceback by `repr`."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller pressed nothing, nor after the hints."""


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The caller pressed keys that mean nothing here, twice, or asked to hear it again too often."""


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """The caller pressed 0."""


@dataclass(frozen=True, slots=True)
class SosWanted:
    """The caller pressed 9."""


Answer: TypeAlias = Matched[T] | NoInput | NoMatch | PersonWanted | SosWanted


class PersonAsked(Exception):
    """The caller pressed 0 over something that is said, or did not manage a menu (see `value_or_person`)."""


class SosAsked(Exception):
    """The caller pressed 9 over something that is said."""


def value_or_person(answer: Answer[T]) -> T:
    """The chosen value. Raises SosAsked for 9 and PersonAsked for everything else: nobody is left in a menu."""
    if isinstance(answer, Matched):
        return answer.value
    if isinstance(answer, SosWanted):
        raise SosAsked
    raise PersonAsked

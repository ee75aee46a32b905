"""The port that flows speak to: what one call can be told to do, and how it can end.

Nothing here knows AGI, sockets or Asterisk. `ivr.channel.AgiCall` is the real adapter, `tests.ivr.fake_call.FakeCall`
the fake; one contract suite (tests/ivr/test_call_contract.py) is passed by both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeAlias

KEYS = "0123456789*#"
"""The keys of a telephone that mean something here. The tones A to D are noise and are never reported."""

ALWAYS_KEYS = "09*#"
"""Keys that are obeyed over whatever is said: 0 is a person, 9 is SOS, * says it again, # slower and louder."""

URGENT_KEYS = "09"
"""Those of them that are obeyed over what must not be held up, or was said again often enough."""

Words: TypeAlias = Sequence[tuple[str, Mapping[str, object]]]
"""Prompt keys with their values, said one after the other."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How words are spoken to this caller: in which language, and slower or louder than to everybody."""

    language: str = ""
    """BCP 47, as zh-CN or en; a dialect is a private subtag of its language, as zh-CN-x-lanzhou. Empty: the house's."""
    slow: bool = False
    loud: bool = False


AS_EVER = Delivery()


class HangupKind(StrEnum):
    """Why the conversation is over. Only HUNG_UP may be recorded as an abandoned call."""

    HUNG_UP = "hung up"
    CALLED_AWAY = "called away"  # A Redirect took the channel elsewhere; the caller is still on the line.


class CallerHungUp(Exception):
    """The channel is no longer ours. Raised by any method of a `Call`, and by every one after the first."""

    def __init__(self, kind: HangupKind = HangupKind.HUNG_UP) -> None:
        super().__init__(kind.value)
        self.kind = kind


class ChannelError(Exception):
    """The other side refused a command or answered something that makes no sense."""


class ChannelTimeout(ChannelError):
    """The other side did not answer a command within its time; the call cannot be used any more."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when its conversation begins, as the dialplan and the channel gave it.

    `caller_number` is the raw string of the trunk, "" when withheld or unknown: whoever looks it up normalises it.
    `arguments` are the query of the agi:// address, then the `name=value` arguments of AGI(), and "ref", its third.
    """

    call_id: str  # The Linkedid: one for all the legs of a call.
    channel: str
    uniqueid: str
    node: str
    caller_number: str
    dialled: str  # The DID that was dialled.
    language: str
    flow: str
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class RecordingEnd(StrEnum):
    """What ended a recording."""

    KEY = "key"
    TIME = "time"  # Silence or the maximum length: Asterisk reports both alike.
    HANGUP = "hangup"


@dataclass(frozen=True, slots=True)
class Recording:
    """A message that was recorded on the Asterisk node under `name` (no extension), `seconds` long."""

    name: str
    seconds: float
    ended_by: RecordingEnd
    key: str | None = None


class Prompts(Protocol):
    """Turns a prompt key into the sound files that say it (the catalogue of ivr/prompts)."""

    def plan(self, key: str, language: str, delivery: Delivery, /, **values: object) -> Sequence[str]:
        """Relative paths without extension, in the order they are played; slower or louder where there are such sounds.

        `language` is spoken, whatever the delivery says of it.

        Raises LookupError when there is no such key.
        """


class Call(Protocol):
    """One caller on the line. Every method raises CallerHungUp when the caller is gone, ChannelTimeout when the
    other side falls silent, and ChannelError when it refuses. Keys pressed while nobody asks for them are kept, in
    order, for whoever asks next (at most 32; beyond that the latest are dropped).
    """

    delivery: Delivery
    """How all that is said from now on is spoken. May be changed at any time between two methods."""

    @property
    def facts(self) -> CallFacts: ...

    def answer(self) -> None:
        """Pick the call up; does nothing when it is up already."""

    def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
        """Say the prompt `key`. A key in `keys`, pressed before or meanwhile, stops it at once and is returned.

        Other keys do not stop it and are kept. What cannot be played is logged, counted and replaced by a sound.
        """

    def ask(self, words: Words, *, seconds: float, quiet: float = 0.0) -> str | None:
        """Keep quiet for `quiet` seconds, say the words and wait `seconds` more for a key, all in one: there is no
        moment in which a key is lost. Any key, pressed ahead or meanwhile, ends it at once and is returned."""

    def tell(self, words: Words, *, seconds: float = 0.0, quiet: float = 0.0, keys: str = ALWAYS_KEYS) -> str | None:
        """As `ask`, for words after which nothing is asked: one of `keys` (`ALWAYS_KEYS` or `URGENT_KEYS`) ends it and
        is returned, all others mean nothing, those pressed ahead among them, and are dropped."""

    def wait_key(self, seconds: float, keys: str = KEYS) -> str | None:
        """The next key in `keys`, pressed ahead or within `seconds`; None at the end. Other keys are dropped."""

    def read_digits(self, *, first_seconds: float, next_seconds: float, maximum: int, end: str = "#") -> str:
        """Up to `maximum` keys: waits `first_seconds` for the first, `next_seconds` for each other; `end` ends it and
        is not returned. The star is a key like the digits. "" when nothing (or only `end`) came."""

    def pause(self, seconds: float) -> None:
        """Keep quiet for so long, or until a key is pressed. The key is kept."""

    def get(self, variable: str) -> str | None:
        """The value of a channel variable, None if it is not set. Asterisk tells its first 1,000 bytes or so."""

    def set(self, variable: str, value: str) -> None:
        """Set a channel variable. Control characters (a new line among them) become spaces."""

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#") -> Recording:
        """Record the caller; the prompt before it has the beep. A caller who hangs up has still left a message, so
        this returns it, with `RecordingEnd.HANGUP`, and it is the next method that raises CallerHungUp."""

    def hangup(self) -> None:
        """End the call from our side. Afterwards every method raises CallerHungUp; hanging up twice is no error."""

"""A call that needs no Asterisk: callers who press what the script says, on a clock that does not wait.

It fills the port `ivr.call.Call` and passes the same contract as AgiCall (tests/ivr/test_call_contract.py).
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ivr.call import (
    ALWAYS_KEYS,
    AS_EVER,
    KEYS,
    CallerHungUp,
    CallFacts,
    Delivery,
    HangupKind,
    Recording,
    RecordingEnd,
    Words,
)

PROMPT_SECONDS = 3.0
KEPT_KEYS = 32

Presses: TypeAlias = Mapping[str, str | Sequence[str]] | Callable[[str, int], str]
"""What the caller presses, by prompt key: a text for the first time it is heard, or one for each time; or a function of
the key and of how often it was heard before. "12" is pressed over the prompt, "~12" after it, "" is nothing."""

FACTS = CallFacts(
    call_id="a-1700000000.1",
    channel="PJSIP/trunk-00000001",
    uniqueid="1700000000.1",
    node="a",
    caller_number="09318000001",
    dialled="12349",
    language="zh-CN",
    flow="welcome",
)


@dataclass(frozen=True)
class Said:
    """A prompt of which the caller heard at least the beginning."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    delivery: Delivery = field(default=AS_EVER, compare=False)
    """How it was spoken."""


def presses_at(presses: Presses, key: str, before: int) -> str:
    """What the script says for the prompt `key` when it was heard so often before."""
    if callable(presses):
        return presses(key, before)
    script = presses.get(key, "")
    turns = [script] if isinstance(script, str) else script
    return turns[before] if before < len(turns) else ""


class FakeCall:
    """`hang_up_at`: the caller is gone at the n-th step (each method of the port is one), counted from 1."""

    def __init__(
        self,
        presses: Presses | None = None,
        *,
        facts: CallFacts = FACTS,
        hang_up_at: int | None = None,
        hang_up_kind: HangupKind = HangupKind.HUNG_UP,
        variables: Mapping[str, str] | None = None,
        recording: RecordingEnd = RecordingEnd.TIME,
        recorded_seconds: float | None = None,
        recording_key: str = "",
        unplayable: Collection[str] = (),
    ) -> None:
        self.facts = facts
        self.delivery = Delivery()
        self.heard: list[Said] = []
        self.variables: dict[str, str] = dict(variables or {})
        self.recordings: list[Recording] = []
        self.answered = False
        self.ended: HangupKind | None = None
        self.steps = 0
        self.now = 0.0
        self._presses: Presses = presses or {}
        self._times: Counter[str] = Counter()
        self._ahead: list[str] = []
        self._hang_up_at = hang_up_at
        self._hang_up_kind = hang_up_kind
        self._recording_end = recording
        self._recorded_seconds = recorded_seconds
        self._recording_key = recording_key
        self._unplayable = frozenset(unplayable)

    @property
    def keys_heard(self) -> list[str]:
        """The keys of the prompts, in the order they were heard."""
        return [each.key for each in self.heard]

    def clock(self) -> float:
        """Seconds of the conversation so far; give it to Dialogue."""
        return self.now

    def answer(self) -> None:
        self._step()
        self.answered = True

    def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
        self._step()
        return self._take_ahead(keys) or self.hear(key, keys, values)

    def ask(self, words: Words, *, seconds: float, quiet: float = 0.0) -> str | None:
        self._step()
        return self._speak(words, KEYS, quiet, seconds)

    def tell(self, words: Words, *, seconds: float = 0.0, quiet: float = 0.0, keys: str = ALWAYS_KEYS) -> str | None:
        self._step()
        pressed = self._speak(words, keys, quiet, seconds)
        self._ahead.clear()
        return pressed

    def _speak(self, words: Words, keys: str, quiet: float, listen: float) -> str | None:
        pressed = self._take_ahead(keys)
        if pressed is not None:
            return pressed
        self.now += quiet
        for key, values in words:
            pressed = self.hear(key, keys, values) or self._take_ahead(keys)
            if pressed is not None:
                return pressed
        self.now += listen
        return None

    def _take_ahead(self, keys: str) -> str | None:
        pressed = next((each for each in self._ahead if each in keys), None)
        if pressed is not None:
            self._ahead.remove(pressed)
        return pressed

    def hear(self, key: str, keys: str, values: Mapping[str, object]) -> str | None:
        """The caller hears one prompt, and presses what the script says; give the key in `keys` that stopped it."""
        if key in self._unplayable:
            return None
        script = presses_at(self._presses, key, self._times[key])
        self._times[key] += 1
        self.heard.append(Said(key, values, self.delivery))
        over_it = not script.startswith("~")
        script = script.lstrip("~")
        for at, each in enumerate(script):
            if over_it and each in keys:
                self._keep(script[at + 1 :])
                self.now += PROMPT_SECONDS / 2
                return each
            self._keep(each)
        self.now += PROMPT_SECONDS
        return None

    def wait_key(self, seconds: float, keys: str = KEYS) -> str | None:
        self._step()
        while self._ahead:
            pressed = self._ahead.pop(0)
            if pressed in keys:
                return pressed
        self.now += seconds
        return None

    def read_digits(self, *, first_seconds: float, next_seconds: float, maximum: int, end: str = "#") -> str:
        self._step()
        digits = ""
        while len(digits) < maximum and self._ahead:
            pressed = self._ahead.pop(0)
            if pressed == end:
                return digits
            digits += pressed
        if len(digits) < maximum:
            self.now += next_seconds if digits else first_seconds
        return digits

    def pause(self, seconds: float) -> None:
        self._step()
        if not self._ahead:
            self.now += seconds

    def get(self, variable: str) -> str | None:
        self._step()
        return self.variables.get(variable)

    def set(self, variable: str, value: str) -> None:
        self._step()
        self.variables[variable] = value.replace("\n", " ")

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#") -> Recording:
        self._step()
        key = (self._recording_key or end_keys[0]) if self._recording_end is RecordingEnd.KEY else None
        assert key is None or key in end_keys, "this key does not end the recording"
        self.now += silence_seconds
        seconds = silence_seconds if self._recorded_seconds is None else self._recorded_seconds
        made = Recording(name, seconds, self._recording_end, key)
        self.recordings.append(made)
        if self._recording_end is RecordingEnd.HANGUP:
            self.ended = HangupKind.HUNG_UP
        return made

    def hangup(self) -> None:
        self.steps += 1
        self.ended = HangupKind.HUNG_UP

    def _step(self) -> None:
        self.steps += 1
        if self.ended is None and self.steps == self._hang_up_at:
            self.ended = self._hang_up_kind
        if self.ended is not None:
            raise CallerHungUp(self.ended)

    def _keep(self, keys: str) -> None:
        self._ahead.extend(each for each in keys if each in KEYS)
        del self._ahead[KEPT_KEYS:]

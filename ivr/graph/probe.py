"""A caller made of decisions: at each point of a talk somebody is asked what this caller does there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ivr.answers import Answer
from ivr.call import ALWAYS_KEYS, KEYS, CallerHungUp, CallFacts, Delivery, HangupKind, Recording, RecordingEnd, Words
from ivr.dialogue import Dialogue, Prompt
from ivr.flows.base import Flow
from ivr.graph.moves import Asked, Move, MoveKind, State

T = TypeVar("T")
Decide = Callable[[State], Move]

WORD_SECONDS = 3.0
"""A prompt takes so long here. The manifest of the sounds knows better; the graph does not depend on it."""
KEPT_KEYS = 32
SPOKEN_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the caller heard nothing of ours, and who was waited for meanwhile."""

    seconds: float
    after: str  # The prompt before it.
    before: str
    waits: tuple[str, ...]


@dataclass
class _Question:
    """What the dialogue asks just now; it may ask several times until it has an answer."""

    asked: Asked
    words: tuple[str, ...]
    keys: tuple[str, ...]
    digits: tuple[int, int] = (0, 0)
    tried: list[str] = field(default_factory=list)


class ProbeCall:
    """The port `ivr.call.Call`, on a clock that does not wait (`now`, in seconds since the call began).

    Keys are pressed over what is said. What a move has besides its first key is kept, as a real call keeps it, and who
    asks next takes it without a decision. The tones A to D are no keys.
    """

    def __init__(self, facts: CallFacts, decide: Decide, variables: Mapping[str, str] | None = None) -> None:
        self.facts = facts
        self.delivery = Delivery()
        self.variables = dict(variables or {})
        self.now = 0.0
        self.steps = 0
        self.decisions = 0
        self.heard: list[str] = []
        self.gaps: list[Gap] = []
        self.ended: HangupKind | None = None
        self._decide = decide
        self._ahead: list[str] = []
        self._questions: list[_Question] = []
        self._sound_until = 0.0
        self._waits: list[str] = []

    def clock(self) -> float:
        """Seconds of the call so far."""
        return self.now

    def waits_for(self, what: str, seconds: float) -> None:
        """Let the call be kept waiting by a service, without a word."""
        self.now += seconds
        self._waits.append(what)

    def goes_on(self, before: str) -> None:
        """Note how long nothing was heard until now."""
        self.gaps.append(Gap(self.now - self._sound_until, (self.heard or [""])[-1], before, tuple(self._waits)))
        self._waits.clear()

    @contextmanager
    def asking(
        self, asked: Asked, prompt: Prompt, keys: Sequence[str] = (), digits: tuple[int, int] = (0, 0)
    ) -> Iterator[None]:
        """Tell the caller what kind of question comes."""
        words = [prompt] if isinstance(prompt, str) else [key for key, _ in prompt]
        self._questions.append(_Question(asked, _once(words), tuple(keys), digits))
        try:
            yield
        finally:
            self._questions.pop()

    def answer(self) -> None:
        self._step()

    def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
        self._step()
        pressed = self._take_ahead(keys)
        return pressed or self._speak([(key, values)], Asked.SAID if keys else Asked.DEAF, keys, 0.0, 0.0)

    def ask(self, words: Words, *, seconds: float, quiet: float = 0.0) -> str | None:
        self._step()
        pressed = self._take_ahead(KEYS)
        return pressed or self._speak(words, Asked.ANY_KEY, KEYS, quiet, seconds)

    def tell(self, words: Words, *, seconds: float = 0.0, quiet: float = 0.0, keys: str = ALWAYS_KEYS) -> str | None:
        self._step()
        pressed = self._take_ahead(keys) or self._speak(words, Asked.SAID, keys, quiet, seconds)
        self._ahead.clear()
        return pressed

    def wait_key(self, seconds: float, keys: str = KEYS) -> str | None:
        self._step()
        while self._ahead:
            pressed = self._ahead.pop(0)
            if pressed in keys:
                return pressed
        return self._speak([], Asked.LISTENING, keys, 0.0, seconds)

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
        self.now += 0.0 if self._ahead else seconds

    def get(self, variable: str) -> str | None:
        self._step()
        return self.variables.get(variable)

    def set(self, variable: str, value: str) -> None:
        self._step()
        self.variables[variable] = value

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#") -> Recording:
        self._step()
        move = self._decision(Asked.RECORDING, (), end_keys)
        if move.kind in (MoveKind.HANG_UP, MoveKind.CALLED_AWAY):
            return Recording(name, SPOKEN_SECONDS, RecordingEnd.HANGUP)
        self.now += silence_seconds
        self._sound_until = self.now  # The caller's own turn is no gap.
        if move.kind is MoveKind.KEYS and move.keys[0] in end_keys:
            self._ahead.extend(move.keys[1:])
            return Recording(name, 0.5, RecordingEnd.KEY, move.keys[0])
        seconds = SPOKEN_SECONDS if move.kind is MoveKind.SPEAK else 1.0  # Of silence one second is kept.
        return Recording(name, seconds, RecordingEnd.TIME)

    def hangup(self) -> None:
        self.ended = HangupKind.HUNG_UP

    def _speak(self, words: Words, asked: Asked, keys: str, quiet: float, listen: float) -> str | None:
        said = [key for key, _ in words]
        self.now += quiet
        if said:
            self.goes_on(said[0])
            self.heard += said
        move = self._decision(asked, said, keys)
        if move.kind in (MoveKind.HANG_UP, MoveKind.CALLED_AWAY):
            self._step()
        pressed = [each for each in move.keys if each in KEYS]
        obeyed = next((each for each in pressed if each in keys), None)
        if obeyed is not None:
            self.now += WORD_SECONDS / 2
            pressed.remove(obeyed)
        else:
            self.now += WORD_SECONDS * len(said)
        self._ahead = [*self._ahead, *pressed][:KEPT_KEYS]
        if said:
            self._sound_until = self.now
        if obeyed is None:
            self.now += listen
        return obeyed

    def _decision(self, asked: Asked, said: Sequence[str], keys: str) -> Move:
        question = self._questions[-1] if self._questions and asked is Asked.ANY_KEY else None
        words = _once(said)
        if question is None:
            offered = "".join(sorted(keys)) if asked is not Asked.LISTENING else keys
            state = State(self._flow(), asked, words, tuple(offered) if asked is not Asked.ANY_KEY else ())
        else:
            tried = tuple(sorted(question.tried))
            state = State(self._flow(), question.asked, words, question.keys, tried, question.digits, question.words)
        self.decisions += 1
        move = self._decide(state)
        if question is not None:
            question.tried.append(str(move))
        if move.kind is MoveKind.HANG_UP:
            self.ended = HangupKind.HUNG_UP
        elif move.kind is MoveKind.CALLED_AWAY:
            self.ended = HangupKind.CALLED_AWAY
        return move

    def _flow(self) -> str:
        """The flow that speaks: one may go on with another in the same call (`Flow.then`)."""
        frame = inspect.currentframe()
        while frame is not None:
            speaker = frame.f_locals.get("self")
            if isinstance(speaker, Flow):
                return type(speaker).__name__
            frame = frame.f_back
        return ""

    def _take_ahead(self, keys: str) -> str | None:
        pressed = next((each for each in self._ahead if each in keys), None)
        if pressed is not None:
            self._ahead.remove(pressed)
        return pressed

    def _step(self) -> None:
        self.steps += 1
        if self.ended is not None:
            raise CallerHungUp(self.ended)


def _once(words: Sequence[str]) -> tuple[str, ...]:
    """The words without those that are said again at once, as the choices of a menu are."""
    return tuple(key for at, key in enumerate(words) if at == 0 or words[at - 1] != key)


class ObservedDialogue(Dialogue):
    """The dialogue engine itself, which tells the caller what kind of question it asks before it asks it."""

    def __init__(self, call: ProbeCall) -> None:
        super().__init__(call, call.clock)
        self._observed = call

    def menu(self, prompt: Prompt, choices: Mapping[str, T], /, **rest: Any) -> Answer[T]:
        with self._observed.asking(Asked.MENU, prompt, tuple(choices)):
            return super().menu(prompt, choices, **rest)

    def rate(self, prompt: Prompt, scale: Mapping[str, T], /, **rest: Any) -> Answer[T]:
        with self._observed.asking(Asked.SCALE, prompt, tuple(scale)):
            return super().rate(prompt, scale, **rest)

    def ask(self, prompt: Prompt, /, *, digits: int | tuple[int, int], **rest: Any) -> Answer[str]:
        bounds = (digits, digits) if isinstance(digits, int) else digits
        with self._observed.asking(Asked.DIGITS, prompt, digits=bounds):
            return super().ask(prompt, digits=digits, **rest)

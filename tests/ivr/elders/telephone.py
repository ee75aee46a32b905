"""A telephone in virtual time: an elder on one end, the real flow on the other, prompts of their true length."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from ivr.call import ALWAYS_KEYS, KEYS, CallerHungUp, CallFacts, Delivery, HangupKind, Recording, RecordingEnd, Words
from ivr.prompts import manifest
from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue, NotSpoken
from tests.ivr.elders.elder import HANG_UP, Act, Elder, Sentence

ANSWER_SECONDS = 0.15
"""From the first ring to the first word: what it is held to (docs/performance.md: p95 of 91 ms with 300 calls)."""
TONE_SECONDS = 0.5
SLOWER = 1.25
"""Slow versions are a quarter longer (docs/prompts.md)."""
END_OF_SENTENCE = "。？！"
OPTIONS_IN_ONE = re.compile("(按[一二三四五六七八零九0-9])，")


@cache
def catalogue() -> Catalogue:
    def nothing(_event: NotSpoken) -> None:
        """A name without a recording is 奶奶."""

    loaded = Catalogue.load()
    return Catalogue({"zh-CN": loaded.languages["zh-CN"]}, {"zh-CN": loaded.sounds["zh-CN"]}, report=nothing)


@cache
def seconds_of_sounds() -> Mapping[str, float]:
    return {name: entry.seconds for name, entry in manifest.read(SOUNDS_FOLDER / "zh-CN").items()}


def seconds_of(key: str, delivery: Delivery, values: Mapping[str, object]) -> float:
    """How long a prompt is said, by the manifest of the sounds."""
    sounds = catalogue().plan(key, "zh-CN", Delivery(), **values)
    known = seconds_of_sounds()
    seconds = sum(known.get(sound.partition("/")[2], TONE_SECONDS) for sound in sounds)
    return seconds * (SLOWER if delivery.slow else 1.0)


def sentences_of(key: str, values: Mapping[str, object], begin: float, seconds: float) -> list[Sentence]:
    """The sentences of a prompt, each ending in its share of the time."""
    text = catalogue().text(key)
    for name, value in values.items():
        for kind in (
            "person",
            "word",
            "digits",
            "phone",
            "count",
            "minutes",
            "money",
            "time",
            "date",
            "moment",
            "state",
        ):
            text = text.replace(f"{{{name}:{kind}}}", str(value))
    for mark in END_OF_SENTENCE:
        text = text.replace(mark, "。")
    text = OPTIONS_IN_ONE.sub(r"\1。", text)  # Each option by itself, though said in one breath.
    parts = [each for each in text.split("。") if each]
    total, said, found = sum(map(len, parts)), 0, []
    for part in parts:
        said += len(part)
        found.append(Sentence(part, begin + seconds * said / total))
    return found


class ElderCall:
    """The port `ivr.call.Call` with an elder on it. `now` is in seconds since the first ring."""

    def __init__(self, facts: CallFacts, elder: Elder) -> None:
        self.facts = facts
        self.delivery = Delivery()
        self.now = ANSWER_SECONDS
        self.heard: list[str] = []
        self.variables: dict[str, str] = {}
        self.keys: list[str] = []
        self.left = False
        self._elder = elder
        self._acts: list[Act] = []

    def clock(self) -> float:
        return self.now

    def answer(self) -> None:
        self._there()

    def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
        return self._speak([(key, values)], keys, 0.0, 0.0, asked=False, drop=False)

    def ask(self, words: Words, *, seconds: float, quiet: float = 0.0) -> str | None:
        return self._speak(words, KEYS, quiet, seconds, asked=True, drop=False)

    def tell(self, words: Words, *, seconds: float = 0.0, quiet: float = 0.0, keys: str = ALWAYS_KEYS) -> str | None:
        return self._speak(words, keys, quiet, seconds, asked=False, drop=True)

    def wait_key(self, seconds: float, keys: str = KEYS) -> str | None:
        return self._listen(self.now + seconds, keys, drop=True)

    def read_digits(self, *, first_seconds: float, next_seconds: float, maximum: int, end: str = "#") -> str:
        digits = ""
        while len(digits) < maximum:
            key = self._listen(self.now + (next_seconds if digits else first_seconds), KEYS, drop=True)
            if key is None or key == end:
                break
            digits += key
        return digits

    def pause(self, seconds: float) -> None:
        self._there()
        self.now += seconds

    def get(self, variable: str) -> str | None:
        self._there()
        return self.variables.get(variable)

    def set(self, variable: str, value: str) -> None:
        self._there()
        self.variables[variable] = value

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#") -> Recording:
        self._there()
        self.now += 5.0 + silence_seconds
        return Recording(name, 5.0, RecordingEnd.TIME)

    def hangup(self) -> None:
        self.left = True

    def _speak(self, words: Words, keys: str, quiet: float, listen: float, *, asked: bool, drop: bool) -> str | None:
        self._there()
        ahead = self._listen(self.now, keys, drop=drop)
        if ahead is not None:
            return ahead
        self.now += quiet
        at, heard = self.now, []
        for key, values in words:
            seconds = seconds_of(key, self.delivery, values)
            heard += sentences_of(key, values, at, seconds)
            at += seconds
            self.heard.append(key)
        if not self._acts:  # Whoever is about to press, presses that.
            self._acts = sorted(self._elder.hears(heard, asked=asked), key=lambda act: act.at)
        return self._listen(at + listen, keys, drop=drop)

    def _listen(self, until: float, keys: str, *, drop: bool) -> str | None:
        """The first of `keys` that is pressed by then; the others are dropped, or kept for who asks next."""
        for act in list(self._acts):
            if act.at > until:
                break
            if act.what == HANG_UP:
                self.now, self.left = max(self.now, act.at), True
                self._there()
            if act.what in keys or drop:
                self._acts.remove(act)
            if act.what in keys:
                self.now = max(self.now, act.at)
                self.keys.append(act.what)
                return act.what
        self.now = max(self.now, until)
        return None

    def _there(self) -> None:
        if self.left:
            raise CallerHungUp(HangupKind.HUNG_UP)

"""Phones that know the prompts: they wait until they hear one, as a person does, before they press a key."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue
from tests.ears import RATE, Heard, Samples, find, read_wav
from tests.ears.wav import as_samples
from tests.phones.phone import Phone, PhoneTimeoutError

LOOK_EVERY = 0.25
"""Seconds between two looks at what was heard; sound arrives all the time and announces nothing."""
ENOUGH = 0.6
"""So much of a sound must be heard: a busy machine's stall may spoil a window or two, other prompts share none."""
CLOSE = 0.6
"""The sounds of one prompt follow each other within so many seconds."""


class Listener:
    """Hears prompts in what a phone's latest call hears, and remembers how far it has listened."""

    def __init__(
        self, phone: Phone, catalogue: Catalogue, language: str = "zh-CN", sounds: Path = SOUNDS_FOLDER
    ) -> None:
        self.phone = phone
        self._catalogue = catalogue
        self._language = language
        self._sounds = sounds
        self._call = -1
        self._heard_until = 0.0

    def hear(self, key: str, seconds: float, /, **values: object) -> list[Heard]:
        """Wait until the whole prompt `key` with its `values` was heard, after what was heard before.

        Raises PhoneTimeoutError, with how much of it was heard, and keeps the recording for whoever looks into it.
        """
        return self._hear(self._plan(key, values), key, seconds)

    def hear_beginning(self, key: str, sounds: int, seconds: float, /, **values: object) -> list[Heard]:
        """Wait until the first so many sounds of a long prompt were heard, to answer before it is over.

        Raises PhoneTimeoutError.
        """
        return self._hear(self._plan(key, values)[:sounds], key, seconds)

    def _plan(self, key: str, values: Mapping[str, object]) -> list[str]:
        return [str(reference) for reference in self._catalogue.plan(key, self._language, **values)]

    def _hear(self, plan: Sequence[str], key: str, seconds: float) -> list[Heard]:
        pause = threading.Event()
        most = 0
        for _ in range(int(seconds / LOOK_EVERY) + 1):
            self._follow_calls()
            heard = self._match(plan)
            if len(heard) == len(plan):
                self._heard_until = heard[-1].end
                return heard
            most = max(most, len(heard))
            pause.wait(LOOK_EVERY)
        raise PhoneTimeoutError(
            f"phone {self.phone.number[-4:]} heard {most} of {len(plan)} sounds of {key} within {seconds:g} s "
            f"(from second {self._heard_until:.1f} of {len(self.phone.heard()) / RATE:.1f})"
        )

    def heard_before(self, key: str, /, **values: object) -> bool:
        """Whether the prompt has been heard anywhere in this call so far."""
        plan = self._plan(key, values)
        recording = as_samples(self.phone.heard())
        return all(find(recording, _sound(self._sounds, name), name) for name in plan)

    def _follow_calls(self) -> None:
        if len(self.phone.listened) != self._call:
            self._call = len(self.phone.listened)
            self._heard_until = 0.0

    def _match(self, plan: Sequence[str]) -> list[Heard]:
        """Find the sounds of `plan` one after the other; give those that were heard in order so far."""
        recording = as_samples(self.phone.heard())
        skip = max(0.0, self._heard_until - 0.1)
        rest = recording[int(skip * RATE) :]
        best: list[Heard] = []
        for first in find(rest, _sound(self._sounds, plan[0]), plan[0], part=ENOUGH):
            chain = self._chain(rest, first, plan)
            if len(chain) > len(best):
                best = chain
        return [Heard(each.key, each.start + skip, each.end + skip, each.score, each.part) for each in best]

    def _chain(self, rest: Samples, first: Heard, plan: Sequence[str]) -> list[Heard]:
        chain = [first]
        for name in plan[1:]:
            sound = _sound(self._sounds, name)
            begin = max(0.0, chain[-1].end - 0.15)
            piece = rest[int(begin * RATE) : int((begin + CLOSE) * RATE) + len(sound)]
            found = find(piece, sound, name, part=ENOUGH)
            if not found:
                break
            chain.append(Heard(name, found[0].start + begin, found[0].end + begin, found[0].score, found[0].part))
        return chain


@cache
def _sound(folder: Path, name: str) -> Samples:
    return read_wav(folder / f"{name}.wav")

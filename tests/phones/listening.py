"""Phones that know the prompts: they wait until they hear one, as a person does, before they press a key."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
OVERLAP = 0.5
"""Seconds that are searched twice, so that no sound is cut in two by the place to which the recording was searched."""


@dataclass
class _Search:
    """How far a recording was searched for the first sound of a prompt, and where that was heard. Times are seconds."""

    call: int
    since: float
    searched: float
    begun: list[Heard] = field(default_factory=list)


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
        pause, give_up = threading.Event(), time.monotonic() + seconds
        most, search = 0, _Search(self._call, self._heard_until, self._heard_until)
        while True:
            self._follow_calls()
            if search.call != self._call:
                search = _Search(self._call, self._heard_until, self._heard_until)
            heard = self._match(plan, search)
            if heard and heard[-1].key == plan[-1] and len(heard) >= len(plan) - 1:
                self._heard_until = heard[-1].end
                return heard
            most = max(most, len(heard))
            if time.monotonic() > give_up:
                break
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

    def _match(self, plan: Sequence[str], search: _Search) -> list[Heard]:
        """Find the sounds of `plan` one after the other; give those that were heard in order so far."""
        recording = as_samples(self.phone.heard())
        first = _sound(self._sounds, plan[0])
        begin = max(0.0, search.searched - OVERLAP)
        found = [
            Heard(each.key, each.start + begin, each.end + begin, each.score, each.part)
            for each in find(recording[int(begin * RATE) :], first, plan[0], part=ENOUGH)
            if each.start + begin >= search.since - 0.1
        ]
        best: list[Heard] = []
        for beginning in [*search.begun, *found]:
            chain = self._chain(recording, beginning, plan)
            if len(chain) > len(best):
                best = chain
        # What is near the end may be heard better by and by, so it is looked for again.
        settled = max(search.searched, (len(recording) - len(first)) / RATE - 1.0)
        for each in found:
            if each.start < settled - OVERLAP / 2 and all(abs(each.end - known.end) > 0.2 for known in search.begun):
                search.begun.append(each)
        search.searched = settled
        return best

    def _chain(self, recording: Samples, first: Heard, plan: Sequence[str]) -> list[Heard]:
        """Follow a prompt from its first sound on. One sound between two others that are heard may be spoilt, if it is
        of the prompt's own words: what a value was said to be must be heard."""
        chain, spoilt = [first], 0.0
        for at, name in enumerate(plan[1:], 1):
            sound = _sound(self._sounds, name)
            begin = max(0.0, chain[-1].end - 0.15)
            piece = recording[int(begin * RATE) : int((begin + CLOSE + spoilt) * RATE) + len(sound)]
            found = find(piece, sound, name, part=ENOUGH)
            if found:
                chain.append(Heard(name, found[0].start + begin, found[0].end + begin, found[0].score, found[0].part))
            elif spoilt or not _own_words(plan, at):
                break
            else:
                spoilt = len(sound) / RATE + CLOSE
        return chain


def _own_words(plan: Sequence[str], at: int) -> bool:
    """Whether a sound in the middle of a prompt is text of its own (``welcome.menu.1``), as its first or last is."""
    own = {name.rpartition(".")[0] for name in (plan[0], plan[-1]) if name.rpartition(".")[2].isdecimal()}
    return at < len(plan) - 1 and plan[at].rpartition(".")[0] in own - {"zh-CN/number"}


@cache
def _sound(folder: Path, name: str) -> Samples:
    return read_wav(folder / f"{name}.wav")

"""Listening while a recording grows: each prompt is heard once, where it was said, and only after what came before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue
from tests.ears import RATE, Samples, read_wav
from tests.ears.telephone_line import mu_law, noise
from tests.phones import listening
from tests.phones.listening import Listener
from tests.phones.phone import Phone, PhoneTimeoutError

LANGUAGE = "zh-CN"
STEP = RATE // 4
"""Samples that come between two looks."""


@dataclass
class Growing:
    """A call whose sound comes bit by bit, as a phone's does."""

    sound: Samples
    number: str = "13900000001"
    listened: list[bytes] = field(default_factory=lambda: [b""])
    come: int = 0

    def heard(self) -> np.ndarray:
        self.come = min(len(self.sound), self.come + STEP)
        return (self.sound[: self.come] * 32767).astype(np.int16)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LOOK_EVERY", 0.0)


def said(catalogue: Catalogue, *prompts: tuple[str, dict[str, object]]) -> tuple[Samples, list[float]]:
    """Give the sound of prompts one after the other, each after half a second of quiet, and when each ends."""
    pieces, ends, at = [], [], 0
    for key, values in prompts:
        sounds = [read_wav(SOUNDS_FOLDER / f"{name}.wav") for name in catalogue.plan(key, LANGUAGE, **values)]
        pieces += [np.zeros(RATE // 2), *sounds]
        at += RATE // 2 + sum(map(len, sounds))
        ends.append(at / RATE)
    return mu_law(noise(np.concatenate([*pieces, np.zeros(RATE)]), -62)), ends


def ears(sound: Samples, catalogue: Catalogue) -> Listener:
    return Listener(cast(Phone, Growing(sound)), catalogue)


def test_prompts_are_heard_in_their_order_and_where_they_were_said(catalogue: Catalogue) -> None:
    prompts: tuple[tuple[str, dict[str, object]], ...] = (
        ("welcome.greet_morning", {"who": "王奶奶"}), ("welcome.menu", {}),
        ("hold.callback_number", {"number": "09319000102"}), ("welcome.menu", {}), ("bye.goodbye", {}),
    )  # fmt: skip
    sound, ends = said(catalogue, *prompts)
    listener = ears(sound, catalogue)
    for (key, values), before, end in zip(prompts, [0.0, *ends], ends, strict=False):
        heard = listener.hear(key, 60, **values)
        assert heard[0].start == pytest.approx(before + 0.5, abs=0.1), key
        assert heard[0].end <= heard[-1].end < end + 0.1, key  # Its last part may be heard before it is over.


@pytest.mark.parametrize("late", range(0, STEP, STEP // 6))
def test_a_prompt_is_heard_wherever_it_lies_between_two_looks(catalogue: Catalogue, late: int) -> None:
    choice = ("services.choice", {"service": "送餐", "key": "1"})
    sound, _ = said(catalogue, ("bye.goodbye", {}), choice, ("bye.goodbye", {}))
    listener = ears(np.concatenate([np.zeros(late), sound]), catalogue)
    listener.hear("bye.goodbye", 60)
    listener.hear(choice[0], 60, **choice[1])
    listener.hear("bye.goodbye", 60)


def test_what_was_not_said_again_is_not_heard_again(catalogue: Catalogue) -> None:
    sound, _ = said(catalogue, ("welcome.menu", {}), ("bye.goodbye", {}))
    listener = ears(sound, catalogue)
    listener.hear("bye.goodbye", 60)
    with pytest.raises(PhoneTimeoutError, match="0 of"):
        listener.hear("welcome.menu", 0.5)
    assert listener.heard_before("welcome.menu")


@pytest.mark.parametrize(("spoilt", "heard"), [(2, True), (1, False), (3, False), (4, False)])
def test_a_spoilt_sound_of_a_prompts_own_words_is_passed_over_and_a_value_is_not(
    catalogue: Catalogue, spoilt: int, heard: bool
) -> None:
    """A busy machine's phone loses pieces of sound. The words between two names may go, but no name and no end."""
    values: dict[str, object] = {"first": "张爷爷", "second": "陈奶奶"}
    sounds = [
        read_wav(SOUNDS_FOLDER / f"{name}.wav") for name in catalogue.plan("welcome.which_elder", LANGUAGE, **values)
    ]
    sounds[spoilt] = np.zeros_like(sounds[spoilt])
    listener = ears(np.concatenate([*sounds, np.zeros(RATE)]), catalogue)
    if heard:
        listener.hear("welcome.which_elder", 60, **values)
    else:
        with pytest.raises(PhoneTimeoutError):
            listener.hear("welcome.which_elder", 2, **values)

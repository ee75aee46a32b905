"""Slower, at the same pitch, by the real SoX."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.prompts.stretch import StretchError, stretch
from ivr.prompts.telephone import RATE, Samples
from ivr.prompts.versions import LONGER


def buzz(hz: float, seconds: float) -> Samples:
    """A voice-like sound: the fundamental and ten harmonics."""
    at = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.05 * sum(np.sin(2 * np.pi * hz * n * at) for n in range(1, 11)))


def pitch(sound: Samples) -> float:
    """The fundamental in Hz: where the sound is most like itself a little later."""
    middle = sound[RATE // 2 : RATE]
    likeness = np.correlate(middle, middle, mode="full")[len(middle) - 1 :]
    shortest = RATE // 400
    return RATE / (shortest + int(np.argmax(likeness[shortest : RATE // 60])))


@pytest.mark.parametrize("hz", [110, 220])
def test_a_stretched_voice_is_longer_by_the_factor_and_keeps_its_pitch(hz: float) -> None:
    normal = buzz(hz, 2)
    slow = stretch(normal, LONGER)
    assert len(slow) / len(normal) == pytest.approx(LONGER, abs=0.01)
    assert pitch(slow) == pytest.approx(pitch(normal), rel=0.02)
    assert np.sqrt(np.mean(slow**2)) == pytest.approx(np.sqrt(np.mean(normal**2)), rel=0.1)


def test_the_same_sound_is_stretched_the_same_way() -> None:
    sound = buzz(150, 0.5) + 0.01 * np.random.default_rng(1).standard_normal(RATE // 2)
    assert np.array_equal(stretch(sound, 1.25), stretch(sound, 1.25))


def test_a_piece_of_a_tenth_of_a_second_is_stretched_too() -> None:
    assert len(stretch(buzz(200, 0.1), 1.25)) == pytest.approx(0.125 * RATE, abs=2)


def test_without_sox_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StretchError, match="apt-get install sox"):
        stretch(buzz(150, 0.2), 1.25)

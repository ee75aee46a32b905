"""From the voice's sound to the telephone's, on signals of which the answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER
from ivr.prompts.telephone import (
    CEILING,
    LOUDNESS,
    RATE,
    Samples,
    _lowest_around,
    limit,
    loudness_of,
    peak_dbfs,
    read_wav,
    resample,
    to_telephone,
    trim,
    write_wav,
)

VOICE_RATE = 24_000


def sine(hz: float, seconds: float, rate: int, amplitude: float = 1.0) -> Samples:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def test_loudness_is_that_of_the_standard() -> None:
    """ITU-R BS.1770-4: a full-scale sine of 997 Hz on one channel measures -3.01 LUFS."""
    assert loudness_of(sine(997, 5, 48_000), 48_000) == pytest.approx(-3.01, abs=0.05)
    assert loudness_of(sine(997, 5, RATE), RATE) == pytest.approx(-3.01, abs=0.05)


def test_pauses_do_not_count_as_softness() -> None:
    speech = sine(500, 2, RATE, 0.1)
    assert loudness_of(np.concatenate([speech, np.zeros(10 * RATE)])) == pytest.approx(loudness_of(speech), abs=0.5)
    assert loudness_of(np.zeros(RATE)) == float("-inf")


@pytest.mark.parametrize(
    ("hz", "kept"), [(30, 0.0), (300, 1.0), (1_000, 1.0), (3_300, 1.0), (3_950, 0.0), (6_000, 0.0)]
)
def test_the_band_is_that_of_the_telephone_and_nothing_folds_back(hz: float, kept: float) -> None:
    narrow = resample(sine(hz, 1, VOICE_RATE), VOICE_RATE)
    assert len(narrow) == RATE
    level = np.sqrt(2 * np.mean(narrow[800:-800] ** 2))
    assert level == pytest.approx(kept, abs=0.02)


def test_silence_around_the_sound_is_cut_to_what_was_asked() -> None:
    sound = np.concatenate([np.zeros(RATE), sine(440, 1, RATE, 0.5), np.zeros(2 * RATE)])
    assert len(trim(sound, lead=0.05, tail=0.15)) / RATE == pytest.approx(1.2, abs=0.03)


def test_a_sound_that_begins_at_once_gets_its_silence() -> None:
    trimmed = trim(sine(440, 1, RATE, 0.5), lead=0.05, tail=0.15)
    assert np.abs(trimmed[: int(0.04 * RATE)]).max() < 1e-9


def test_the_limiter_holds_peaks_and_leaves_the_rest() -> None:
    sound = sine(200, 1, RATE, 0.2)
    sound[4_000:4_040] *= 8
    held = limit(sound)
    assert peak_dbfs(held) <= CEILING + 0.01
    assert held[:3_000] == pytest.approx(sound[:3_000])


@pytest.mark.parametrize("amplitude", [0.001, 0.05, 0.9])
def test_whatever_its_level_a_prompt_comes_out_as_loud_as_all_others(amplitude: float) -> None:
    """Speech-like: bursts of noise over a tone, with pauses, so that peaks stand far above the mean."""
    chance = np.random.default_rng(3)
    bursts = np.repeat(chance.random(20) > 0.4, VOICE_RATE // 10)
    sound = amplitude * bursts * (sine(220, 2, VOICE_RATE, 0.5) + 0.2 * chance.standard_normal(2 * VOICE_RATE))
    narrow = to_telephone(sound, VOICE_RATE, lead=0.05, tail=0.15)
    assert loudness_of(narrow) == pytest.approx(LOUDNESS, abs=0.5)
    assert peak_dbfs(narrow) < -3.0


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    sound = sine(440, 0.5, RATE, 0.3)
    write_wav(tmp_path / "a.wav", sound)
    assert read_wav(tmp_path / "a.wav") == pytest.approx(sound, abs=3 / 32_768)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_our_loudness_is_that_of_an_independent_implementation() -> None:
    """pyloudnorm has filters and gates of its own.

    Sounds are cut to whole tenths of a second: of what is left over it makes one more block, half of it silence,
    which the standard does not know, and which moves a short prompt by up to half a unit.
    """
    meter = pyloudnorm.Meter(RATE)
    step = RATE // 10
    sounds = [read_wav(path) for path in sorted((SOUNDS_FOLDER / "zh-CN").glob("*.wav"))[::5]]
    whole = [sound[: len(sound) // step * step] for sound in sounds if len(sound) >= RATE // 2]
    apart = [loudness_of(sound) - meter.integrated_loudness(sound) for sound in whole]
    print(f"{len(whole)} prompts: {min(apart):+.2f} to {max(apart):+.2f} LU from pyloudnorm")
    assert len(whole) > 100
    assert np.abs(apart).max() < 0.3


@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.39])
def test_what_is_shorter_than_a_block_is_measured_as_one_block_of_its_length(seconds: float) -> None:
    assert loudness_of(sine(997, seconds, RATE)) == pytest.approx(-3.01, abs=0.1)


def test_the_least_gain_around_each_sample_is_that_of_the_plain_way() -> None:
    gains = np.random.default_rng(5).random(500)
    padded = np.pad(gains, 80, mode="edge")
    plain = [padded[at : at + 161].min() for at in range(500)]
    assert np.array_equal(_lowest_around(gains, 80), plain)

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.ears import RATE, Samples, read_wav, silences, tone_level


def tone(hz: float, seconds: float, amplitude: float = 0.5, rate: int = RATE) -> Samples:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)


def write(path: Path, sound: Samples, rate: int, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 32_767).astype("<i2").tobytes())
    return path


def test_the_level_of_a_tone_is_its_amplitude() -> None:
    mixed = tone(440, 1, 0.25) + tone(1_000, 1, 0.1)
    assert tone_level(mixed, 440) == pytest.approx(0.25, rel=0.02)
    assert tone_level(mixed, 1_000) == pytest.approx(0.1, rel=0.02)
    assert tone_level(mixed, 700) < 0.005
    assert tone_level(np.zeros(0), 440) == 0.0


def test_silences_are_told_with_begin_and_length() -> None:
    recording = np.concatenate([tone(440, 1), np.zeros(2 * RATE), tone(440, 1), np.zeros(RATE // 2)])
    assert silences(recording, 1.0) == [(1.0, pytest.approx(2.0, abs=0.03))]
    assert [begin for begin, _ in silences(recording, 0.3)] == [1.0, 4.0]
    assert silences(tone(440, 2), 0.1) == []


def test_a_soft_hiss_is_silence() -> None:
    hiss = np.random.default_rng(1).standard_normal(2 * RATE) * 0.001
    assert len(silences(hiss, 1.0)) == 1


@pytest.mark.parametrize("rate", [RATE, 2 * RATE])
def test_recordings_of_both_rates_are_read_at_the_telephones_own(tmp_path: Path, rate: int) -> None:
    sound = read_wav(write(tmp_path / "a.wav", tone(440, 1, 0.5, rate), rate))
    assert len(sound) == RATE
    assert tone_level(sound, 440) == pytest.approx(0.5, rel=0.05)


def test_other_forms_are_refused(tmp_path: Path) -> None:
    for rate, channels in ((44_100, 1), (RATE, 2)):
        with pytest.raises(ValueError, match="not mono, 16 bits, 8 or 16 kHz"):
            read_wav(write(tmp_path / f"{rate}.wav", tone(440, 1), rate, channels))

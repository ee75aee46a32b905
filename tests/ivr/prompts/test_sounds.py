"""The recordings of the repository: measured from the files, not from what the manifest says of them."""

from __future__ import annotations

import wave
from datetime import time
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import manifest
from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue
from ivr.prompts.measure import check_measures
from ivr.prompts.telephone import LOUDNESS, RATE, loudness_of, peak_dbfs, read_wav
from ivr.prompts.tones import MUSIC_LOUDNESS

CHINESE = SOUNDS_FOLDER / "zh-CN"
FILES = sorted(CHINESE.glob("*.wav"))
HEARD = 10 ** (-45 / 20)


def test_every_sound_is_mono_16_bit_8_khz() -> None:
    for path in sorted(SOUNDS_FOLDER.rglob("*.wav")):
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE), path.name
    assert len(FILES) > 500


@pytest.mark.parametrize("language", sorted(path.parent.name for path in SOUNDS_FOLDER.glob("*/manifest.json")))
def test_all_prompts_are_equally_loud_in_their_band_and_none_is_clipped(language: str) -> None:
    assert check_measures(SOUNDS_FOLDER, language) == []
    entries = manifest.read(SOUNDS_FOLDER / language).values()
    loudness, peaks = [entry.loudness_lufs for entry in entries], [entry.peak_dbfs for entry in entries]
    print(f"{language}: {len(loudness)} sounds, {min(loudness)} to {max(loudness)} LUFS, peaks up to {max(peaks)} dBFS")
    assert max(loudness) - min(loudness) <= 2.0


def test_prompts_begin_and_end_without_waiting() -> None:
    for path in FILES:
        sound = np.abs(read_wav(path))
        heard = np.flatnonzero(sound > sound.max() * HEARD)
        assert heard[0] / RATE < 0.1, path.name
        assert (len(sound) - heard[-1]) / RATE < 0.25, path.name


def test_the_manifest_tells_the_truth() -> None:
    entries = manifest.read(CHINESE)
    assert sorted(entries) == sorted(path.stem for path in FILES)
    for path in FILES[::20]:
        sound, entry = read_wav(path), entries[path.stem]
        assert entry.seconds == pytest.approx(len(sound) / RATE, abs=0.01)
        assert entry.peak_dbfs == pytest.approx(peak_dbfs(sound), abs=0.2)
        assert entry.loudness_lufs == pytest.approx(loudness_of(sound), abs=0.2)


def test_no_menu_takes_longer_than_people_remember() -> None:
    entries = manifest.read(CHINESE)
    assert max(entry.seconds for entry in entries.values()) < 12


def test_the_hold_music_is_softer_than_the_voice_and_does_not_click_when_it_repeats() -> None:
    music = read_wav(SOUNDS_FOLDER / "moh" / "calm.wav")
    assert 30 <= len(music) / RATE <= 60
    assert loudness_of(music) == pytest.approx(MUSIC_LOUDNESS, abs=1.0)
    assert loudness_of(music) < LOUDNESS - 5
    assert np.abs(music[[0, -1]]).max() < 0.001
    # A second of silence in the music would sound like a lost line.
    seconds = music[: len(music) // RATE * RATE].reshape(-1, RATE)
    assert np.sqrt((seconds[:-1] ** 2).mean(axis=1)).min() > 0.002


def test_everything_that_may_be_said_has_a_sound() -> None:
    """With the repository as it is: every prompt, and the values of an ordinary day, without a single report."""
    reports: list[object] = []
    loaded = Catalogue.load()
    catalogue = Catalogue(loaded.languages, loaded.sounds, report=reports.append)
    said = [ref for key in sorted(catalogue.keys()) for ref in catalogue.plan(key, who="王奶奶")]
    reports.clear()
    for amount in (0, 1, 250, 1_205, 99_999, 12_345_678):
        said += catalogue.plan("order.confirm", service="送餐", price=amount)
    for minute in range(24 * 60):
        said += catalogue.plan("visit.checked_in", when=_clock(minute))
    for name in ("王奶奶", "李爷爷", "张奶奶", "孔爷爷", "陈女士", "高先生"):
        said += catalogue.plan("welcome.greet", who=name)
    assert reports == []
    missing = {ref for ref in said if not Path(SOUNDS_FOLDER / f"{ref}.wav").is_file()}
    assert missing == set()


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)

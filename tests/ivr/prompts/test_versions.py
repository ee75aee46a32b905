"""Slow and loud versions: made once, made anew when the sound changes, and measured on the repository's own sounds."""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ivr.prompts import versions
from ivr.prompts.catalogue import SOUNDS_FOLDER
from ivr.prompts.telephone import LOUDNESS, RATE, Samples, loudness_of, peak_dbfs, read_wav
from ivr.prompts.versions import LOUD, LOUDER, SLOW, SLOW_LOUD, VERSIONS, Made, bring_up_to_date, derive, file_of

SAMPLE = sorted((SOUNDS_FOLDER / "zh-CN").glob("*.wav"))[::25]


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Three sounds of one language, as the repository has them."""
    folder = tmp_path / "sounds" / "zh-CN"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    for name in ("bye.goodbye.0", "number.2", "person.wang2.nainai"):
        shutil.copy(SOUNDS_FOLDER / "zh-CN" / f"{name}.wav", folder)
    return folder.parent


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def made(own: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted((own / "versions").rglob("*.wav"))}


def test_each_sound_gets_three_versions_and_a_second_run_makes_nothing(sounds: Path, own: Path) -> None:
    heard: list[str] = []
    assert bring_up_to_date(sounds, own, heard.append) == Made(3, 0, ())
    assert heard == ["zh-CN/bye.goodbye.0", "zh-CN/number.2", "zh-CN/person.wang2.nainai"]
    assert all(file_of(own, version, "zh-CN", "number.2").is_file() for version in VERSIONS)
    before = {path: path.stat().st_mtime_ns for path in made(own)}
    assert len(before) == 9
    assert bring_up_to_date(sounds, own) == Made(0, 0, ())
    assert {path: path.stat().st_mtime_ns for path in made(own)} == before


def test_a_sound_that_changes_loses_its_versions_and_gets_new_ones(sounds: Path, own: Path) -> None:
    bring_up_to_date(sounds, own)
    before = made(own)
    shutil.copy(SOUNDS_FOLDER / "zh-CN" / "number.9.wav", sounds / "zh-CN" / "number.2.wav")
    assert bring_up_to_date(sounds, own) == Made(1, 3, ())
    after = made(own)
    assert {path.name for path in after if after[path] != before[path]} == {"number.2.wav"}


def test_a_sound_that_is_gone_has_no_versions(sounds: Path, own: Path) -> None:
    bring_up_to_date(sounds, own)
    (sounds / "zh-CN" / "number.2.wav").unlink()
    assert bring_up_to_date(sounds, own) == Made(0, 3, ())
    assert "number.2.wav" not in {path.name for path in made(own)}


def test_what_a_person_recorded_is_what_is_slowed_down(sounds: Path, own: Path) -> None:
    bring_up_to_date(sounds, own)
    recorded = own / "recorded" / "zh-CN" / "number.2.wav"
    recorded.parent.mkdir(parents=True)
    shutil.copy(SOUNDS_FOLDER / "zh-CN" / "number.9.wav", recorded)
    heard: list[str] = []
    assert bring_up_to_date(sounds, own, heard.append) == Made(1, 3, ())
    slow = len(read_wav(file_of(own, SLOW, "zh-CN", "number.2"))) / len(read_wav(recorded))
    assert slow == pytest.approx(versions.LONGER, abs=0.01)
    recorded.unlink()
    assert bring_up_to_date(sounds, own) == Made(1, 3, ())


def test_a_recording_in_a_language_or_of_a_sound_that_is_nowhere_else_counts_too(sounds: Path, own: Path) -> None:
    folder = own / "recorded" / "zh-CN-x-lanzhou"
    folder.mkdir(parents=True)
    shutil.copy(sounds / "zh-CN" / "bye.goodbye.0.wav", folder)
    assert bring_up_to_date(sounds, own, languages=("zh-CN-x-lanzhou",)) == Made(1, 0, ())
    assert file_of(own, SLOW_LOUD, "zh-CN-x-lanzhou", "bye.goodbye.0").is_file()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\0" * 5_000])
def test_a_recording_that_cannot_be_read_is_named_and_keeps_nobody_else_waiting(
    sounds: Path, own: Path, content: bytes
) -> None:
    (sounds / "zh-CN" / "number.2.wav").write_bytes(content)
    assert bring_up_to_date(sounds, own) == Made(2, 0, ("zh-CN/number.2",))


def test_a_silent_recording_has_no_versions(sounds: Path, own: Path) -> None:
    write_silence(sounds / "zh-CN" / "number.2.wav")
    assert bring_up_to_date(sounds, own).unreadable == ("zh-CN/number.2",)


def write_silence(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(RATE))


def test_a_run_that_was_interrupted_is_gone_on_with(sounds: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two files: the half-made sound is made whole, and what was finished stays."""
    monkeypatch.setattr(versions, "BATCH", 1)

    def stop(name: str) -> None:
        if name.endswith("number.2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(sounds, own, stop)
    first = file_of(own, SLOW, "zh-CN", "bye.goodbye.0")
    finished = first.stat().st_mtime_ns
    bring_up_to_date(sounds, own)
    assert first.stat().st_mtime_ns == finished
    assert len(made(own)) == 9


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', "{"])
def test_a_manifest_that_cannot_be_read_means_that_all_is_made_anew(sounds: Path, own: Path, text: str) -> None:
    bring_up_to_date(sounds, own)
    (own / "versions" / "slow" / "zh-CN" / "manifest.json").write_text(text, encoding="utf-8")
    bring_up_to_date(sounds, own)
    assert len(json.loads((own / "versions" / "slow" / "zh-CN" / "manifest.json").read_text(encoding="utf-8"))) == 3


@pytest.fixture(scope="module")
def derived() -> Iterator[dict[str, list[tuple[str, Samples, Samples]]]]:
    normal = {path.stem: read_wav(path) for path in SAMPLE}
    yield {version: [(name, sound, derive(sound, version)) for name, sound in normal.items()] for version in VERSIONS}


@pytest.mark.parametrize(
    ("version", "loudness"), [(SLOW, LOUDNESS), (LOUD, LOUDNESS + LOUDER), (SLOW_LOUD, LOUDNESS + LOUDER)]
)
def test_versions_are_as_loud_as_they_should_be_and_nothing_is_clipped(
    derived: dict[str, list[tuple[str, Samples, Samples]]], version: str, loudness: float
) -> None:
    for name, _, sound in derived[version]:
        assert loudness_of(sound) == pytest.approx(loudness, abs=1.0), name
        assert peak_dbfs(sound) < -3.0, name


def test_slow_versions_are_a_quarter_longer_and_loud_ones_as_long(
    derived: dict[str, list[tuple[str, Samples, Samples]]],
) -> None:
    for version, factor in ((SLOW, versions.LONGER), (SLOW_LOUD, versions.LONGER), (LOUD, 1.0)):
        for name, normal, sound in derived[version]:
            assert len(sound) / len(normal) == pytest.approx(factor, abs=0.01), name


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_stay_in_the_band_of_the_telephone(
    derived: dict[str, list[tuple[str, Samples, Samples]]], version: str
) -> None:
    """What compression and overlaps add beside the band lies far under the speech in it."""
    for name, _, sound in derived[version]:
        power = np.abs(np.fft.rfft(sound)) ** 2
        frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
        beside = power[(frequency < 60) | (frequency > 3_850)].sum() / power.sum()
        assert 10 * np.log10(beside) < -30, name

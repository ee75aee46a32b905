"""Is a sound fit to be played: form, loudness, peaks, band? Measured from the file, whatever a manifest says of it."""

import wave
from pathlib import Path

import numpy as np

from ivr.prompts import manifest
from ivr.prompts.manifest import Entry
from ivr.prompts.telephone import LOUDNESS, RATE, Samples, loudness_of, peak_dbfs, read_wav

TOLERANCE = 1.0  # LU
PEAK = -3.0  # dBFS
CLIPPED = 3  # samples in a row at one and the same peak: a wave that was cut off
BESIDE_THE_BAND = -30.0  # dB of the whole, below 60 Hz and over 3,850 Hz, where the band's soft edges have ended


def check_measures(sounds: Path, language: str) -> list[str]:
    """What is wrong with the sounds of a language in the repository's folder; each names its sound."""
    entries = manifest.read(sounds / language)
    return [
        f"{path.stem}: {problem}"
        for path in sorted((sounds / language).glob("*.wav"))
        for problem in problems_of(path, entries.get(path.stem))
    ]


def problems_of(path: Path, told: Entry | None = None, loudness: float = LOUDNESS) -> list[str]:
    """What is wrong with a sound, in words; nothing if it is fit. `told` is what its manifest says of it."""
    try:
        sound = read_wav(path)
    except (OSError, ValueError, EOFError, wave.Error) as problem:
        return [f"cannot be read: {problem}"]
    if not np.abs(sound).max(initial=0.0) > 0:
        return ["silent"]
    problems = []
    measured, peak = loudness_of(sound), peak_dbfs(sound)
    if abs(measured - loudness) > TOLERANCE:
        problems.append(f"{measured:.1f} LUFS instead of {loudness:g}")
    if peak >= PEAK:
        problems.append(f"peaks at {peak:.1f} dBFS")
    if _longest_plateau(sound) >= CLIPPED:
        problems.append("clipped")
    if (beside := _beside_the_band(sound)) > BESIDE_THE_BAND:
        problems.append(f"{beside:.0f} dB of it lie beside the telephone's band")
    if told is not None and (abs(told.loudness_lufs - measured) > 0.2 or abs(told.peak_dbfs - peak) > 0.2):
        problems.append("another sound than the manifest tells of")
    return problems


def _longest_plateau(sound: Samples) -> int:
    """How many samples in a row stand at the highest or at the lowest value."""
    at_the_edge = (sound == sound.max()) | (sound == sound.min())
    edges = np.flatnonzero(np.diff(np.concatenate([[False], at_the_edge, [False]]).astype(int)))
    return int((edges[1::2] - edges[::2]).max())


def _beside_the_band(sound: Samples) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / RATE)
    return float(10 * np.log10(max(power[(frequency < 60) | (frequency > 3_850)].sum() / power.sum(), 1e-12)))

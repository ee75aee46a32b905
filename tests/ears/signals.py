"""Tones and silences in a recording."""

from __future__ import annotations

import numpy as np

from tests.ears.wav import RATE, Samples

FRAME = RATE // 50
"""20 ms, a telephone packet."""


def tone_level(recording: Samples, hz: float) -> float:
    """Amplitude (0 to 1) of the sine of `hz` in the whole recording: one bin of a Fourier transform (Goertzel)."""
    if len(recording) == 0:
        return 0.0
    at = np.arange(len(recording)) / RATE
    return float(2 * abs(np.sum(recording * np.exp(-2j * np.pi * hz * at))) / len(recording))


def silences(recording: Samples, longer_than: float, level: float = 0.003) -> list[tuple[float, float]]:
    """Begin and length, in seconds, of each stretch longer than `longer_than` whose 20 ms frames stay under `level`
    (root mean square; 0.003 is -50 dBFS, well under speech on a telephone and above the noise of its coding)."""
    frames = recording[: len(recording) // FRAME * FRAME].reshape(-1, FRAME)
    quiet = np.sqrt((frames**2).mean(axis=1)) < level
    found, begun = [], None
    for index, is_quiet in enumerate([*quiet.tolist(), False]):
        if is_quiet and begun is None:
            begun = index
        elif not is_quiet and begun is not None:
            seconds = (index - begun) * FRAME / RATE
            if seconds > longer_than:
                found.append((begun * FRAME / RATE, seconds))
            begun = None
    return found

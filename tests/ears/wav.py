"""Reading sound files as arrays of samples between -1 and 1 at 8 kHz."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

RATE = 8000
"""Samples per second of everything here: the telephone's own."""

Samples: TypeAlias = npt.NDArray[np.float64]


def read_wav(path: Path) -> Samples:
    """Read a mono WAV of 16 bits at 8 or 16 kHz. Raises ValueError for any other."""
    with wave.open(str(path)) as file:
        if file.getnchannels() != 1 or file.getsampwidth() != 2 or file.getframerate() not in (RATE, 2 * RATE):
            raise ValueError(f"{path.name} is not mono, 16 bits, 8 or 16 kHz")
        samples = as_samples(np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16))
        if file.getframerate() == RATE:
            return samples
    pairs = samples[: len(samples) // 2 * 2].reshape(-1, 2)
    mean: Samples = pairs.mean(axis=1)
    return mean


def as_samples(pcm: npt.NDArray[np.int16]) -> Samples:
    """Turn 16-bit samples into numbers between -1 and 1."""
    return pcm.astype(np.float64) / 32768.0

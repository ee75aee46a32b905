"""A recording, transformed once and then searched for many short sounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.ears.wav import Samples

LONGEST = 8_192
"""Samples of the longest sound that can be searched for: a second at 8 kHz."""
_BLOCK = 32_768
"""Samples transformed together. Short transforms stay in the processor's cache, and the recording is transformed only
once for all sounds: 150 prompts in a minute of recording cost three seconds of one processor instead of twenty."""
_STEP = _BLOCK - LONGEST
_FAINT = 3e-4
"""Root mean square under which a chance likeness must not count: there is next to nothing to be heard."""

EMPHASIS = 0.8
"""Of the sample before, taken away from each sample. Voiced speech is mostly its lowest tones, in which all of it is
alike: with this, the likeness of windows of different prompts falls from 0.82 to 0.70 at the most."""


def flatten(sound: Samples) -> Samples:
    """Even out the spectrum of speech, which is what is compared."""
    flat: Samples = np.append(sound[:1], sound[1:] - EMPHASIS * sound[:-1])
    return flat


class Haystack:
    """A recording that gives its likeness to a sound at every place, whatever the gain (1: the same)."""

    def __init__(self, recording: Samples) -> None:
        self.recording = recording = flatten(recording)
        count = max(1, -(-len(recording) // _STEP))
        padded = np.concatenate([recording, np.zeros(count * _STEP + _BLOCK - len(recording))]).astype(np.float32)
        blocks = np.lib.stride_tricks.sliding_window_view(padded, _BLOCK)[: count * _STEP : _STEP]
        self._transforms: npt.NDArray[np.complex64] = np.asarray(np.fft.rfft(blocks, axis=1), dtype=np.complex64)
        self._energy = np.concatenate(([0.0], np.cumsum(recording**2)))
        self._norms_of: tuple[int, npt.NDArray[np.float32]] = (0, np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.recording)

    def likeness(self, sound: Samples) -> Samples:
        """How like the flattened `sound` (at most LONGEST samples) each place is at which it fits."""
        places = len(self) - len(sound) + 1
        if places <= 0:
            return np.zeros(0)
        needle = np.conj(np.fft.rfft(sound.astype(np.float32), _BLOCK)).astype(np.complex64)
        products = np.fft.irfft(self._transforms * needle, _BLOCK, axis=1)[:, :_STEP]
        correlation: Samples = products.reshape(-1)[:places] / self._all_norms(len(sound))
        correlation /= np.float32(np.sqrt(float((sound**2).sum())))
        return correlation

    def near(self, sound: Samples, first: int, last: int) -> float:
        """The best likeness of the flattened `sound` at the places from `first` to `last` that exist; else 0."""
        first, last = max(0, first), min(len(self) - len(sound), last)
        if last < first:
            return 0.0
        piece = self.recording[first : last + len(sound)]
        size = 1 << (len(piece) - 1).bit_length()
        product = np.fft.rfft(piece.astype(np.float32), size) * np.conj(np.fft.rfft(sound.astype(np.float32), size))
        correlation = np.fft.irfft(product, size)[: last + 1 - first]
        return float((correlation / self._norms(sound, first, last + 1)).max())

    def _all_norms(self, size: int) -> npt.NDArray[np.float32]:
        """Norms of the recording at each place, for one size at a time: most windows have the same."""
        if self._norms_of[0] != size:
            energy = self._energy[size:] - self._energy[: len(self._energy) - size]
            norms = np.sqrt(np.maximum(energy, size * _FAINT**2)).astype(np.float32)
            self._norms_of = (size, norms)
        return self._norms_of[1]

    def _norms(self, sound: Samples, first: int, end: int) -> Samples:
        size = len(sound)
        energy = self._energy[first + size : end + size] - self._energy[first:end]
        norms: Samples = np.sqrt(np.maximum(energy, size * _FAINT**2)) * np.sqrt(float((sound**2).sum()))
        return norms

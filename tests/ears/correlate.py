"""Finding a known sound in a recording by normalised cross-correlation.

A prompt is cut into windows of half a second. Each is searched near the place where it should be, because a jitter
buffer that drops or repeats a packet shifts the rest of a long prompt by 20 ms, which would ruin one long correlation.
The result is independent of gain. The loudest window is searched in the whole recording first, and only where that is
promising are the others looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tests.ears.wav import RATE, Samples

WINDOW = RATE // 2
SLACK = RATE // 2
"""Windows are found up to half a second from where they should be: a busy machine's stalls, and the slips of a jitter
buffer, which add up over a long prompt."""
APART = RATE // 10
"""Places that correlate well and lie closer than this are one place."""
LIKELY = 0.6
"""A window that correlates less than this is not the same sound."""
QUIET = 1e-3
FAINT = 0.2
"""A window fainter than a fifth of the loudest one is the end of a word and a pause: telephone coding changes it too
much to be matched, and it says little."""
ANCHORS = 3
"""Windows searched in the whole recording, the loudest: a slip within one of them must not hide the prompt."""


@dataclass(frozen=True)
class Heard:
    """A sound that was heard. `score` is the mean correlation of its windows (1: the same); `part` is the share of it
    that was heard, less than 1 when a key cut it short. Times are seconds from the recording's beginning."""

    key: str
    start: float
    end: float
    score: float
    part: float


def find(recording: Samples, sound: Samples, key: str = "", *, part: float = 0.75) -> list[Heard]:
    """Find every place where at least `part` of `sound` is heard, in order, without overlaps."""
    windows = _windows(sound)
    if not windows or len(recording) < len(windows[0][1]):
        return []
    anchors = sorted(windows, key=lambda window: float((window[1] ** 2).sum()))[-ANCHORS:]
    starts = sorted({at - offset for offset, cut in anchors for at in _peaks(_correlation(recording, cut))})
    places = [heard for start in starts if (heard := _verify(recording, windows, start, key, len(sound)))]
    found: list[Heard] = []
    for heard in sorted(places, key=lambda place: -place.score * place.part):
        apart = all(heard.start >= other.end - 0.05 or heard.end <= other.start + 0.05 for other in found)
        if heard.part >= part and apart:
            found.append(heard)
    return sorted(found, key=lambda place: place.start)


def recognise(recording: Samples, prompts: Mapping[str, Samples], *, part: float = 0.75) -> list[Heard]:
    """Find all of `prompts` in a recording, in the order in which they were heard."""
    every: Iterable[Heard] = (
        heard for key, sound in prompts.items() for heard in find(recording, sound, key, part=part)
    )
    return sorted(every, key=lambda heard: heard.start)


def _windows(sound: Samples) -> list[tuple[int, Samples]]:
    """Cut into windows with their offsets; faint ones say nothing and are left out."""
    if len(sound) < 2 * WINDOW:
        cuts = [(0, sound)]
    else:
        starts = range(0, len(sound) - WINDOW + 1, WINDOW)
        cuts = [(start, sound[start : start + WINDOW]) for start in starts]
    loudness = [float(np.sqrt((cut**2).mean())) for _, cut in cuts]
    least = max(QUIET, max(loudness) * FAINT)
    return [cut for cut, loud in zip(cuts, loudness, strict=True) if loud > least]


def _correlation(recording: Samples, window: Samples) -> Samples:
    """Normalised cross-correlation of `window` with every place of `recording`."""
    size = len(recording) + len(window) - 1
    power = 1 << (size - 1).bit_length()
    product = np.fft.rfft(recording, power) * np.conj(np.fft.rfft(window, power))
    raw = np.fft.irfft(product, power)[: len(recording) - len(window) + 1]
    squares = np.concatenate(([0.0], np.cumsum(recording**2)))
    energy = np.maximum(squares[len(window) :] - squares[: -len(window)], 0.0)
    floor = len(window) * QUIET**2  # Where there is next to nothing, a chance likeness must not count.
    norm = np.sqrt(np.maximum(energy, floor)) * np.sqrt(float((window**2).sum()))
    result: Samples = raw / norm
    return result


def _peaks(correlation: Samples, least: float = LIKELY) -> list[int]:
    """Give the best place in each run of places that correlate at least so well, in order."""
    above = np.flatnonzero(correlation >= least)
    if len(above) == 0:
        return []
    groups = np.split(above, np.flatnonzero(np.diff(above) > APART) + 1)
    return [int(group[np.argmax(correlation[group])]) for group in groups]


def _verify(recording: Samples, windows: list[tuple[int, Samples]], start: int, key: str, length: int) -> Heard | None:
    scores, last = [], 0
    for offset, cut in windows:
        first = max(0, start + offset - SLACK)
        piece = recording[first : start + offset + len(cut) + SLACK]
        if len(piece) < len(cut):
            continue
        best = max(_best(piece, cut), _best_of_halves(piece, cut))
        if best >= LIKELY:
            scores.append(best)
            last = offset + len(cut)
    if not scores:
        return None
    end = start + (length if len(scores) == len(windows) else last)
    return Heard(key, max(start, 0) / RATE, end / RATE, sum(scores) / len(scores), len(scores) / len(windows))


def _best(piece: Samples, cut: Samples) -> float:
    return float(_correlation(piece, cut).max())


def _best_of_halves(piece: Samples, cut: Samples) -> float:
    """A packet that was dropped or repeated in the middle of a window: its halves still fit, each in its own place."""
    half = len(cut) // 2
    return (_best(piece, cut[:half]) + _best(piece, cut[half:])) / 2

"""Finding a known sound in a recording by normalised cross-correlation.

A prompt is cut into windows of half a second. Each is searched near the place where it should be, because a jitter
buffer that drops or repeats a packet shifts the rest of a long prompt by 20 ms, which would ruin one long correlation.
The result is independent of gain. The loudest window is searched in the whole recording first, and only where that is
promising are the others looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tests.ears.haystack import Haystack, flatten
from tests.ears.wav import RATE, Samples

WINDOW = RATE // 2
SLACK = RATE // 2
"""Windows are found up to half a second from where they should be: a busy machine's stalls, and the slips of a jitter
buffer, which add up over a long prompt."""
APART = RATE // 10
"""Places that correlate well and lie closer than this are one place."""
PROMISING = 0.6
"""A place where the loudest windows correlate less than this is not looked at further."""
LIKELY, ALONE = 0.65, 0.75
"""A window that correlates less than this is not the same sound; a short prompt's only window must be more alike.
test_confusion.py measures both sides: the same window stays over 0.97 through coding, noise and gain; one of another
prompt reaches 0.77, but not three of four in their order; and a whole short prompt reaches 0.72."""
SURE_WHOLE = 0.9
"""A window this alike needs no second look at its pieces."""
SLIPS = (0.25, 0.5, 0.75)
"""Shares of a window at which it is cut in two, when it is looked for as if a packet were missing within it. For one of
many windows the middle is enough: the others make up for it."""
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
    return _find(Haystack(recording), sound, key, part)


def recognise(recording: Samples, prompts: Mapping[str, Samples], *, part: float = 0.75) -> list[Heard]:
    """Find all of `prompts` in a recording, in the order in which they were heard.

    Nobody is told two things at once: of two that seem to have been, the one with more likeness over more time stands.
    """
    haystack = Haystack(recording)
    every = [heard for key, sound in prompts.items() for heard in _find(haystack, sound, key, part)]
    standing: list[Heard] = []
    for heard in sorted(every, key=lambda place: -place.score * (place.end - place.start)):
        if not any(_overlap(heard, other) for other in standing):
            standing.append(heard)
    return sorted(standing, key=lambda place: place.start)


def _overlap(one: Heard, other: Heard) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0.3 * min(one.end - one.start, other.end - other.start)


def _find(haystack: Haystack, sound: Samples, key: str, part: float) -> list[Heard]:
    windows = _windows(sound)
    if not windows or len(haystack) < len(windows[0][1]):
        return []
    anchors = sorted(windows, key=lambda window: float((window[1] ** 2).sum()))[-ANCHORS:]
    if len(windows) == 1:
        anchors += _pieces(windows[0], 1 / 2)  # A slip in its middle halves the likeness of the whole.
    starts = sorted({at - offset for offset, cut in anchors for at in _peaks(haystack.likeness(cut))})
    places = [heard for start in starts if (heard := _verify(haystack, windows, start, key, len(sound)))]
    found: list[Heard] = []
    for heard in sorted(places, key=lambda place: -place.score * place.part):
        apart = all(heard.start >= other.end - 0.05 or heard.end <= other.start + 0.05 for other in found)
        if heard.part >= part and apart:
            found.append(heard)
    return sorted(found, key=lambda place: place.start)


def _windows(sound: Samples) -> list[tuple[int, Samples]]:
    """Cut into flattened windows with their offsets; faint ones say nothing and are left out."""
    flat = flatten(sound)
    if len(sound) < 2 * WINDOW:
        cuts = [(0, flat)]
    else:
        starts = range(0, len(sound) - WINDOW + 1, WINDOW)
        cuts = [(start, flat[start : start + WINDOW]) for start in starts]
    loudness = [float(np.sqrt((cut**2).mean())) for _, cut in cuts]
    least = max(QUIET, max(loudness) * FAINT)
    return [cut for cut, loud in zip(cuts, loudness, strict=True) if loud > least]


def _peaks(correlation: Samples, least: float = PROMISING) -> list[int]:
    """Give the best place in each run of places that correlate at least so well, in order."""
    above = np.flatnonzero(correlation >= least)
    if len(above) == 0:
        return []
    groups = np.split(above, np.flatnonzero(np.diff(above) > APART) + 1)
    return [int(group[np.argmax(correlation[group])]) for group in groups]


def _verify(haystack: Haystack, windows: list[tuple[int, Samples]], start: int, key: str, length: int) -> Heard | None:
    scores, last = [], 0
    least, slips = (ALONE, SLIPS) if len(windows) == 1 else (LIKELY, SLIPS[1:2])
    for offset, cut in windows:
        if start + offset + len(cut) + SLACK < len(cut) or start + offset - SLACK > len(haystack) - len(cut):
            continue
        best = haystack.near(cut, start + offset - SLACK, start + offset + SLACK)
        if best < SURE_WHOLE:
            best = max(best, *(_in_two(haystack, (start + offset, cut), at) for at in slips))
        if best >= least:
            scores.append(best)
            last = offset + len(cut)
    if not scores:
        return None
    end = start + (length if len(scores) == len(windows) else last)
    return Heard(key, max(start, 0) / RATE, end / RATE, sum(scores) / len(scores), len(scores) / len(windows))


def _in_two(haystack: Haystack, window: tuple[int, Samples], at: float) -> float:
    """A packet that was dropped or repeated within a window: what is before it still fits, and what is after it."""
    likeness = (
        haystack.near(cut, place - SLACK, place + SLACK) * len(cut) / len(window[1])
        for place, cut in _pieces(window, at)
    )
    return sum(likeness)


def _pieces(window: tuple[int, Samples], at: float) -> list[tuple[int, Samples]]:
    place, cut = window
    middle = int(len(cut) * at)
    return [(place, cut[:middle]), (place + middle, cut[middle:])]

"""Every sentence and word against all others: what is said is never taken for something else.

The figures behind LIKELY and ALONE are measured here on the recordings as they are, so that a new voice or a new
text that weakens them is noticed.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER, TEXTS_FOLDER
from ivr.prompts.source import read_language
from tests.ears import RATE, Samples, read_wav, recognise
from tests.ears.correlate import ALONE, _windows
from tests.ears.haystack import Haystack
from tests.ears.telephone_line import gain, mu_law, noise

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # It computes, beside tests that come first.

GAP = RATE // 5
TEXTS = read_language(TEXTS_FOLDER / "zh-CN.yaml").segments()


def sharing_a_sentence(key: str) -> set[str]:
    """The prompt itself, and those in which one of its sentences is said as well: they are alike there, and may be."""
    said = set(re.findall(r"[^。？！]+", TEXTS.get(key, "")))
    return {key} | {other for other, text in TEXTS.items() if said & set(re.findall(r"[^。？！]+", text))}


@pytest.fixture(scope="module")
def sounds() -> dict[str, Samples]:
    """Sentences, services, states and the numbers that order numbers, times and prices begin with."""
    paths = sorted((SOUNDS_FOLDER / "zh-CN").glob("*.wav"))
    few = [path for path in paths if not path.name.startswith(("person.", "day.", "month.", "hour.", "weekday."))]
    numbers = [path for path in few if path.name.startswith("number.")]
    return {path.stem: read_wav(path) for path in few if path not in numbers or len(path.stem) <= len("number.9")}


@pytest.fixture(scope="module")
def line(sounds: dict[str, Samples]) -> tuple[Samples, dict[str, int]]:
    """All of them one after the other, 12 dB softer, with noise and coded; and where each begins."""
    begins, parts, at = {}, [], 0
    for key, sound in sounds.items():
        begins[key] = at
        parts += [sound, np.zeros(GAP)]
        at += len(sound) + GAP
    return mu_law(noise(gain(np.concatenate(parts), -12), -62)), begins


def test_the_threshold_lies_between_what_is_the_same_and_what_is_not(
    sounds: dict[str, Samples], line: tuple[Samples, dict[str, int]]
) -> None:
    recording, begins = line
    haystack = Haystack(recording)
    same, other, other_whole = [], [], []
    for key, sound in sounds.items():
        windows = _windows(sound)
        offset, window = max(windows, key=lambda each: float((each[1] ** 2).sum()))
        likeness = haystack.likeness(window)
        begin = begins[key]
        same.append((float(likeness[max(0, begin + offset - 4) : begin + offset + 5].max()), key))
        for alike in sharing_a_sentence(key):
            likeness[max(0, begins[alike] - len(window)) : begins[alike] + len(sounds[alike])] = 0
        # Where a prompt is a single window, that window alone decides; else three windows of four must be alike.
        (other_whole if len(windows) == 1 else other).append((float(likeness.max()), key))
    print(f"same: {min(same)} and more; others whole: up to {max(other_whole)}, windows: up to {max(other)}")
    assert min(same)[0] > 0.9
    assert max(other_whole)[0] < ALONE
    assert max(other)[0] < 0.85
    assert np.median([value for value, _ in other]) < 0.55


def test_each_is_heard_where_it_was_said_and_nothing_else_is(
    sounds: dict[str, Samples], line: tuple[Samples, dict[str, int]]
) -> None:
    """Every third of them is listened for, in all that is said; the test above has compared all with all."""
    recording, begins = line
    few = {key: sound for key, sound in sounds.items() if zlib.crc32(key.encode()) % 3 == 0}
    heard = recognise(recording, few)
    assert [each.key for each in heard] == [key for key in begins if key in few]
    assert [each.start for each in heard] == pytest.approx([begins[key] / RATE for key in few], abs=0.02)

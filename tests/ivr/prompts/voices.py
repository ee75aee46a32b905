"""Sounds like somebody reading, made by the tests: syllables of a buzz, with pauses, in any file that people send."""

from __future__ import annotations

import io

import numpy as np
import soundfile

from ivr.prompts.telephone import Samples


def syllables(seconds: float, rate: int = 44_100, level: float = 0.2, hertz: float = 180.0) -> Samples:
    """A voice-like buzz of `seconds`, four syllables a second, between half a second of quiet and a third."""
    time = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * hertz * n * time) / n for n in range(1, 12))
    swell = 0.15 + 0.85 * np.abs(np.sin(2 * np.pi * 2 * time))
    voice = np.asarray(level * swell * buzz / 1.6, dtype=np.float64)
    return np.concatenate([np.zeros(rate // 2), voice, np.zeros(rate // 3)])


def reading(
    seconds: float,
    rate: int = 44_100,
    channels: int = 1,
    *,
    level: float = 0.2,
    form: str = "WAV",
    width: str = "PCM_16",
) -> bytes:
    """A file in which somebody reads for so long."""
    sound = np.repeat(syllables(seconds, rate, level)[:, None], channels, axis=1)
    content = io.BytesIO()
    soundfile.write(content, sound, rate, format=form, subtype=width)
    return content.getvalue()

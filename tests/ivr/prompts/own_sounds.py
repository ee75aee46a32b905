"""Sounds of an instance's own, made by the tests: real WAVs in telephone form."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from ivr.prompts import own
from ivr.prompts.own import Recording

RATE = 8_000


def write_tone(path: Path, seconds: float = 0.5, hertz: float = 440.0) -> None:
    """Write a tone in telephone form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = np.round(8_000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone.tobytes())


def record(folder: Path, tag: str, name: str, words: str, hertz: float = 440.0) -> Path:
    """Put a recording of `words` there, as a person had made it, and say that something changed."""
    part = folder / own.RECORDED / tag
    write_tone(part / f"{name}.wav", hertz=hertz)
    own.write_note(part, name, Recording(own.text_hash(words), 0.5, -19.0, "2026-03-16T08:00:00+08:00", "user:2"))
    own.stamp(folder)
    return part / f"{name}.wav"

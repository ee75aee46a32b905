"""Slower speech of the same pitch, by SoX: waveform overlap (WSOLA), which its option `-s` sets for speech.

SoX is given bare samples through a pipe and never a file from outside, so none of its readers is used.
"""

import subprocess

import numpy as np

from ivr.prompts.telephone import RATE, Samples

_RAW = ("-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-")
_SECONDS = 30.0  # SoX takes 10 ms for a sentence; a machine that takes longer than this is broken.


class StretchError(RuntimeError):
    """SoX is missing or failed; the message tells which."""


def stretch(sound: Samples, factor: float) -> Samples:
    """The sound at 8 kHz, `factor` times as long (1.25 is a quarter longer), at its own pitch. Raises StretchError."""
    # Half of full scale, so that the overlaps cannot clip; -R keeps SoX from dithering by chance, -D at all.
    scale = 32_767 * 0.5 / max(float(np.abs(sound).max(initial=0.0)), 1e-9)
    command = ["sox", "-V1", "-R", "-D", *_RAW, *_RAW, "tempo", "-s", f"{1 / factor:.6f}"]
    try:
        done = subprocess.run(
            command, input=np.round(sound * scale).astype("<i2").tobytes(), capture_output=True, timeout=_SECONDS,
            check=True,
        )  # fmt: skip
    except FileNotFoundError as problem:
        raise StretchError("sox is not installed: apt-get install sox") from problem
    except subprocess.SubprocessError as problem:
        raise StretchError(f"sox failed: {problem}") from problem
    return np.frombuffer(done.stdout, dtype="<i2").astype(np.float64) / scale

"""Silences as sounds, so that Asterisk keeps quiet and listens within the very command that plays the words."""

import math

FOLDER = "tones"
TENTHS = (40, 20, 10, 5, 2, 1)
"""The silences that there are, in tenths of a second."""


def name_of(tenths: int) -> str:
    """The name of a silence of `TENTHS` in `FOLDER`."""
    return f"quiet.{tenths}"


def silence(seconds: float) -> list[str]:
    """The sounds that last `seconds` together, rounded up to a tenth of a second; none for 0 and less."""
    left = math.ceil(round(seconds * 10, 3))
    sounds: list[str] = []
    for tenths in TENTHS:
        count = max(0, left) // tenths
        sounds += [f"{FOLDER}/{name_of(tenths)}"] * count
        left -= count * tenths
    return sounds

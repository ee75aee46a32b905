"""Is a file what Asterisk plays without a thought: WAV, 8,000 samples a second, 16 bit, one channel? Pure."""

from __future__ import annotations

import io
import wave

from routing.errors import Invalid

RATE = 8_000
SHORTEST_SECONDS = 0.5


def check_telephone_wav(sound: bytes, most_seconds: float) -> float:
    """Give how many seconds it takes. Raises Invalid, which says what would be right."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            seconds = float(file.getnframes()) / RATE
    except (wave.Error, EOFError, ValueError) as error:
        raise Invalid("this is no WAV file") from error
    if form != (RATE, 2, 1):
        raise Invalid("a recording has 8,000 samples a second, 16 bit, one channel")
    if not SHORTEST_SECONDS <= seconds <= most_seconds:
        raise Invalid(f"a recording takes {most_seconds:.0f} s at most, not {seconds:.1f} s")
    return seconds

"""What flows that record a caller have in common: where the file lies, how long, and whether anything was said."""

from __future__ import annotations

from ivr.call import Recording, RecordingEnd

FOLDER = "/run/elderline/recordings"
"""As Asterisk sees it."""
MOST_SECONDS = 120.0
SILENCE_SECONDS = 4.0
"""So much silence ends a recording; of it one second stays in the file."""
LEAST_SECONDS = 1.0
TRIES = 2


def said_something(recording: Recording) -> bool:
    """Whether there is more than silence in it: what silence ended has a second of it at its end."""
    tail = 1.0 if recording.ended_by is RecordingEnd.TIME and recording.seconds < MOST_SECONDS else 0.0
    return recording.seconds - tail >= LEAST_SECONDS

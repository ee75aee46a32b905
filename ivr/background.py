"""Many sounds in one command: the argument of Asterisk's Background(), and nothing in it that is not ours.

Between two AGI commands Asterisk reads what the caller sends and throws it away, a key among it (run_agi in res_agi.c);
within Background() it keeps every key. So a question with its waiting is one Background(), the waiting being a sound
of silence. Which keys end it is told by the single-digit extensions of a context of ours (its option m).
"""

import re
from collections.abc import Iterator, Sequence

from ivr.agi_protocol import COMMAND_BYTES
from ivr.call import ALWAYS_KEYS, KEYS, URGENT_KEYS

APPLICATION = "Background"
STATUS = "BACKGROUNDSTATUS"
FAILED = "FAILED"
"""The value of `STATUS` when a sound could not be played: that one and those after it were not."""
CONTEXTS = {KEYS: "any-key", ALWAYS_KEYS: "always-key", URGENT_KEYS: "urgent-key"}
"""The context in the dialplan that knows these keys, and no other extension."""
ARGUMENT_BYTES = COMMAND_BYTES - 100  # EXEC, the application's name, quotes, options and context are the rest.

_SOUND = re.compile(r"/?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


def arguments(sounds: Sequence[str], keys: str) -> Iterator[str]:
    """What Background() is called with to play the sounds in order until one of `keys` is pressed: once, or more often
    when Asterisk takes no line of that length.

    Raises ValueError, before anything is given, for a sound whose name could say anything else than a file's path (a
    comma, an ampersand, an expression).
    """
    for sound in sounds:
        if not _SOUND.fullmatch(sound) or len(sound) > ARGUMENT_BYTES:
            raise ValueError("A sound is named with letters, digits, dots, dashes and slashes.")
    return _joined(sounds, f",m,,{CONTEXTS[keys]}")


def _joined(sounds: Sequence[str], options: str) -> Iterator[str]:
    line = ""
    for sound in sounds:
        if line and len(line) + 1 + len(sound) > ARGUMENT_BYTES:
            yield line + options
            line = ""
        line += f"&{sound}" if line else sound
    if line:
        yield line + options

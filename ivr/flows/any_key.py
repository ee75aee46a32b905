"""Whether somebody listens: any key will do, because guessing at answering machines misjudges slow elders."""

from __future__ import annotations

from ivr.call import Call, Words
from ivr.dialogue import SOS, PersonAsked, SosAsked

PERSON = "0"
LISTEN_SECONDS = 4.5  # No silence is longer than 5 s, the edges of recordings with it.
TIMES = 3
"""Said so often before we take it that nobody listens: elders take a while to find the keys."""


def somebody_listens(call: Call, greeting: Words, *prompts: str, times: int = TIMES) -> str | None:
    """Greet, and ask for any key, so many times at most; give the key. Raises PersonAsked for 0 and SosAsked for 9."""
    for at in range(times):
        key = call.ask([*(() if at else greeting), *((prompt, {}) for prompt in prompts)], seconds=LISTEN_SECONDS)
        if key == SOS:
            raise SosAsked
        if key == PERSON:
            raise PersonAsked
        if key is not None:
            return key
    return None

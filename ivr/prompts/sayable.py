"""What of a value may be handed to the background job to be spoken. Pure.

Of a person the surname and the form of address alone, never a whole name; of services and other words a short text.
"""

from __future__ import annotations

from ivr.prompts.vocabulary import Vocabulary
from ivr.prompts.wanted import VoiceSettings
from routing.voice.readable import LONGEST_TEXT, unreadable

VOICES = {"zh-CN": VoiceSettings().identity}
"""The voice of each language in which the background job can speak."""
LONGEST_WORD = 20
_LONGEST_SURNAME = 2  # 欧阳 and 司马 are the long ones; three characters are a whole name.


def sayable(kind: str, value: object, vocabulary: Vocabulary, language: str) -> str:
    """The text that says `value` in a placeholder of type `kind`; "" if it is not to be spoken by itself."""
    text = value.strip() if isinstance(value, str) else ""
    longest = {"person": LONGEST_WORD, "word": LONGEST_WORD, "saying": LONGEST_TEXT}.get(kind, 0)
    if not 0 < len(text) <= longest or unreadable(text, language):
        return ""
    if kind != "person":
        return text
    address = next((each for each in vocabulary.addresses if text.endswith(each)), "")
    return text if address and 0 < len(text) - len(address) <= _LONGEST_SURNAME else ""

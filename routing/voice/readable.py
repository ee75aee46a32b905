"""Which characters a voice can read. Pure. Asked when a text is saved or checked, never in a call.

The Chinese voice has a sound for each of the unified ideographs (U+4E00 to U+9FFF) and reads digits as numbers. Latin
letters, 〇, emoji and the rare ideographs of the extensions it leaves out or turns into noise (tried: docs/prompts.md).
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Final

from routing.errors import Invalid

LONGEST_TEXT = 200
"""Characters of a text that is spoken as one sound: some 50 s. More than that nobody keeps in mind."""

_BLANKS: Final = " \n\u3000"
_CHINESE_MARKS: Final = "，。？！、；：…—·《》（）“”‘’,.?!;:()-" + _BLANKS
_LATIN_MARKS: Final = ",.?!;:()-'\"" + _BLANKS


def _chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or character in "0123456789０１２３４５６７８９"


def _latin(character: str) -> bool:
    return character in string.ascii_letters or character in string.digits


_READS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "zh": (_chinese, _CHINESE_MARKS),
    "en": (_latin, _LATIN_MARKS),
}


class UnreadableText(Invalid):
    """A voice cannot read this text; `characters` are those that it has no sound for."""

    def __init__(self, why: str, characters: str = "") -> None:
        super().__init__(why)
        self.characters = characters


def unreadable(text: str, language: str) -> str:
    """The characters of `text` that the voice of `language` cannot read, each once, in order."""
    sound, marks = _READS.get(language.partition("-")[0], _READS["zh"])
    return "".join(dict.fromkeys(each for each in text if not (sound(each) or each in marks)))


def check_readable(text: str, language: str) -> str:
    """Give `text` as it is spoken, without blanks at its ends. Raises UnreadableText, which names the characters."""
    sound, _ = _READS.get(language.partition("-")[0], _READS["zh"])
    text = text.strip()
    if not any(map(sound, text)):
        raise UnreadableText("there is nothing to read in this text")
    if len(text) > LONGEST_TEXT:
        raise UnreadableText(f"the text has {len(text)} characters; at most {LONGEST_TEXT} are spoken at once")
    if wrong := unreadable(text, language):
        raise UnreadableText(f"the voice cannot read: {' '.join(wrong)}", wrong)
    return text

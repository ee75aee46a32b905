"""What a service refused, on a page: services say it in one language, mostly English, and the page in its own."""

from __future__ import annotations

import re
from functools import cache

from agent_console.catalogue import CHINESE, language_now, read_language
from agent_console.texts import text, word

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PLACE = re.compile(r"\\{([0-9])\\}")


def in_words(sentence: str) -> str:
    """Say a refusal in the language of the page; one that nobody translated stands behind a general
    sentence in English, and is left out in Chinese: English helps nobody there."""
    language = language_now()
    for given, said in _patterns(language):
        found = given.fullmatch(sentence)
        if found is not None:
            return said.format("", *found.groups())
    if language == CHINESE and not _HAN.search(sentence):
        return word("problem", "422")
    if language != CHINESE and _HAN.search(sentence):
        return text("join.aside", said=word("problem", "422"), aside=sentence)
    return _written(sentence)


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the sentences as patterns; those with the most words of their own come first."""
    known = sorted(read_language(language).sentences.items(), key=lambda each: -len(each[0]))
    return tuple((re.compile(_PLACE.sub("(.+?)", re.escape(given)), re.DOTALL), said) for given, said in known)


def _written(sentence: str) -> str:
    """Begin with a capital and end with a stop, as sentences on a page do."""
    if not sentence or not sentence[0].isascii():
        return sentence
    return sentence[0].upper() + sentence[1:] + ("" if sentence[-1] in ".!?" else ".")

"""The texts of the pages, a folder a language and a .po file a subject, read as they stand: nothing is compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask_babel import Domain, get_locale

FOLDER: Final = Path(__file__).parent / "translations"
CHINESE: Final = "zh_Hans_CN"
ENGLISH: Final = "en"
_SPOKEN: ContextVar[str] = ContextVar("spoken", default="")
_REFUSAL: Final = "refusal"
_WORD: Final = "word."
"""Before the key of a word: word.agent.ready is the word for `ready` in the group `agent`."""


@dataclass(frozen=True)
class Texts:
    """What one language says."""

    translations: Translations
    texts: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    sentences: Mapping[str, str]
    """What refusals say, by the sentence in the other language, in which places are {1}, {2} and so on."""


class Catalogue(Domain):  # type: ignore[misc]  # Flask-Babel has no types.
    """All subjects of a language as one domain of Flask-Babel. Each key is in one file only."""

    def get_translations(self) -> Translations:
        return texts_now().translations


def language_now() -> str:
    """Give the language of this request, or the one that is spoken; otherwise Chinese."""
    return _SPOKEN.get() or str(get_locale() or CHINESE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language where no request tells it."""
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def texts_now() -> Texts:
    """Give the texts in the language of now."""
    return read_language(language_now())


@cache
def read_language(language: str) -> Texts:
    """Read the files of a language, once for each process.

    Raises ValueError for a key that is in two files, or a file that is no catalogue.
    """
    joined = Catalog(locale=language)
    texts: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    sentences: dict[str, str] = {}
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            entries = read_po(file, abort_invalid=True)
        for entry in entries:
            key, said = str(entry.id), str(entry.string)
            if not key or not said:
                continue  # The head of the file, or an entry that waits for its translation.
            if entry.context == _REFUSAL:
                sentences[key] = said
                continue
            if key in joined:
                raise ValueError(f"{key} is in {path.name} and in another file of {language}")
            joined.add(key, said)
            if key.startswith(_WORD):
                group, _, value = key.removeprefix(_WORD).partition(".")
                words.setdefault(group, {})[value] = said
            else:
                texts[key] = said
    compiled = BytesIO()
    write_mo(compiled, joined)
    compiled.seek(0)
    return Texts(Translations(compiled), texts, words, sentences)

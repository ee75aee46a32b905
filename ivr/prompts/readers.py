"""From text to the voice's alphabet, in each language. Needs the extra `voice`, and for English espeak-ng."""

import re
import subprocess
from typing import Any, Protocol

from ivr.prompts.pinyin_en import english_sounds

# The voice reads a doubled form of address with two full tones; the second syllable is a light one.
_LIGHT_SYLLABLES = {"nai↓nai↓": "nai↓nai", "jɛ↗jɛ↗": "jɛ↗jɛ", "ʂu→ʂu→": "ʂu→ʂu", "ɕjɛ→nʂə→ŋ": "ɕjɛ→nʂəŋ"}
_TITLES = re.compile(r"\b((?:Grandma|Grandpa|Miss|Mister|Auntie|Uncle|Master) )([A-Z][a-z]{0,5})\b")
# espeak-ng's letters for British English (tied with ^) and those that the voice has learnt for the same sounds.
_BRITISH = (
    ("a^ɪ^ə", "Iə"), ("a^ʊ^ə", "Wə"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("e^ɪ", "A"), ("ɔ^ɪ", "Y"), ("ə^ʊ", "Q"),
    ("o^ʊ", "Q"), ("e^ə", "ɛː"), ("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"), ("ə^l", "ᵊl"), ("i^ə", "ɪə"), ("iə", "ɪə"), ("ɚ", "əɹ"),
    ("r", "ɹ"), ("x", "k"), ("ɐ", "ə"), ("ʔ", "t"), ("e", "ɛ"), ("ɬ", "l"), ("o", "ɔ"), ("^", ""),
)  # fmt: skip
_AMERICAN = (
    ("a^ɪ^ə", "Iə"), ("a^ɪ^ɚ", "Iəɹ"), ("a^ʊ", "W"), ("a^ɪ", "I"), ("e^ɪ", "A"), ("ɔ^ɪ", "Y"), ("o^ʊ", "O"),
    ("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"), ("ə^l", "ᵊl"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ɚ", "əɹ"), ("r", "ɹ"), ("ɾ", "T"),
    ("x", "k"), ("ɐ", "ə"), ("ʔ", "t"), ("e", "ɛ"), ("o", "ɔ"), ("ː", ""), ("^", ""),
)  # fmt: skip
_SECONDS = 30.0  # espeak-ng takes 10 ms for a clause.


class ReaderMissingError(RuntimeError):
    """What reads a language is not installed; the message tells what to install."""


class Reader(Protocol):
    """Reads one language. `list_frame` is what to say before and after a list of pieces."""

    list_frame: tuple[str, str]

    def sounds(self, text: str) -> str:
        """The sounds of the text in the voice's alphabet, with its punctuation."""
        ...


class ChineseReader:
    """misaki's reader. Raises ReaderMissingError."""

    list_frame = ("号码", "好")

    def __init__(self) -> None:
        try:
            from misaki import zh  # noqa: PLC0415 - an optional extra, wanted only here
        except ImportError as problem:
            raise ReaderMissingError(str(problem)) from problem
        self._read: Any = zh.ZHG2P()

    def sounds(self, text: str) -> str:
        """Raises nothing: what it does not know it leaves out."""
        spoken: str = self._read(text)[0]
        for doubled, light in _LIGHT_SYLLABLES.items():
            spoken = spoken.replace(doubled, light)
        return spoken


class EnglishReader:
    """espeak-ng's rules, clause by clause, in the voice's letters; surnames after a form of address by our own."""

    list_frame = ("The numbers are", "okay")

    def __init__(self, accent: str) -> None:
        """`accent` is the first letter of the voice's name: a is American, b is British."""
        british = accent == "b"
        self._language = "en-gb-x-rp" if british else "en-us"
        self._letters: tuple[tuple[str, str], ...] = _BRITISH if british else _AMERICAN

    def sounds(self, text: str) -> str:
        """Raises ReaderMissingError without espeak-ng."""
        return "".join(
            part if re.fullmatch(r"[,.;:?!]+ *", part) else self._clause(part)
            for part in re.split(r"([,.;:?!]+ *)", text)
            if part
        )

    def _clause(self, text: str) -> str:
        name = _TITLES.search(text)
        if name is None:
            return self._espeak(text)
        around = [text[: name.end(1)], text[name.end() :]]
        before, after = (self._espeak(words) if words.strip() else "" for words in around)
        return f"{before} {english_sounds(name[2].lower())}{' ' if after else ''}{after}"

    def _espeak(self, text: str) -> str:
        command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", self._language, "--", text]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as problem:
            raise ReaderMissingError(f"espeak-ng does not run ({problem}): apt-get install espeak-ng") from problem
        spoken = " ".join(done.stdout.split())
        for theirs, ours in self._letters:
            spoken = spoken.replace(theirs, ours)
        return spoken


def reader_for(voice: str) -> Reader:
    """The reader of a voice, by its name: zf_... is Chinese, bf_... British. Raises ReaderMissingError."""
    return ChineseReader() if voice.startswith("z") else EnglishReader(voice[0])

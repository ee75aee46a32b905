"""Which sounds a language needs, in the order of how much they are missed, and which of them are out of date. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.prompts.manifest import Entry
from ivr.prompts.source import LanguageCatalogue

WEIGHTS = "kokoro-82m-int8"
MOST_COMMON_ELDERS = 100  # surnames recorded with 奶奶 and 爷爷: about 85 % of the people of China
MOST_COMMON_OTHERS = 40  # surnames recorded with 女士 and 先生, for workers and relatives
# Of elders and of others: few are spoken to in English, and a clone should stay quick.
MOST_COMMON = {"en": (40, 20)}
SENTENCE_SILENCE = (0.05, 0.15)  # seconds before and after; the pause after a sentence is a part of it
LIST_SPEED, SLOW_LIST_SPEED = 0.75, 0.5  # of the voice's own pace; in a list it hurries
ENGLISH_SLOW_LIST_SPEED = 0.65  # English syllables are longer; slower than this, the ends of words fall away
PIECE_SILENCE = (0.02, 0.06)  # pieces follow one another inside a sentence

SYLLABLE_SILENCE = (0.03, 0.1)  # so that the digits of a number stay apart


@dataclass(frozen=True)
class VoiceSettings:
    """Which voice, how fast (1.0 is the model's own pace). Another of either makes every recording out of date."""

    name: str = "zf_xiaobei"
    speed: float = 0.9

    @property
    def identity(self) -> str:
        """For the manifest: weights, voice and pace in one word."""
        return f"{WEIGHTS}/{self.name}@{self.speed:g}"


VOICES = {"en": VoiceSettings("af_heart", 0.9)}
"""The voice of each language that the first one's cannot speak; how they were chosen: docs/prompts.md."""


def voice_of(language: str) -> VoiceSettings:
    """The voice that speaks a language."""
    return VOICES.get(language, VoiceSettings())


@dataclass(frozen=True)
class Wanted:
    """One sound to render: its name, what is spoken, and the seconds of silence to leave before and after."""

    name: str
    text: str
    silence: tuple[float, float]
    list_speed: float | None = None  # for what is too short to be spoken alone: the pace of the list it is spoken in

    @property
    def text_hash(self) -> str:
        """Changes with the words, the silence around them and the way they are spoken."""
        pace = "" if self.list_speed in (None, LIST_SPEED) else f"|{self.list_speed}"
        return hashlib.sha256(f"{self.text}|{self.silence}{pace}".encode()).hexdigest()[:16]


def wanted_sounds(source: LanguageCatalogue) -> list[Wanted]:
    """Sentences first, then what values are spoken with, then names from the most common one on."""
    sentences = [
        Wanted(name, text, SENTENCE_SILENCE, _list_speed(text, source.language, alone_from=4))
        for name, text in source.segments().items()
    ]
    texts = source.vocabulary.texts
    names = list(_names(source))
    pieces = [name for name in texts if not name.startswith("person.") or name.count(".") == 1]
    return sentences + [
        Wanted(name, texts[name], SYLLABLE_SILENCE if speed and speed < LIST_SPEED else PIECE_SILENCE, speed)
        for name in (*pieces, *names)
        for speed in (_list_speed(texts[name], source.language, alone_from=99),)
    ]


def out_of_date(wanted: list[Wanted], entries: Mapping[str, Entry], voice: VoiceSettings) -> list[Wanted]:
    """What has no recording, or one of other words or by another voice."""
    return [
        sound
        for sound in wanted
        if (entry := entries.get(sound.name)) is None
        or (entry.text_hash, entry.voice) != (sound.text_hash, voice.identity)
    ]


def english_syllables(text: str) -> int:
    """About as many as there are groups of vowels, without the silent e at the end of a word."""
    count = 0
    for word in re.findall(r"[a-z']+", text.lower()):
        groups = len(re.findall(r"[aeiouy]+", word))
        silent = groups > 1 and re.search(r"[^aeioul]e$", word) is not None
        count += max(1, groups - silent)
    return count


def _list_speed(text: str, language: str, alone_from: int) -> float | None:
    """One or two syllables are over before an old ear has caught them, so they are spoken slowly."""
    syllables = english_syllables(text) if language == "en" else len(text.strip("，。？！"))
    if syllables >= alone_from:
        return None
    if syllables > 2:
        return LIST_SPEED
    return ENGLISH_SLOW_LIST_SPEED if language == "en" else SLOW_LIST_SPEED


def _names(source: LanguageCatalogue) -> Iterator[str]:
    vocabulary = source.vocabulary
    # A dictionary keeps the order and drops the second surname of the same sound.
    elders, others = MOST_COMMON.get(source.language, (MOST_COMMON_ELDERS, MOST_COMMON_OTHERS))
    sounds = list(dict.fromkeys(list(vocabulary.surnames.values())[:elders]))
    few = list(dict.fromkeys(list(vocabulary.surnames.values())[:others]))
    for addresses, surnames in ((("奶奶", "爷爷"), sounds), (("女士", "先生"), few)):
        for sound in surnames:
            yield from (f"person.{sound}.{vocabulary.addresses[a]}" for a in addresses if a in vocabulary.addresses)

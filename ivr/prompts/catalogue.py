"""The catalogue of prompts: from a key, a language and values to the sounds to play, in order.

`plan` runs while someone is listening. So a value that has no recording is replaced by something true and
general, and reported; it never raises for a value and never leaves silence. A key that is in no catalogue is our own
mistake and raises.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

import structlog

from ivr.call import AS_EVER, Delivery
from ivr.prompts import manifest, speech
from ivr.prompts.numerals import UnspeakableError
from ivr.prompts.source import CatalogueError, LanguageCatalogue, read_language
from ivr.prompts.template import Segment, Value

SoundRef = NewType("SoundRef", str)
"""A sound as Asterisk names it: below the folder of sounds, without extension, as `zh-CN/welcome.greet.0`."""

FIRST_LANGUAGE = "zh-CN"
TONES = "tones"
HERE = Path(__file__).parent
TEXTS_FOLDER = HERE / "catalogue"
SOUNDS_FOLDER = HERE / "sounds"


class UnknownPromptError(LookupError):
    """No catalogue has this key."""


@dataclass(frozen=True)
class NotSpoken:
    """A value that was replaced, or a sound that is missing. Holds no value: it may be personal."""

    key: str
    language: str
    placeholder: str
    reason: str


def log_not_spoken(event: NotSpoken) -> None:
    """The usual report: one line in the log."""
    structlog.get_logger(__name__).warning(
        "prompt_value_not_spoken",
        key=event.key, language=event.language, placeholder=event.placeholder, reason=event.reason,
    )  # fmt: skip


def today_in_china() -> date:
    """The day that "today" means to a caller."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@dataclass(frozen=True)
class Catalogue:
    """Texts of every language and the sounds that exist. Immutable, so all calls share one."""

    languages: Mapping[str, LanguageCatalogue]
    sounds: Mapping[str, frozenset[str]]
    report: Callable[[NotSpoken], None] = log_not_spoken
    today: Callable[[], date] = today_in_china
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @classmethod
    def load(cls, texts: Path = TEXTS_FOLDER, sounds: Path = SOUNDS_FOLDER) -> "Catalogue":
        """Read every language in `texts` and the manifests in `sounds`. Raises CatalogueError and OSError."""
        languages = {language.language: language for language in map(read_language, sorted(texts.glob("*.yaml")))}
        if FIRST_LANGUAGE not in languages:
            raise CatalogueError([f"{texts} holds no {FIRST_LANGUAGE}.yaml"])
        return cls(languages, {name: frozenset(manifest.read(sounds / name)) for name in languages})

    def keys(self, language: str = FIRST_LANGUAGE) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self.languages[language].prompts)

    def text(self, key: str, language: str = FIRST_LANGUAGE) -> str:
        """The text as it is written, with its placeholders. Raises UnknownPromptError."""
        if language not in self.languages or key not in self.languages[language].texts:
            raise UnknownPromptError(key)
        return self.languages[language].texts[key]

    def plan(
        self, key: str, language: str = FIRST_LANGUAGE, _delivery: Delivery = AS_EVER, /, **values: object
    ) -> tuple[SoundRef, ...]:
        """The sounds that say `key` with `values`, in order; never empty. Raises UnknownPromptError only.

        A language without recordings is spoken in Chinese. Times with a zone are said as the clock shows them in China.
        """
        spoken = language if self.sounds.get(language) else FIRST_LANGUAGE
        source = self.languages[spoken]
        if key not in source.prompts:
            raise UnknownPromptError(key)
        if spoken != language:
            self.report(NotSpoken(key, language, "", "the language has no recordings"))
        refs: list[str] = []
        segments = 0
        for part in source.prompts[key]:
            if isinstance(part, Segment):
                refs += self._recorded(key, spoken, "", [f"{key}.{segments}"], instead=())
                segments += 1
            elif part.type == "tone":
                refs.append(f"{TONES}/{part.name}")
            else:
                refs += self._value(key, spoken, part, values.get(part.name))
        if not refs:
            # Only a broken installation gets here; a beep is still better than a dead line.
            refs.append(f"{TONES}/beep")
        return tuple(map(SoundRef, refs))

    def _value(self, key: str, language: str, part: Value, value: object) -> Iterable[str]:
        generic = f"generic.{part.type}"
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(self.zone)
        try:
            pieces = speech.spoken(part.type, value, self.languages[language].vocabulary, self.today())
        except UnspeakableError as problem:
            self.report(NotSpoken(key, language, part.name, str(problem)))
            pieces = list(problem.instead)
        # 王奶奶 not recorded: 奶奶 is, and is still courteous.
        shorter = (f"person.{pieces[0].rsplit('.', 1)[-1]}",) if part.type == "person" else ()
        return self._recorded(key, language, part.name, pieces, instead=(*shorter, generic))

    def _recorded(
        self, key: str, language: str, placeholder: str, pieces: list[str], instead: tuple[str, ...]
    ) -> list[str]:
        """The pieces if all of them have a sound, else the first substitute that has one, else nothing."""
        available = self.sounds.get(language)
        if not available or available.issuperset(pieces):
            # Before anything has been rendered there is nothing to compare with.
            return [f"{language}/{piece}" for piece in pieces]
        self.report(NotSpoken(key, language, placeholder, "a recording is missing"))
        return [f"{language}/{piece}" for piece in instead if piece in available][:1]

"""The catalogue of prompts: from a key, a language and values to the sounds to play, in order.

`plan` runs while someone is listening. So a value that has no recording is replaced by something true and
general, and reported; it never raises for a value and never leaves silence. A key that is in no catalogue is our own
mistake and raises. Which of several sounds of the same words is played is in `ivr.prompts.shelf`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NewType
from zoneinfo import ZoneInfo

import structlog

from ivr.call import AS_EVER, Delivery
from ivr.prompts import manifest, own, speech
from ivr.prompts.numerals import UnspeakableError
from ivr.prompts.sayable import sayable
from ivr.prompts.shelf import FIRST_LANGUAGE, GENERAL, NO_OWN, TONES, OwnShelf, general_for, not_playable, pick, suited
from ivr.prompts.source import CatalogueError, LanguageCatalogue, read_language
from ivr.prompts.template import Segment, Value

__all__ = ["FIRST_LANGUAGE", "TONES", "Catalogue", "NotSpoken", "SoundRef", "UnknownPromptError"]

SoundRef = NewType("SoundRef", str)
"""A sound as Asterisk names it: below the folder of sounds, without extension, as `zh-CN/welcome.greet.0`."""

HERE = Path(__file__).parent
TEXTS_FOLDER = HERE / "catalogue"
SOUNDS_FOLDER = HERE / "sounds"
BEEP = f"{TONES}/beep"


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
    """The rendered sounds of each language."""
    report: Callable[[NotSpoken], None] = log_not_spoken
    today: Callable[[], date] = today_in_china
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    own: OwnShelf = NO_OWN
    """What this instance has recorded and spoken itself."""
    broken: frozenset[str] = frozenset()
    """Sounds that could not be played: passed over for the next best."""
    want: Callable[[str, str], None] = lambda _text, _language: None
    """Told of a text and its language that would be spoken if there were a sound of it. Takes no time."""

    @classmethod
    def load(cls, texts: Path = TEXTS_FOLDER, sounds: Path = SOUNDS_FOLDER) -> "Catalogue":
        """Read every language in `texts` and the manifests in `sounds`; sounds whose files are missing or cannot be
        played are `broken`. Raises CatalogueError and OSError."""
        languages = {language.language: language for language in map(read_language, sorted(texts.glob("*.yaml")))}
        if FIRST_LANGUAGE not in languages:
            raise CatalogueError([f"{texts} holds no {FIRST_LANGUAGE}.yaml"])
        listed = {name: frozenset(manifest.read(sounds / name)) for name in languages}
        return cls(languages, listed, broken=not_playable(listed, sounds))

    def keys(self, language: str = FIRST_LANGUAGE) -> frozenset[str]:
        """All keys of a language."""
        return frozenset(self.languages[language].prompts)

    def text(self, key: str, language: str = FIRST_LANGUAGE) -> str:
        """The text as it is written, with its placeholders. Raises UnknownPromptError."""
        if language not in self.languages or key not in self.languages[language].texts:
            raise UnknownPromptError(key)
        return self.languages[language].texts[key]

    def plan(
        self, key: str, language: str = FIRST_LANGUAGE, delivery: Delivery = AS_EVER, /, **values: object
    ) -> tuple[SoundRef, ...]:
        """The sounds that say `key` with `values`, in order; never empty. Raises UnknownPromptError only.

        A language without recordings is spoken in Chinese; a dialect without one, in its language. Slower or louder
        where there are such sounds. Times with a zone are said as the clock shows them in China.
        """
        tag = self._spoken(key, language)
        source = self.languages[own.base_language(tag)]
        if key not in source.prompts:
            raise UnknownPromptError(key)
        refs: list[str] = []
        segments = 0
        for part in source.prompts[key]:
            if isinstance(part, Segment):
                refs += self._recorded(key, tag, delivery, "", [f"{key}.{segments}"], instead=())
                segments += 1
            elif part.type == "tone":
                refs.append(f"{TONES}/{part.name}")
            else:
                refs += self._value(key, tag, delivery, part, values.get(part.name))
        # Only a broken installation has nothing at all; a beep is still better than a dead line.
        return tuple(map(SoundRef, refs or [BEEP]))

    def sound(self, name: str, tag: str = FIRST_LANGUAGE, delivery: Delivery = AS_EVER) -> SoundRef | None:
        """The sound of a fixed segment or a piece that is heard by callers of a language or dialect; None if none."""
        base = own.base_language(tag)
        text = self._texts(base).get(name)
        found = pick(name, tag, delivery, text=text, rendered=self.sounds.get(base), shelf=self.own, broken=self.broken)
        return SoundRef(found) if found else None

    def instead_of(self, ref: str) -> SoundRef | None:
        """The next best for a sound that could not be played: another of the same words, or something general; None
        for a tone."""
        folder, _, name = ref.rpartition("/")
        if folder == TONES:
            return None
        tag = folder.rpartition("/")[2] if folder.startswith(own.OWN) else folder
        without = Catalogue(self.languages, self.sounds, own=self.own, broken=self.broken | {ref})
        found = next(filter(None, (without.sound(each, tag) for each in (name, *general_for(name)))), None)
        return found or SoundRef(BEEP)

    def _spoken(self, key: str, language: str) -> str:
        base = own.base_language(language)
        if self.sounds.get(base) or (base in self.languages and self._all_recorded(key, language)):
            return language
        self.report(NotSpoken(key, language, "", "the language has no recordings"))
        return FIRST_LANGUAGE

    def _all_recorded(self, key: str, tag: str) -> bool:
        parts = self.languages[own.base_language(tag)].prompts.get(key, ())
        names = [f"{key}.{n}" for n in range(sum(isinstance(part, Segment) for part in parts))]
        values = [part for part in parts if isinstance(part, Value) and part.type != "tone"]
        return bool(names) and not values and all(self.own.holds(name, tag) for name in names)

    def _texts(self, base: str) -> Mapping[str, str]:
        return self.languages[base].spoken_texts if base in self.languages else {}

    def _value(self, key: str, tag: str, delivery: Delivery, part: Value, value: object) -> Iterable[str]:
        generic, base = f"generic.{part.type}", own.base_language(tag)
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(self.zone)
        if part.type == "recording":
            return [value] if isinstance(value, str) and own.is_recording(value) else [BEEP]
        vocabulary = self.languages[base].vocabulary
        text = sayable(part.type, value, vocabulary, base)
        try:
            pieces = self._pieces(part.type, value, base)
        except UnspeakableError as problem:
            said = self.own.said(text, base) if text else None
            if said and said[1] not in self.broken:
                name, ref = said
                return [suited(ref, base, name, delivery, shelf=self.own, broken=self.broken)]
            if text:
                self.want(text, base)
            self.report(NotSpoken(key, tag, part.name, str(problem)))
            pieces = list(problem.instead)
        # 王奶奶 not recorded: 奶奶 is, and is still courteous.
        shorter = (f"person.{pieces[0].rsplit('.', 1)[-1]}",) if part.type == "person" else ()
        return self._recorded(key, tag, delivery, part.name, pieces, instead=(*shorter, generic))

    def _pieces(self, kind: str, value: object, base: str) -> list[str]:
        if kind == "saying":
            raise UnspeakableError("not spoken yet", GENERAL)
        return speech.spoken(kind, value, self.languages[base].vocabulary, self.today())

    def _recorded(
        self, key: str, tag: str, delivery: Delivery, placeholder: str, pieces: list[str], *, instead: tuple[str, ...]
    ) -> list[str]:
        """The pieces if all of them have a sound, else the first substitute that has one, else nothing."""
        found = [self.sound(piece, tag, delivery) for piece in pieces]
        if all(found):
            return [ref for ref in found if ref]
        self.report(NotSpoken(key, tag, placeholder, "a recording is missing"))
        for name in (*instead, *general_for(pieces[0])):
            if ref := self.sound(name, tag, delivery):
                return [ref]
        return []

"""Which of several sounds of the same words a caller hears. Pure.

The order: a recording by a person in the caller's dialect, one in the language, the rendered sound of the repository,
the text spoken by the background job. Of the one that is taken, the slower or louder version if the caller needs it and
there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ivr.call import Delivery
from ivr.prompts import own
from ivr.prompts.own import OWN, RECORDED, SPOKEN, VERSIONS, OwnSounds, base_language

FIRST_LANGUAGE = "zh-CN"
TONES = "tones"
GENERAL = "generic.segment"
"""What is said in the place of a sentence that has no sound at all: true in every talk, 0 being a person."""


@dataclass(frozen=True)
class OwnShelf:
    """The instance's own sounds that may be heard now: recordings of words that have changed since are not here."""

    recorded: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    spoken: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    versions: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    name_of: Callable[[str, str], str] = lambda _text, _language: ""
    """The name of the sound that says a text in a language (`routing.voice.sayings`)."""

    def holds(self, name: str, tag: str) -> bool:
        """Whether a person has recorded these words, in the dialect or its language."""
        return any(name in self.recorded.get(each, ()) for each in tags(tag))

    def said(self, text: str, language: str) -> tuple[str, str] | None:
        """The name of the sound of a text that the background job has spoken, and what Asterisk calls it."""
        if language not in self.spoken:
            return None
        name = self.name_of(text, language)
        return (name, f"{OWN}/{SPOKEN}/{language}/{name}") if name in self.spoken[language] else None


NO_OWN = OwnShelf()


def shelf_of(
    sounds: OwnSounds, words: Callable[[str, str], str | None], name_of: Callable[[str, str], str]
) -> tuple[OwnShelf, tuple[tuple[str, str], ...]]:
    """What may be heard of an instance's sounds, and which recordings are stale, as pairs of tag and name.

    `words(name, language)` are the words of today. Versions of a stale recording are not heard either.
    """
    stale = tuple(
        (tag, name)
        for tag, notes in sounds.recorded.items()
        for name, note in notes.items()
        if (now := words(name, base_language(tag))) is None or own.text_hash(now) != note.text_hash
    )
    recorded = {
        tag: frozenset(name for name in notes if (tag, name) not in stale) for tag, notes in sounds.recorded.items()
    }
    versions = {
        folder: frozenset(name for name in names if (folder.partition("/")[2], name) not in stale)
        for folder, names in sounds.versions.items()
    }
    return OwnShelf(recorded, sounds.spoken, versions, name_of), stale


def tags(tag: str) -> Iterator[str]:
    """A dialect and then its language; a language alone."""
    yield tag
    if (base := base_language(tag)) != tag:
        yield base


def versions_for(delivery: Delivery) -> tuple[str, ...]:
    """The versions that suit a caller, the best first: loudness before pace, for what is not heard is not slow."""
    match delivery.slow, delivery.loud:
        case True, True:
            return ("slow-loud", "loud", "slow")
        case False, True:
            return ("loud",)
        case True, False:
            return ("slow",)
    return ()


def pick(
    name: str,
    tag: str,
    delivery: Delivery,
    *,
    text: str | None,
    rendered: frozenset[str] | None,
    shelf: OwnShelf,
    broken: frozenset[str],
) -> str | None:
    """The sound of a fixed segment or piece. `text` is what it says, `rendered` what the repository has; while that is
    empty there is nothing to compare with, and the sound is taken to be there."""
    for holder, known_as, ref in _layers(name, tag, text=text, rendered=rendered, shelf=shelf):
        if ref not in broken:
            return suited(ref, holder, known_as, delivery, shelf=shelf, broken=broken)
    return None


def suited(
    ref: str, holder: str, name: str, delivery: Delivery, *, shelf: OwnShelf, broken: frozenset[str] = frozenset()
) -> str:
    """The version of a sound that suits a caller; the sound itself if there is none."""
    for version in versions_for(delivery):
        other = f"{OWN}/{VERSIONS}/{version}/{holder}/{name}"
        if name in shelf.versions.get(f"{version}/{holder}", ()) and other not in broken:
            return other
    return ref


def _layers(
    name: str, tag: str, *, text: str | None, rendered: frozenset[str] | None, shelf: OwnShelf
) -> Iterator[tuple[str, str, str]]:
    base = base_language(tag)
    for each in tags(tag):
        if name in shelf.recorded.get(each, ()):
            yield each, name, f"{OWN}/{RECORDED}/{each}/{name}"
    if name in rendered if rendered else base == FIRST_LANGUAGE:
        yield base, name, f"{base}/{name}"
    if text and (said := shelf.said(text, base)):
        yield base, *said


def general_for(name: str) -> tuple[str, ...]:
    """What is said instead of a segment or piece without any sound, the nearest first."""
    kind, _, rest = name.partition(".")
    if kind == "person":
        return (f"person.{rest.rpartition('.')[2]}", "generic.person", GENERAL)
    return (f"generic.{kind}", GENERAL) if kind in ("word", "state") else (GENERAL,)


def not_playable(listed: Mapping[str, frozenset[str]], sounds: Path) -> frozenset[str]:
    """The listed sounds whose files are missing, cut short or not in telephone form, as Asterisk names them."""
    return frozenset(
        f"{language}/{name}"
        for language, names in listed.items()
        for name in names
        if not own.is_telephone_wav(sounds / language / f"{name}.wav")
    )

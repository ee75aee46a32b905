"""Recordings by people: taken in, listed, given back. They lie in the instance's folder, with a note beside each.

The folder, not the database, is the truth: it is what Asterisk plays and what is copied to other nodes and into a
backup, so a recording and what is known of it never part. Whoever serves calls hears of a change by the folder's stamp.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from ivr.prompts import own
from ivr.prompts.catalogue import SOUNDS_FOLDER, TEXTS_FOLDER, Catalogue
from ivr.prompts.intake import fit
from ivr.prompts.own import OwnSounds, Recording, base_language
from ivr.prompts.shelf import OwnShelf, shelf_of
from ivr.prompts.telephone import RATE, Samples, loudness_of, read_wav, write_wav
from routing.errors import Invalid, NotFound
from routing.voice.sayings import Sayings
from routing.voice.studio import Layer, Line, RecordedBy, Take, Trouble, Unfit, Wish, Wishes

VIEW = "/run/elderline/recordings"
TAKE = "studio-{}"
HEARD = "studio-{}-heard"
TAKES_SECONDS = 3_600
"""Takes that a crash left behind are removed when the next recording by phone begins, once they are this old."""
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Z]{2})?(-x-[a-z0-9]{1,8})?")


@dataclass(frozen=True)
class PromptStudio:
    """The port `routing.voice.studio.Studio`. Shared by threads; of two who record the same words the later stays."""

    sayings: Sayings
    clock: Callable[[], datetime]
    texts: Path = TEXTS_FOLDER
    sounds: Path = SOUNDS_FOLDER
    changed: Callable[[], None] = lambda: None
    """Has the slow and loud versions made of what is new."""

    @property
    def folder(self) -> Path:
        return self.sayings.folder

    @cached_property
    def catalogue(self) -> Catalogue:
        """The texts, and what was rendered. Read when first asked for."""
        return Catalogue.load(self.texts, self.sounds)

    def tags(self) -> tuple[str, ...]:
        recorded = {part.name for part in (self.folder / own.RECORDED).glob("*") if _TAG.fullmatch(part.name)}
        return tuple(sorted({*self.catalogue.languages, *recorded}))

    def lines(self, tag: str) -> tuple[Line, ...]:
        return tuple(self._lines(self._checked(tag), own.read(self.folder)))

    def line(self, tag: str, name: str) -> Line:
        found = next((each for each in self.lines(tag) if each.name == name), None)
        if found is None:
            raise NotFound(f"there are no words called {name}")
        return found

    def keep(self, tag: str, name: str, content: bytes, by: str) -> Line:
        line = self.line(tag, name)
        self._write(line, fit(content, line.words), by)
        return self.line(tag, name)

    def drop(self, tag: str, name: str) -> Line:
        self.line(tag, name)
        part = self.folder / own.RECORDED / tag
        if not (part / f"{name}.wav").is_file():
            raise NotFound(f"{name} has no recording in {tag}")
        own.forget_versions(self.folder, tag, name)
        for ending in ("wav", "json"):
            (part / f"{name}.{ending}").unlink(missing_ok=True)
        own.stamp(self.folder)
        self.changed()
        return self.line(tag, name)

    def sound(self, tag: str, name: str, recorded: bool) -> Path | None:
        self.line(tag, name)
        folder = self.folder / own.RECORDED / tag if recorded else self.sounds / base_language(tag)
        path = folder / f"{name}.wav"
        return path if own.is_telephone_wav(path) else None

    def _write(self, line: Line, sound: Samples, by: str) -> None:
        part = self.folder / own.RECORDED / line.tag
        part.mkdir(mode=0o755, parents=True, exist_ok=True)
        # No moment in which new words are heard at the old ones' pace, or a new sound goes under an old note.
        own.forget_versions(self.folder, line.tag, line.name)
        (part / f"{line.name}.json").unlink(missing_ok=True)
        write_wav(part / f"{line.name}.wav", sound)
        note = Recording(
            own.text_hash(line.words), round(len(sound) / RATE, 2), round(loudness_of(sound), 1),
            self.clock().isoformat(timespec="seconds"), by[:60],
        )  # fmt: skip
        own.write_note(part, line.name, note)
        own.stamp(self.folder)
        self.changed()

    def _checked(self, tag: str) -> str:
        if not _TAG.fullmatch(tag) or base_language(tag) not in self.catalogue.languages:
            raise Invalid(f"{tag!r} is no language of the hotline, nor a dialect of one, as zh-CN-x-lanzhou")
        return tag

    def _lines(self, tag: str, sounds: OwnSounds) -> Iterator[Line]:
        base = base_language(tag)
        source = self.catalogue.languages[base]
        shelf, stale = shelf_of(sounds, lambda name, _: source.spoken_texts.get(name), self.sayings.name_of)
        for name, words in source.segments().items():
            key = name.rpartition(".")[0]
            note = sounds.recorded.get(tag, {}).get(name)
            recorded = None
            if note is not None:
                recorded = RecordedBy(datetime.fromisoformat(note.at), note.by, note.seconds, (tag, name) in stale)
            heard, path = self._heard(tag, name, words, shelf)
            yield Line(name, tag, key, source.texts[key], words, heard, _seconds(path), recorded)

    def _heard(self, tag: str, name: str, words: str, shelf: OwnShelf) -> tuple[Layer, Path | None]:
        base = base_language(tag)
        if tag != base and name in shelf.recorded.get(tag, ()):
            return Layer.DIALECT, self.folder / own.RECORDED / tag / f"{name}.wav"
        if name in shelf.recorded.get(base, ()):
            return Layer.RECORDED, self.folder / own.RECORDED / base / f"{name}.wav"
        if name in self.catalogue.sounds.get(base, ()) and f"{base}/{name}" not in self.catalogue.broken:
            return Layer.RENDERED, self.sounds / base / f"{name}.wav"
        if shelf.said(words, base):
            return Layer.SPOKEN, self.sayings.path_of(words, base)
        return Layer.NONE, None


@dataclass(frozen=True)
class TelephoneStudio:
    """The port `routing.voice.studio.PhoneStudio`: takes lie among the recordings of calls until they are kept.

    `audit` is told of what was kept: who, and of which words.
    """

    studio: PromptStudio
    wishes: Wishes
    recordings: Path
    audit: Callable[[str, str], None]

    def wish(self, request: str) -> Wish | None:
        self._tidy()
        return self.wishes.get(request)

    def take(self, request: str) -> Take:
        wish = self._wish(request)
        line = self.studio.line(wish.tag, wish.name)
        try:
            content = self._file(TAKE, request).read_bytes()
        except OSError as problem:
            raise Unfit(Trouble.NOTHING, "nothing was recorded") from problem
        sound = fit(content, line.words)
        write_wav(self._file(HEARD, request), sound)
        return Take(f"{VIEW}/{HEARD.format(request)}", len(sound) / RATE)

    def keep_take(self, request: str) -> None:
        wish = self._wish(request)
        line = self.studio.line(wish.tag, wish.name)
        self.studio._write(line, read_wav(self._file(HEARD, request)), wish.by)
        self.audit(wish.by, f"{wish.tag}/{wish.name}")

    def forget(self, request: str) -> None:
        if not request.isalnum():
            return
        for form in (TAKE, HEARD):
            self._file(form, request).unlink(missing_ok=True)
        self.wishes.fulfilled(request)

    def _wish(self, request: str) -> Wish:
        wish = self.wishes.get(request)
        if wish is None:
            raise NotFound("nobody asked for this recording lately")
        return wish

    def _file(self, form: str, request: str) -> Path:
        return self.recordings / f"{form.format(request)}.wav"

    def _tidy(self) -> None:
        old = time.time() - TAKES_SECONDS
        for path in self.recordings.glob("studio-*.wav"):
            if path.stat().st_mtime < old:
                path.unlink(missing_ok=True)


def _seconds(path: Path | None) -> float:
    """From the size alone: telephone form is 16,000 bytes a second after a header of 44."""
    return round((path.stat().st_size - 44) / (2 * RATE), 1) if path is not None and path.is_file() else 0.0

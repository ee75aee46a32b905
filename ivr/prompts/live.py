"""The catalogue that calls use: the newest one. A new recording is heard by the next call, without a restart.

A thread looks at the stamp of the instance's folder once a second and makes a new catalogue when it has changed; each
is immutable and takes the place of the last in one assignment, so that no call waits or sees half of one. Every minute
it looks at all files again: what vanished is passed over, what came back is heard again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from ivr.call import Delivery
from ivr.prompts import own
from ivr.prompts.catalogue import SOUNDS_FOLDER, TEXTS_FOLDER, Catalogue, NotSpoken, SoundRef, log_not_spoken
from ivr.prompts.shelf import not_playable, shelf_of
from routing.voice.sayings import Sayings

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
ALL_FILES_EVERY = 60
"""Looks at the stamp between two looks at every file: 5,000 headers take some 0.1 s of a processor."""
MOST_WANTED = 50
"""Texts that wait to be asked for; more in one second are met again."""
MOST_REPORTED = 1_000
"""Different reports that are remembered, so that each is logged once; then all are forgotten."""


class LiveCatalogue:
    """The port `ivr.call.Prompts`, over the newest catalogue. Shared by all threads.

    `sounds_failed` counts the files that were found missing or unplayable, each once.
    """

    def __init__(
        self, sayings: Sayings, texts: Path = TEXTS_FOLDER, sounds: Path = SOUNDS_FOLDER,
        report: Callable[[NotSpoken], None] = log_not_spoken,
    ) -> None:  # fmt: skip
        """Read everything. Raises CatalogueError and OSError."""
        self.sounds_failed = 0
        self._sayings = sayings
        self._sounds = sounds
        self._pass_on = report
        self._lock = threading.Lock()
        self._reported: set[NotSpoken] = set()
        self._wanted: dict[tuple[str, str], None] = {}
        self._asked: set[tuple[str, str]] = set()
        self._unplayable: frozenset[str] = frozenset()
        self._stale: frozenset[tuple[str, str]] = frozenset()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._read = Catalogue.load(texts, sounds)
        self._stamp = ""
        self.now = self._read
        self.refresh()

    def plan(self, key: str, language: str, delivery: Delivery, /, **values: object) -> tuple[SoundRef, ...]:
        return self.now.plan(key, language, delivery, **values)

    def instead_of(self, ref: str) -> SoundRef | None:
        """The next best for a sound that Asterisk could not play; it is passed over until all files are looked at."""
        instead = self.now.instead_of(ref)
        if instead is not None and ref not in self.now.broken:
            with self._lock:
                self.now = replace(self.now, broken=self.now.broken | {ref})
        return instead

    def refresh(self) -> None:
        """Make a new catalogue of what lies in the folders now. Raises nothing for files that cannot be read."""
        # The stamp first: what changes while we read is read again.
        self._stamp = own.stamp_of(self._sayings.folder)
        sounds = own.read(self._sayings.folder)
        shelf, stale = shelf_of(sounds, self._words, self._sayings.name_of)
        broken = not_playable(self._read.sounds, self._sounds)
        self._tell(broken | frozenset(sounds.damaged), frozenset(stale))
        with self._lock:
            self._reported.clear()
            self._asked.clear()
            self.now = replace(self._read, own=shelf, broken=broken, report=self._report, want=self._want)

    def look(self) -> bool:
        """Refresh if the stamp has changed; tell whether it had."""
        if own.stamp_of(self._sayings.folder) == self._stamp:
            return False
        self.refresh()
        log.info("prompts.changed", recordings=sum(map(len, self.now.own.recorded.values())))
        return True

    def start(self) -> None:
        """Begin to look. To be called once, when signals are settled."""
        self._thread = threading.Thread(target=self._watch, name="prompts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _watch(self) -> None:
        looks = 0
        while not self._ending.wait(LOOK_SECONDS):
            looks += 1
            try:
                if not self.look() and looks % ALL_FILES_EVERY == 0:
                    self.refresh()
                self._ask()
            except Exception:
                # A full disk or a Redis that is away: the catalogue of before goes on, and the next look tries again.
                log.exception("prompts.not_refreshed")

    def _words(self, name: str, language: str) -> str | None:
        source = self._read.languages.get(language)
        return source.spoken_texts.get(name) if source else None

    def _tell(self, unplayable: frozenset[str], stale: frozenset[tuple[str, str]]) -> None:
        for ref in sorted(unplayable - self._unplayable):
            self.sounds_failed += 1
            log.error("sound.not_playable", sound=ref)
        for tag, name in sorted(stale - self._stale):
            log.warning("recording.of_other_words", language=tag, sound=name)
        self._unplayable, self._stale = unplayable, stale

    def _report(self, event: NotSpoken) -> None:
        with self._lock:
            if event in self._reported:
                return
            if len(self._reported) >= MOST_REPORTED:
                self._reported.clear()
            self._reported.add(event)
        self._pass_on(event)

    def _want(self, text: str, language: str) -> None:
        with self._lock:
            # Once between two looks at everything: without a voice a common name would else be asked for all day.
            if len(self._wanted) < MOST_WANTED and (text, language) not in self._asked:
                self._wanted[text, language] = None

    def _ask(self) -> None:
        with self._lock:
            wanted: Iterable[tuple[str, str]] = tuple(self._wanted)
            self._wanted.clear()
            self._asked.update(wanted)
        for text, language in wanted:
            if language in self._sayings.voices:
                self._sayings.want(text, language)

"""Speaks a text into the instance's folder: the work of the background job. Without a voice it says so once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import structlog

from ivr.prompts import own
from ivr.prompts.rendering import Speaker
from ivr.prompts.telephone import to_telephone, write_wav
from ivr.prompts.wanted import PIECE_SILENCE, SENTENCE_SILENCE
from routing.voice.sayings import Sayings

log = structlog.get_logger(__name__)

MOST_KEPT = 2_000
"""Sounds that are kept of texts, about 40 kB each; beyond it those go that were made the longest ago."""
_PIECE = 6
"""Characters up to which a text is a piece of a sentence (欧阳奶奶) and has a piece's short silences around it."""


class NoVoiceError(RuntimeError):
    """No voice is installed; the message tells what to install."""


class SpokenTexts:
    """Makes the sounds of texts. Used by one thread; the voice is loaded at the first text and kept."""

    def __init__(self, sayings: Sayings, load: Callable[[str], Speaker]) -> None:
        """`load` gives the voice of a language. It raises NoVoiceError."""
        self._sayings = sayings
        self._load = load
        self._speakers: dict[str, Speaker] = {}
        self._without: set[str] = set()

    def say(self, text: str, language: str) -> bool:
        """Speak `text` and tell whether there is a new sound. Raises ValueError when the voice cannot read it."""
        path = self._sayings.path_of(text, language)
        if path.is_file() or (speaker := self._speaker(language)) is None:
            return False
        lead, tail = PIECE_SILENCE if len(text) <= _PIECE else SENTENCE_SILENCE
        narrow = to_telephone(speaker.speak(text), speaker.rate, lead=lead, tail=tail)
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_wav(path, narrow)
        self._tidy(path.parent)
        own.stamp(self._sayings.folder)
        log.info("voice.spoken", characters=len(text), language=language, sound=path.stem)
        return True

    def _speaker(self, language: str) -> Speaker | None:
        if language in self._without:
            return None
        if language not in self._speakers:
            try:
                self._speakers[language] = self._load(language)
            except NoVoiceError as missing:
                # Once: whoever calls goes on hearing the general words instead, and nothing breaks.
                self._without.add(language)
                log.warning("voice.not_installed", language=language, why=str(missing))
                return None
        return self._speakers[language]

    def _tidy(self, folder: Path) -> None:
        files = sorted(folder.glob("*.wav"), key=lambda path: path.stat().st_mtime)
        for path in files[: max(0, len(files) - MOST_KEPT)]:
            path.unlink(missing_ok=True)

"""Texts that are not in the catalogue: their sounds are made by a background job, and kept by the hash of the text.

What is asked for here may be a surname with a form of address (欧阳奶奶) or the name of a new service. It stays on this
machine: in the job's queue until it is spoken, and then in the file's sound; the file's name is a hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from routing.voice.readable import UnreadableText, check_readable

log = structlog.get_logger(__name__)

SPOKEN = "spoken"
VIEW = "own/spoken"
"""The folder of these sounds as Asterisk names it."""

Ask = Callable[[str, str], bool]
"""Queues the speaking of a text in a language; tells whether it was. Raises redis.RedisError."""


@dataclass(frozen=True)
class Sayings:
    """Finds and asks for the sounds of texts. Shared by threads. `voices` names the voice of each language."""

    folder: Path
    voices: Mapping[str, str]
    ask: Ask = field(default=lambda _text, _language: False)

    def name_of(self, text: str, language: str) -> str:
        """The name of the sound that says `text`: another for each text and each voice."""
        whole = f"{self.voices.get(language, '')}|{text.strip()}"
        return hashlib.sha256(whole.encode()).hexdigest()[:32]

    def path_of(self, text: str, language: str) -> Path:
        """Where the sound lies once it is spoken."""
        return self.folder / SPOKEN / language / f"{self.name_of(text, language)}.wav"

    def sound_of(self, text: str, language: str) -> str | None:
        """The sound of a text as Asterisk names it, without ending; None while it has not been spoken."""
        path = self.path_of(text, language)
        return f"{VIEW}/{language}/{path.stem}" if path.is_file() else None

    def want(self, text: str, language: str) -> bool:
        """Have a text spoken, some time soon; tell whether that was asked for now. Asking again is cheap.

        Raises UnreadableText, which names the characters, and redis.RedisError. Not for the time of a caller.
        """
        if language not in self.voices:
            raise UnreadableText(f"there is no voice for {language}")
        spoken = check_readable(text, language)
        return self.sound_of(spoken, language) is None and self.ask(spoken, language)

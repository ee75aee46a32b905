"""Are sounds whole, recordings of today's words, and all texts readable? Looks at every sample; needs no numpy."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Mapping
from pathlib import Path

from ivr.prompts import own
from ivr.prompts.own import OWN, RECORDED, base_language
from ivr.prompts.shelf import shelf_of
from ivr.prompts.source import LanguageCatalogue
from routing.voice.readable import unreadable


def check_texts(languages: Mapping[str, LanguageCatalogue]) -> list[str]:
    """Texts with characters that the voice of their language cannot read; each names its key."""
    return [
        f"{name}: the voice of {language} cannot read {' '.join(characters)}"
        for language, source in sorted(languages.items())
        for name, words in source.spoken_texts.items()
        if (characters := unreadable(words, language))
    ]


def check_files(folder: Path) -> list[str]:
    """Sounds below `folder` that are cut short, silent or not in telephone form; each names its file."""
    return [
        f"{path.relative_to(folder).as_posix()}: {problem}"
        for path in sorted(folder.rglob("*.wav"))
        if (problem := _problem(path))
    ]


def check_own(languages: Mapping[str, LanguageCatalogue], folder: Path) -> list[str]:
    """Problems of what this instance has recorded and spoken itself; each names its sound."""
    problems = [f"{OWN}/{problem}" for problem in check_files(folder)]
    sounds = own.read(folder)
    words = {language: source.spoken_texts for language, source in languages.items()}
    _, stale = shelf_of(sounds, lambda name, language: words.get(language, {}).get(name), lambda *_: "")
    for tag, name in stale:
        known = name in words.get(base_language(tag), {})
        why = "the words changed after it was recorded" if known else "a recording without a key"
        problems.append(f"{tag}/{name}: {why}")
    return problems + [f"{tag}/{name}: nothing is known of this recording" for tag, name in _without_note(folder)]


def _without_note(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / RECORDED).glob("*/*.wav")):
        if own.recording(path.parent, path.stem) is None:
            yield path.parent.name, path.stem


def _problem(path: Path) -> str:
    if not own.is_telephone_wav(path):
        return "cut short, or not in telephone form"
    try:
        with wave.open(str(path)) as file:
            samples = file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        return f"cannot be read: {error}"
    quiet = path.stem.startswith("quiet.")
    return "" if quiet or any(samples) else "silent"

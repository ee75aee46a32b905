"""Renders what is missing or changed. Every sound is written as it is made, so that an interrupted run loses little."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from ivr.prompts import manifest
from ivr.prompts.manifest import Entry
from ivr.prompts.telephone import RATE, Samples, loudness_of, peak_dbfs, to_telephone, write_wav
from ivr.prompts.wanted import VoiceSettings, Wanted

LIST_SIZE = 10  # pieces in one breath; longer lists make the voice mumble


class Speaker(Protocol):
    """A voice: text to sound at `rate` Hz."""

    settings: VoiceSettings
    rate: int

    def speak(self, text: str) -> Samples:
        """The sound of a sentence. Raises ValueError for a text that cannot be read."""
        ...

    def speak_list(self, texts: Sequence[str], speed: float) -> list[Samples]:
        """The sounds of short texts, one for each, at `speed` (1: the voice's own). Raises ValueError."""
        ...


def render(sounds: list[Wanted], folder: Path, speaker: Speaker, done: Callable[[Wanted, Entry], None]) -> None:
    """Render `sounds` into `folder` and its manifest; `done` hears of each. Raises ValueError and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = manifest.read(folder)
    for batch in _batches(sounds):
        texts = [sound.text for sound in batch]
        spoken = speaker.speak_list(texts, speed) if (speed := batch[0].list_speed) else [speaker.speak(texts[0])]
        for sound, raw in zip(batch, spoken, strict=True):
            entries[sound.name] = _save(sound, raw, folder, speaker)
        manifest.write(folder, entries)
        for sound in batch:
            done(sound, entries[sound.name])


def _save(sound: Wanted, raw: Samples, folder: Path, speaker: Speaker) -> Entry:
    lead, tail = sound.silence
    narrow = to_telephone(raw, speaker.rate, lead=lead, tail=tail)
    write_wav(folder / f"{sound.name}.wav", narrow)
    return Entry(
        text_hash=sound.text_hash,
        voice=speaker.settings.identity,
        seconds=round(len(narrow) / RATE, 2),
        peak_dbfs=round(peak_dbfs(narrow), 1),
        loudness_lufs=round(loudness_of(narrow), 1),
    )


def _batches(sounds: list[Wanted]) -> Iterator[list[Wanted]]:
    """Sentences one by one; pieces of one kind (`number`, `hour`) as lists, since they are spoken in one breath."""
    for (speed, _kind), group in groupby(sounds, key=lambda sound: (sound.list_speed, sound.name.split(".")[0])):
        together = list(group)
        size = LIST_SIZE if speed else 1
        yield from (together[at : at + size] for at in range(0, len(together), size))


def remove_unwanted(wanted: list[Wanted], folder: Path) -> list[str]:
    """Delete recordings that no key asks for any longer; returns their names."""
    names = {sound.name for sound in wanted}
    gone = sorted(path.stem for path in folder.glob("*.wav") if path.stem not in names)
    for name in gone:
        (folder / f"{name}.wav").unlink()
    entries = manifest.read(folder)
    kept = {name: entry for name, entry in entries.items() if name in names}
    if kept != entries:
        manifest.write(folder, kept)
    return gone

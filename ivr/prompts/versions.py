"""Slow and loud versions of every sound, made on each machine from the sounds that are played normally.

Made by the same steps from rendered sounds and from recordings by people. A run may be interrupted at any time, and two
may run at once: each takes a few sounds at a time under a lock, and files are renamed into place whole.
"""

import fcntl
import hashlib
import json
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import structlog

from ivr.prompts import telephone
from ivr.prompts.stretch import stretch
from ivr.prompts.telephone import RATE, Samples, bring_to, compress, loudness_of, peak_dbfs, read_wav, write_wav

SLOW, LOUD, SLOW_LOUD = "slow", "loud", "slow-loud"
VERSIONS = (SLOW, LOUD, SLOW_LOUD)
LONGER = 1.25  # times the length: four syllables where there were five
LOUDER = 6.0  # dB over the normal loudness: as much as speech takes under the ceiling and stays natural
RECIPE = f"{LONGER:g}|{LOUDER:g}|1"
"""Covered by the hash of each source: another way of making them makes all of them anew. The last is counted up."""
FOLDER = "versions"
RECORDED, SPOKEN = "recorded", "spoken"
BATCH = 20  # sounds for which the lock is held: two seconds at most, for whoever has recorded one and waits


@dataclass(frozen=True)
class Version:
    """One derived sound: the hash of what it was made from, and what was measured."""

    source: str
    seconds: float
    peak_dbfs: float
    loudness_lufs: float


@dataclass(frozen=True)
class Made:
    """What a run did: sounds (not files) made anew, old ones removed, and the names of those that cannot be read."""

    made: int
    removed: int
    unreadable: tuple[str, ...]


def derive(sound: Samples, version: str) -> Samples:
    """The `version` of a normal sound. Raises StretchError."""
    loudness = telephone.LOUDNESS
    if version in (SLOW, SLOW_LOUD):
        sound = stretch(sound, LONGER)
    if version in (LOUD, SLOW_LOUD):
        sound = compress(bring_to(sound, loudness))
        loudness += LOUDER
    return bring_to(sound, loudness)


def bring_up_to_date(
    sounds: Path, own: Path, done: Callable[[str], None] = lambda _name: None, *, languages: Sequence[str] = ()
) -> Made:
    """Make the versions of all sounds of `languages` (none: all) that lack them, remove those of old ones.

    `sounds` is the repository's folder, `own` the instance's (docs/prompts.md). What people recorded comes first.
    `done` hears of each as `zh-CN/welcome.menu.0`. Raises StretchError and OSError.
    """
    made, removed, unreadable = 0, 0, set[str]()
    for language in languages or languages_of(sounds, own):
        missing = BATCH
        while missing == BATCH:
            with _locked(own / FOLDER):
                stock = _Stock(sounds, own, language)
                removed += stock.remove_old()
                wanted = [name for name in stock.missing() if f"{language}/{name}" not in unreadable][:BATCH]
                for name in wanted:
                    if stock.make(name):
                        made += 1
                        done(f"{language}/{name}")
                    else:
                        unreadable.add(f"{language}/{name}")
                stock.write_manifests()
            missing = len(wanted)
    return Made(made, removed, tuple(sorted(unreadable)))


def languages_of(sounds: Path, own: Path) -> list[str]:
    """The languages with sounds, of the repository or of people's recordings."""
    rendered = {path.parent.name for path in sounds.glob("*/manifest.json")}
    recorded = {path.name for layer in (RECORDED, SPOKEN) for path in (own / layer).glob("*") if path.is_dir()}
    return sorted(rendered | recorded)


def file_of(own: Path, version: str, language: str, name: str) -> Path:
    """Where a version lies; it is whole if it is there."""
    return own / FOLDER / version / language / f"{name}.wav"


def read(own: Path, version: str, language: str) -> dict[str, Version]:
    """What the manifest tells of a version; nothing if there is none, or if it cannot be read (all is made anew)."""
    try:
        text = _manifest(own, version, language).read_text(encoding="utf-8")
        return {name: Version(**entry) for name, entry in json.loads(text).items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


class _Stock:
    """The sounds of a language as they are played normally, and the versions that there are of them."""

    def __init__(self, sounds: Path, own: Path, language: str) -> None:
        self._own, self._language = own, language
        self._sources = {name: (path, _hash(path)) for name, path in _played(sounds, own, language).items()}
        self._entries = {version: read(own, version, language) for version in VERSIONS}

    def remove_old(self) -> int:
        """Remove versions of sounds that are gone or changed, and files that no entry tells of."""
        removed = 0
        for version, entries in self._entries.items():
            for name, entry in list(entries.items()):
                source = self._sources.get(name)
                if source is None or source[1] != entry.source or not self._file(version, name).is_file():
                    del entries[name]
            for path in (self._own / FOLDER / version / self._language).glob("*.wav"):
                if path.stem not in entries:
                    path.unlink()
                    removed += 1
        return removed

    def missing(self) -> list[str]:
        """Sounds that lack a version, in the order in which they are wanted."""
        return [name for name in self._sources if any(name not in entries for entries in self._entries.values())]

    def make(self, name: str) -> bool:
        """Make all versions of a sound; tells False, and the log why, if it cannot be read."""
        path, source = self._sources[name]
        try:
            normal = _heard(path)
        except (ValueError, EOFError, wave.Error) as problem:
            structlog.get_logger(__name__).warning(
                "prompt_version_not_made", sound=f"{self._language}/{name}", why=str(problem)
            )
            return False
        for version, entries in self._entries.items():
            sound = derive(normal, version)
            self._file(version, name).parent.mkdir(parents=True, exist_ok=True)
            write_wav(self._file(version, name), sound)
            seconds, peak, loudness = len(sound) / RATE, peak_dbfs(sound), loudness_of(sound)
            entries[name] = Version(source, round(seconds, 2), round(peak, 1), round(loudness, 1))
        return True

    def write_manifests(self) -> None:
        for version, entries in self._entries.items():
            path = _manifest(self._own, version, self._language)
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [f"{json.dumps(name)}: {json.dumps(asdict(entries[name]))}" for name in sorted(entries)]
            temporary = path.with_suffix(".part")
            temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
            temporary.replace(path)

    def _file(self, version: str, name: str) -> Path:
        return file_of(self._own, version, self._language, name)


def _played(sounds: Path, own: Path, language: str) -> dict[str, Path]:
    """Each sound's file that is played normally; recordings by people first, names last."""
    found: dict[str, Path] = {}
    for layer in (own / RECORDED / language, sounds / language, own / SPOKEN / language):
        for path in sorted(layer.glob("*.wav"), key=lambda path: (path.name.startswith("person."), path.name)):
            found.setdefault(path.stem, path)
    return found


def _heard(path: Path) -> Samples:
    sound = read_wav(path)
    if not np.abs(sound).max(initial=0.0) > 0:
        raise ValueError("nothing is to be heard")
    return sound


def _hash(path: Path) -> str:
    return hashlib.sha256(RECIPE.encode() + path.read_bytes()).hexdigest()


def _manifest(own: Path, version: str, language: str) -> Path:
    return own / FOLDER / version / language / "manifest.json"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone at the versions. Waits for another's batch, no longer: the lock goes with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

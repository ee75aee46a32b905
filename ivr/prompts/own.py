"""What an instance says in its own way: the folder `var/prompts`, which Asterisk sees among the sounds as `own`.

    recorded/<tag>/<sound>.wav, .json       a recording by a person, and from which words it was read
    spoken/<language>/<name>.wav            a text that was spoken by the background job
    versions/<version>/<tag>/<sound>.wav    slower and louder ones of what is heard normally
    stamp                                   changes whenever any of it does

A tag is a language or a dialect of one, as zh-CN-x-lanzhou. Files are renamed into place whole, so that no call hears
half of one. Reading is cheap: a header and the size of each file; `elderline prompts check` looks at all of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType

OWN = "own"
RECORDED, SPOKEN, VERSIONS = "recorded", "spoken", "versions"
STAMP = "stamp"
TELEPHONE = (1, 1, 8_000, 16)
"""PCM, mono, 8 kHz, 16 bits: what Asterisk plays without a thought."""
_OF_A_CALL = re.compile(r"/run/elderline/recordings/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_HEADER = 44  # bytes of a plain WAV before its samples.


@dataclass(frozen=True)
class Recording:
    """A recording by a person. `text_hash` tells the words that were read; `by` is a user, as user:2."""

    text_hash: str
    seconds: float
    loudness_lufs: float
    at: str
    by: str


@dataclass(frozen=True)
class OwnSounds:
    """All of it at one moment: names of sounds by folder. `damaged` are files that cannot be played."""

    recorded: Mapping[str, Mapping[str, Recording]] = field(default_factory=lambda: MappingProxyType({}))
    spoken: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    versions: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    damaged: tuple[str, ...] = ()


def text_hash(words: str) -> str:
    """What ties a recording to the words that it was read from."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def is_recording(path: str) -> bool:
    """Whether this names a recording of a call, as Asterisk sees it: the only file that a value may name."""
    return _OF_A_CALL.fullmatch(path) is not None


def base_language(tag: str) -> str:
    """The language of a dialect: zh-CN-x-lanzhou is spoken zh-CN. A language is its own."""
    return tag.partition("-x-")[0]


def read(folder: Path) -> OwnSounds:
    """Read what is there; a folder that is not there holds nothing. Raises nothing for what cannot be read."""
    damaged: list[str] = []

    def playable(part: Path) -> frozenset[str]:
        names = set()
        for path in part.glob("*.wav"):
            if is_telephone_wav(path):
                names.add(path.stem)
            else:
                damaged.append(f"{OWN}/{path.relative_to(folder).with_suffix('').as_posix()}")
        return frozenset(names)

    recorded = {
        part.name: MappingProxyType({name: note for name in playable(part) if (note := recording(part, name))})
        for part in _folders(folder / RECORDED)
    }
    spoken = {part.name: playable(part) for part in _folders(folder / SPOKEN)}
    versions = {
        f"{version.name}/{part.name}": playable(part)
        for version in _folders(folder / VERSIONS)
        for part in _folders(version)
    }

    return OwnSounds(
        MappingProxyType(recorded), MappingProxyType(spoken), MappingProxyType(versions), tuple(sorted(damaged))
    )


def recording(part: Path, name: str) -> Recording | None:
    """What is known of the recording `name`; None if nothing is, and then it is not used."""
    try:
        return Recording(**json.loads((part / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_note(part: Path, name: str, note: Recording) -> None:
    """Keep what is known of a recording. Raises OSError."""
    write_whole(part / f"{name}.json", json.dumps(asdict(note), ensure_ascii=False).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is either the old or the new one to whoever reads it, Asterisk among them. Raises OSError."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.write_bytes(content)
    temporary.chmod(0o644)
    temporary.replace(path)


def stamp_of(folder: Path) -> str:
    """The stamp as it is; "" without one. Raises nothing."""
    try:
        return (folder / STAMP).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def stamp(folder: Path) -> None:
    """Say that something has changed: every ivr process looks within a second. Raises OSError."""
    write_whole(folder / STAMP, secrets.token_hex(8).encode())


def forget_versions(folder: Path, tag: str, name: str) -> None:
    """Remove the slow and loud versions of a sound whose normal one is about to change."""
    for version in _folders(folder / VERSIONS):
        (version / tag / f"{name}.wav").unlink(missing_ok=True)


def is_telephone_wav(path: Path) -> bool:
    """Whether this is a WAV in telephone form with as many samples as it says, by its header and size alone."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
            size = file.seek(0, 2)
    except OSError:
        return False
    if len(head) < _HEADER or head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt " or head[36:40] != b"data":
        return False
    form, channels, rate = struct.unpack_from("<HHI", head, 20)
    (bits,) = struct.unpack_from("<H", head, 34)
    (samples,) = struct.unpack_from("<I", head, 40)
    return (form, channels, rate, bits) == TELEPHONE and 0 < samples <= size - _HEADER


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*")) if path.is_dir())

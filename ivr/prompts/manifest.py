"""The manifest beside the sounds of a language: what was rendered, from which words, with which voice, how loud."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One sound. `text_hash` covers the words and the voice's settings, so either change asks for a new rendering."""

    text_hash: str
    voice: str
    seconds: float
    peak_dbfs: float
    loudness_lufs: float


def read(folder: Path) -> dict[str, Entry]:
    """The entries of a language by the name of the sound; empty where nothing was rendered. Raises ValueError."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    return {name: Entry(**entry) for name, entry in json.loads(path.read_text(encoding="utf-8")).items()}


def write(folder: Path, entries: dict[str, Entry]) -> None:
    """Write in order of name, one line each, so that a change of one sound is a change of one line."""
    lines = [f"{json.dumps(name)}: {json.dumps(asdict(entries[name]))}" for name in sorted(entries)]
    temporary = folder / (MANIFEST + ".part")
    temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    temporary.replace(folder / MANIFEST)

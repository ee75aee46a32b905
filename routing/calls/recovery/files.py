"""The call files of one node: read on from where we were, whole lines only, however they are rotated or shipped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from routing.calls.recovery.lines import LINE_MOST

log = structlog.get_logger(__name__)

STEM = "calls"
"""Asterisk appends to calls.csv; calls-<UTC>.csv are what was rotated away, and sort before it."""
_CHUNK = 2_000_000
"""Bytes read at once: some ten thousand lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line and where it stands. A file is known by its first line, whatever it is called now."""

    file: str
    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Reading:
    """What one look at the files gave."""

    lines: tuple[Line, ...]
    files: frozenset[str]
    """All files that are there."""
    more: bool
    """Whether there is more to read at once."""


class CallFiles:
    """A folder into which one node writes, or into which its files are shipped. Reading changes nothing in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, offsets: Mapping[str, int]) -> Reading:
        """Read on from these offsets (bytes, by file; a file without one from its beginning). Raises OSError."""
        lines: list[Line] = []
        files: set[str] = set()
        for path in sorted(self.folder.glob(f"{STEM}*.csv")):
            with path.open("rb") as file:
                first = file.readline(LINE_MOST)
                if not first.endswith(b"\n") and len(first) < LINE_MOST:
                    continue  # Not even one line is whole yet.
                name = hashlib.sha256(first).hexdigest()[:16]
                if name in files:
                    continue  # A copy.
                files.add(name)
                begin = offsets.get(name, 0)
                file.seek(begin)
                chunk = file.read(_CHUNK)
            lines += _lines(name, begin, chunk)
            if len(chunk) == _CHUNK:
                return Reading(tuple(lines), frozenset(), more=True)
        return Reading(tuple(lines), frozenset(files), more=False)


def _lines(name: str, begin: int, chunk: bytes) -> list[Line]:
    """Cut a chunk into lines; a half one at its end is left for the next time, unless it is too long to be one."""
    lines = []
    whole = chunk.rfind(b"\n") + 1
    for raw in chunk[:whole].split(b"\n")[:-1]:
        lines.append(Line(name, begin, begin + len(raw) + 1, raw.decode("utf-8", "replace")))
        begin += len(raw) + 1
    if not lines and len(chunk) > LINE_MOST:
        lines.append(Line(name, begin, begin + len(chunk), ""))
    return lines


def rotate(path: Path, most_bytes: int, keep: int, days: int, now: datetime) -> None:
    """Put a file that has grown beyond `most_bytes` aside under the time of day, and remove what was put aside before:
    all but the latest `keep`, and what is older than `days`. Raises OSError.

    Asterisk opens the file anew for each line, so it needs not be told; a line that it is just writing ends up in the
    file put aside, which is read on.
    """
    if path.is_file() and path.stat().st_size > most_bytes:
        path.rename(path.with_name(f"{path.stem}-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}{path.suffix}"))
    aside = sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"))
    oldest = (now - timedelta(days=days)).timestamp()
    for number, each in enumerate(reversed(aside)):
        if number >= keep or each.stat().st_mtime < oldest:
            log.info("call_files.removed", file=each.name)
            each.unlink()

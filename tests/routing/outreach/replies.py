"""The corpus of replies: what people write, and how each must be read. `replies.txt` says how it is laid out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from routing.outreach.ratings import ReplyKind

_HEADING = re.compile(r"\[(\w+) on (\d+-\d+)\]")
_HIDDEN = {"\\n": "\n", "\\r": "\r"}


@dataclass(frozen=True)
class Labelled:
    """A reply with its label; `why` says why it is a hard case."""

    text: str
    kind: ReplyKind
    score: int | None
    scale: str
    why: str = ""


def corpus(name: str = "replies.txt") -> list[Labelled]:
    """Read a file of labelled replies."""
    return list(_labelled(Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()))


def _labelled(lines: list[str]) -> Iterator[Labelled]:
    kind, score, scale = ReplyKind.UNCLEAR, None, ""
    for line in lines:
        heading = _HEADING.fullmatch(line)
        if heading:
            label, scale = heading[1], heading[2]
            score = int(label) if label.isdecimal() else None
            kind = ReplyKind.SCORE if score is not None else ReplyKind(label)
        elif line and not line.startswith("# "):
            texts, _, why = line.partition(" ## ")
            yield from (Labelled(_shown(text), kind, score, scale, why) for text in texts.split(" | "))


def _shown(text: str) -> str:
    found = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    for written, meant in _HIDDEN.items():
        found = found.replace(written, meant)
    return found

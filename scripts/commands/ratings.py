"""``elderline ratings``: how replies are read, tried on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from routing.outreach.ratings import Reading, ReplyKind, read
from routing.outreach.reply_letters import LONGEST
from routing.outreach.scales import USUAL, Scale

_PIECE = 65_536
_MOST = 4 * LONGEST + 4
"""Bytes of a line that are kept: one more character than is read, so that a line that is too long is known as one."""


@click.group("ratings")
def ratings_group() -> None:
    """What elders say of their orders."""


@ratings_group.command("read")
@click.option("--scale", "given", default=USUAL, show_default=True, help="Worst to best: 1-5, 5-1 or 0-10.")
def read_command(given: str) -> None:
    """Read replies, one per line of standard input (UTF-8), and print one line of JSON for each.

    A blank line is a blank reply. What is no UTF-8 is read as a letter that nobody knows.
    """
    try:
        scale = Scale.parse(given)
    except ValueError as error:
        raise click.BadParameter(f"{error}; this is {given!r}", param_hint="--scale") from error
    for line in _lines(sys.stdin.buffer):
        click.echo(json.dumps(_shown(read(line.decode("utf-8", "replace"), scale))))
        sys.stdout.flush()


def _shown(reading: Reading) -> dict[str, object]:
    shown: dict[str, object] = {"kind": reading.kind.value}
    return shown | {"score": reading.score} if reading.kind is ReplyKind.SCORE else shown


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Give lines without their ends, as they come; of a line of any length only so much as can be read is kept."""
    line = b""
    began = False
    while piece := source.readline(_PIECE):
        began = True
        ended = piece.endswith(b"\n")
        line += piece[: _MOST - len(line)]
        if ended:
            yield line.removesuffix(b"\n").removesuffix(b"\r")
            line, began = b"", False
    if began:
        yield line.removesuffix(b"\r")

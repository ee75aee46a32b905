"""The bare pyst2 and ours, side by side, for tests that show a defect of the one and its cure in the other."""

import socket
import sys

from asterisk.agi import AGI

from ivr.agi_link import AgiLink
from ivr.agi_protocol import HardenedAgi

Pair = tuple[socket.socket, socket.socket]
PLACE = b"200 result=1 (from-trunk|12349|4)\n"
DEAD = b"511 Command Not Permitted on a dead channel or intercept routine\n"


def bare(ours: socket.socket, seconds: float = 0.5) -> AGI:
    ours.settimeout(seconds)
    return AGI(ours.makefile("r", encoding="utf-8"), ours.makefile("w", encoding="utf-8"), sys.stderr)


def cured(ours: socket.socket, seconds: float = 5.0) -> HardenedAgi:
    return HardenedAgi(AgiLink(ours, seconds), seconds)


def received(theirs: socket.socket) -> bytes:
    theirs.settimeout(0.2)
    try:
        return theirs.recv(65536)
    except TimeoutError:
        return b""

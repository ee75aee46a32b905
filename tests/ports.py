"""Ports for servers that tests start: each process of tests has some of its own, which nobody else takes meanwhile.

A port that the kernel gives (by binding port 0) is free for a moment only: any connection that another process makes
may take it before the server that it is meant for has started. So ports come from below the kernel's own range, and
each process claims a slice of them, by a name that Linux gives to one process only and takes back when that one ends.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from functools import cache

_FIRST, _LAST = 10_000, 32_767
"""Linux gives outgoing connections a port from 32768 on."""
_SLICE = 600
_SINGLE = 150
"""Of a slice, for single ports; the rest is for blocks. Servers of one process that has gone round are long gone."""
_CLAIM = "\0elderline-tests-ports-{first}"


class _Slice:
    """The ports from `first` on are this process's, as long as it lives."""

    def __init__(self, first: int, claim: socket.socket) -> None:
        self.first = first
        self._claim = claim
        self._next = {1: 0}

    def give(self, size: int, free: Callable[[int], bool]) -> int:
        """Give the first of `size` ports that are free; each try is another place. Raises OSError when none is."""
        begin, end = (0, _SINGLE) if size == 1 else (_SINGLE, _SLICE)
        places = (end - begin) // size
        for _ in range(places):
            at = self._next.get(size, 0)
            self._next[size] = (at + 1) % places
            port = self.first + begin + at * size
            if free(port):
                return port
        raise OSError(f"this process's ports from {self.first} on are all taken")


@cache
def _own(process: int) -> _Slice:
    """Claim a slice for this process (a child that was forked claims another). Raises OSError when all are claimed."""
    slices = list(range(_FIRST, _LAST - _SLICE + 2, _SLICE))
    random.SystemRandom().shuffle(slices)
    for first in slices:
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(_CLAIM.format(first=first))
        except OSError:  # Another process of tests has it.
            claim.close()
            continue
        return _Slice(first, claim)
    raise OSError(f"all {len(slices)} slices of ports are claimed by processes of tests")


def _is_free(port: int, *kinds: int) -> bool:
    for kind in kinds:
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:  # What only waits for its last packets is no hindrance to a server.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Give a port of 127.0.0.1 on which nothing listens, and which no other process of tests is given."""
    return _own(os.getpid()).give(1, lambda port: _is_free(port, kind))


def free_ports(count: int, kind: int = socket.SOCK_STREAM) -> list[int]:
    """Give `count` different free ports."""
    return [free_port(kind) for _ in range(count)]


def free_udp_block(size: int) -> int:
    """Give the first of `size` consecutive UDP ports, even, whose ends and middle are free. Raises OSError if none are.

    A block larger than a slice is for sound alone: Asterisk passes over a port of it that is taken meanwhile.
    """

    def free(first: int) -> bool:
        return all(
            _is_free(port, socket.SOCK_DGRAM) for port in (first, first + 1, first + size // 2, first + size - 1)
        )

    if size <= _SLICE - _SINGLE:
        return _own(os.getpid()).give(size, free)
    for _ in range(50):
        first = random.randrange(_LAST + 1, 61_000 - size, 2)
        if free(first):
            return first
    raise OSError("no block of free UDP ports was found")

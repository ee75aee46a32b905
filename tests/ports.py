"""Ports that are free at this moment, for servers that tests start."""

from __future__ import annotations

import random
import socket


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Give a port of 127.0.0.1 on which nothing listens."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(count: int, kind: int = socket.SOCK_STREAM) -> list[int]:
    """Give `count` different free ports."""
    probes = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def free_udp_block(size: int) -> int:
    """Give the first of `size` consecutive UDP ports whose ends and middle are free. Raises OSError after 50 tries."""
    for _ in range(50):
        first = random.randrange(20000, 32000 - size, 2)
        try:
            for port in (first, first + 1, first + size // 2, first + size - 1):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise OSError("no block of free UDP ports was found")

"""The bench's own hotline: real processes on free ports and in a folder that is thrown away, beside whatever runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tests.hotline import Hotline
from tests.ports import free_udp_block

_RTP_PORTS = 4_000
"""Two for each call at once, and as many again for those that have just ended."""


@contextmanager
def bench_hotline(folder: Path, *parts: str, rtp_ports: int = _RTP_PORTS, **overrides: Any) -> Iterator[Hotline]:
    """Run a hotline with the named parts while the block lasts. Nothing of this checkout's own settings is used."""
    folder.mkdir(parents=True, exist_ok=True)
    first = free_udp_block(rtp_ports)
    known = {"rtp_first": first, "rtp_last": first + rtp_ports - 1, "database_url": "", "redis_url": ""}
    hotline = Hotline(folder, **(known | overrides))
    try:
        hotline.start(*parts)
        yield hotline
    finally:
        hotline.stop()


def add_dialplan(hotline: Hotline, text: str) -> None:
    """Give the bench's Asterisk extensions that the product does not have. Raises RuntimeError if it refuses them."""
    file = hotline.node.folder / "etc" / "extensions.conf"
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    said = hotline.node.cli("dialplan reload")
    if "reloaded" not in said.lower():
        raise RuntimeError(f"Asterisk did not take the bench's dialplan: {said}")


def cpu_seconds(hotline: Hotline) -> Mapping[str, float]:
    """Give the processor time that each part has used so far."""
    pids = {name: process.pid for name, process in hotline._running.items()}
    if hotline.node.process is not None:
        pids["asterisk"] = hotline.node.process.pid
    return {name: _used(psutil.Process(pid)) for name, pid in pids.items()}


def _used(process: psutil.Process) -> float:
    """A part's own time and that of its children: what answers calls is a child of what the supervisor watches."""
    used = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # A child may have ended by now.
            used += sum(each.cpu_times()[:2])
    return used

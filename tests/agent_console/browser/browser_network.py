"""Processes of a browser that a test stops, without a word to anybody: its whole network, or the pages themselves."""

from __future__ import annotations

import os
import signal
from pathlib import Path

NETWORK = "network.mojom.NetworkService"
"""Chromium has a process for all that it sends and receives: pages, WebSockets and sound."""
PAGES = "--type=renderer"
"""The processes in which pages run, as when a machine sleeps or a tab is put aside."""


class Stopper:
    """Stops the processes of one kind, of the browser whose command line holds `mark`."""

    def __init__(self, mark: str, kind: str) -> None:
        self._mark, self._kind = mark, kind

    def stop(self) -> None:
        for pid in self._find():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        for pid in self._find():
            os.kill(pid, signal.SIGCONT)

    def _find(self) -> list[int]:
        lines, parents = {}, {}
        for each in Path("/proc").glob("[0-9]*"):
            try:
                lines[int(each.name)] = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parents[int(each.name)] = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, UnicodeDecodeError):
                continue  # It has just ended.
        found = []
        for pid, line in lines.items():
            if self._kind not in line:
                continue
            above = pid
            while above in parents:
                above = parents[above]
                if self._mark in lines.get(above, "") and "--type=" not in lines[above]:
                    found.append(pid)
        assert found, f"no {self._kind} of a browser with {self._mark}"
        return found

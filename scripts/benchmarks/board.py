"""The large screen: how old what it shows is, with 100 agents at work and 250 calls at once."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from db.demo import DEMO
from db.encryption import new_key
from scripts.benchmarks.crowd import Crowd
from scripts.benchmarks.desks import Desks
from scripts.benchmarks.house import bench_hotline
from scripts.benchmarks.people import add_elders
from scripts.benchmarks.ring import quantile
from scripts.story.api import Desk

PARTS: Final = ("redis", "asterisk", "ivr", "router", "console")
AGENTS, CALLERS, ELDERS = 100, 250, 4_000
SCREENS: Final = 3
LOOK_SECONDS: Final = 40.0
GOAL_MS: Final = 1000.0

Say = Callable[[str], None]


class Screen:
    """Reads one stream, and notes how old each change was when it came: an agent's new state by the router's own time
    of it, a count by the time at which it was counted."""

    def __init__(self, desk: Desk) -> None:
        self._stream = desk.open("/board/live")
        self._stopped = threading.Event()
        self.changes_ms: list[float] = []
        self.counts_ms: list[float] = []
        self.gaps_ms: list[float] = []
        self.pictures = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join(5)

    def _read(self) -> None:
        known: dict[str, float] = {}
        before = None
        with suppress(OSError, ValueError):  # A stream that is closed under its reader.
            for line in self._stream:
                if self._stopped.is_set():
                    break
                if not line.startswith(b'data: {"at"'):
                    continue
                came, picture = time.time(), json.loads(line[6:])
                self.pictures += 1
                if before is not None:
                    self.gaps_ms.append((came - before) * 1000)
                    self.counts_ms.append((came - picture["counted_at"]) * 1000)
                for extension, _name, _state, since in picture["agents"]:
                    if before is not None and known.get(extension) != since:
                        self.changes_ms.append((came - since) * 1000)
                    known[extension] = since
                before = came
        self._stream.close()


def run(folder: Path, say: Say) -> dict[str, Any]:
    """Have 100 agents serve 250 calls at once while three screens look. Raises what the parts raise at their start."""
    with bench_hotline(
        folder / "board", *PARTS, extension_count=AGENTS, max_calls=CALLERS, rtp_ports=4_000, session_key=new_key()
    ) as hotline:
        secrets = {account.extension: account.secret for account in hotline.accounts}
        desks = Desks(("127.0.0.1", hotline.settings.sip_port), secrets, (1.0, 2.0))
        desks.start()
        screens: list[Screen] = []
        try:
            numbers = iter(add_elders(hotline.stores, ELDERS))
            crowd = Crowd(hotline, desks, numbers, folder / "crowds")
            base = f"http://127.0.0.1:{hotline.settings.web_port}"

            def look() -> None:
                supervisor = Desk(base, DEMO.supervisor.login, DEMO.supervisor.password)
                screens.extend(Screen(supervisor) for _ in range(SCREENS))

            course = crowd.work(
                hotline.settings.did_hotline, sorted(secrets)[:AGENTS], CALLERS, LOOK_SECONDS, look
            )  # fmt: skip
        finally:
            for screen in screens:
                screen.stop()
            desks.stop()
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "board", ignore_errors=True)
    changes, counts, gaps = (
        sorted(value for screen in screens for value in getattr(screen, name))
        for name in ("changes_ms", "counts_ms", "gaps_ms")
    )
    figures = {
        "board_agents": AGENTS, "board_calls": CALLERS, "board_in_motion": course.in_motion,
        "board_changes": len(changes), "board_pictures": sum(screen.pictures for screen in screens),
        "board_change_ms_p50": quantile(changes, 0.5), "board_change_ms_p99": quantile(changes, 0.99),
        "board_change_ms_most": quantile(changes, 1.0),
        "board_count_ms_p99": quantile(counts, 0.99), "board_gap_ms_p99": quantile(gaps, 0.99),
        "board_late_share": round(sum(each > GOAL_MS for each in changes) / max(1, len(changes)), 5),
    }  # fmt: skip
    say(
        f"{AGENTS} agents, {CALLERS} calls at once, {SCREENS} screens: a change of state is on the screen after p50"
        f" {figures['board_change_ms_p50']}, p99 {figures['board_change_ms_p99']}, at most"
        f" {figures['board_change_ms_most']} ms of {len(changes)}; counts are p99 {figures['board_count_ms_p99']} ms"
        " old"
    )
    return figures

"""From an agent's becoming free to the next ring: real phones, callers in hold, and one clock.

The clock starts as the agent's phone sends its BYE and stops as the next INVITE reaches that phone.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from routing.calls.records import TicketStage
from scripts.benchmarks.house import add_dialplan, bench_hotline
from scripts.benchmarks.sipp import Load, Sipp
from tests.hotline import Hotline
from tests.phones.line import Line
from tests.phones.phone import Phone, PhoneTimeoutError
from tests.ports import free_port, free_ports

AGENTS = ("1001", "1002", "1003")
CALLERS = 60
"""Callers at once: some hear the welcome, and the others wait, so that an agent who is free never lacks a caller."""
SAMPLES = 102
TALK_SECONDS = (0.3, 1.3)
"""Talks differ by a whole second: app_queue looks at a waiting caller once a second, and must not fall in step."""
QUEUE_DID = "12398"
_STRANGERS = tuple(f"1459999{at:04d}" for at in range(1_000, 1_400))
_RING_SECONDS = 15.0
_PATIENCE_MS = 120_000
QUEUE = f"\n[from-trunk]\nexten => {QUEUE_DID},1,Answer()\n same => n,Queue(fallback)\n same => n,Hangup()\n"

Say = Callable[[str], None]


class Agent:
    """An agent who talks for a moment, hangs up, and waits for the next ring."""

    def __init__(self, phone: Phone, may_end: Callable[[], bool]) -> None:
        """`may_end` tells whether a caller waits now: only then is the time to the next ring measured."""
        self.phone = phone
        self.milliseconds: list[float] = []
        self._may_end = may_end
        self._chance = random.Random(phone.number)  # noqa: S311  # The same talks in each run, no secret.

    def work(self, samples: int, until: float, stop: threading.Event) -> None:
        """Take calls until there are so many samples, or the time is over."""
        since = time.monotonic()
        while len(self.milliseconds) < samples and time.monotonic() < until and not stop.is_set():
            try:
                since = self.phone.wait_for("connected", _RING_SECONDS, since).at
            except PhoneTimeoutError:
                continue
            stop.wait(self._chance.uniform(*TALK_SECONDS))
            waited_for = self._may_end()
            self.phone.hang_up()
            try:
                free = self.phone.wait_for("hanging_up", 1, since).at
                ring = self.phone.wait_for("ringing", _RING_SECONDS, free).at
            except PhoneTimeoutError:
                continue
            if waited_for:
                self.milliseconds.append((ring - free) * 1000)


def run(folder: Path, until: float, say: Say) -> dict[str, Any]:
    """Measure the router, then Asterisk's own queue in its place; give the figures. Ends at `until` (monotonic)."""
    with bench_hotline(folder / "ring", "redis", "asterisk", "router", "ivr") as hotline:
        add_dialplan(hotline, QUEUE)
        line = Line(free_port(socket.SOCK_DGRAM))
        try:
            phones = [_register(hotline, line, extension) for extension in AGENTS]
            ours = _measure(
                hotline, phones, hotline.settings.did_hotline, lambda: _in_hold(hotline) > 0,
                folder=folder / "ours", until=until, samples=SAMPLES,
            )  # fmt: skip
            say(f"the router: {_words(ours)}")
            hotline.kill("router")  # The members of Asterisk's own queue stay as the router left them.
            queue = _measure(
                hotline, phones, QUEUE_DID, lambda: _in_queue(hotline) > 0,
                folder=folder / "queue", until=min(until, time.monotonic() + 90), samples=SAMPLES // 3,
            )  # fmt: skip
            say(f"app_queue:  {_words(queue)}")
        finally:
            line.close()
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "ring", ignore_errors=True)
    return {**_figures("free_to_ring_ms", ours), **_figures("app_queue_free_to_ring_ms", queue)}


def _register(hotline: Hotline, line: Line, extension: str) -> Phone:
    account = next(each for each in hotline.accounts if each.extension == extension)
    phone = Phone(line, extension)
    phone.plug_in(hotline.dial_to, extension, account.secret)
    return phone


def _measure(
    hotline: Hotline,
    phones: list[Phone],
    service: str,
    waiting: Callable[[], bool],
    *,
    folder: Path,
    until: float,
    samples: int,
) -> list[float]:
    """Let callers come, and agents work while some wait; give milliseconds, sorted."""
    folder.mkdir()
    sip_port, media_port = free_ports(2, socket.SOCK_DGRAM)
    sipp = Sipp(folder, "waiting", sip_port=sip_port, media_port=media_port, patience=_PATIENCE_MS)
    stop = threading.Event()
    agents = [Agent(phone, waiting) for phone in phones]
    threads = [
        threading.Thread(target=agent.work, args=(samples // len(agents), until, stop), name="agent")
        for agent in agents
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        sipp.start(hotline.dial_to, service, _STRANGERS, Load(10_000, CALLERS, 8))
        for thread in threads:
            thread.join(max(1.0, until - time.monotonic()) + 2 * _RING_SECONDS)
    finally:
        stop.set()
        sipp.stop()
        for phone in phones:
            phone.hang_up()
        hotline.node.cli("channel request hangup all")
        hotline.eventually(
            "all calls have ended", lambda: "0 active channels" in hotline.node.cli("core show channels")
        )
    return sorted(each for agent in agents for each in agent.milliseconds)


def _in_hold(hotline: Hotline) -> int:
    return sum(ticket.stage is TicketStage.HELD for ticket in hotline.services.tickets.waiting())


def _in_queue(hotline: Hotline) -> int:
    """Asterisk says: fallback has 12 calls (max unlimited) in ..."""
    words = hotline.node.cli("queue show fallback").split()
    return int(words[2]) if len(words) > 2 and words[2].isdecimal() else 0


def _figures(name: str, ordered: list[float]) -> dict[str, Any]:
    return {
        f"{name}_p50": quantile(ordered, 0.5), f"{name}_p95": quantile(ordered, 0.95), f"{name}_samples": len(ordered),
    }  # fmt: skip


def quantile(ordered: list[float], share: float) -> float | None:
    """Give the value below which that share of `ordered` lies; None of nothing."""
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else None


def _words(ordered: list[float]) -> str:
    return f"p50 {quantile(ordered, 0.5)} ms, p95 {quantile(ordered, 0.95)} ms of {len(ordered)} rings"

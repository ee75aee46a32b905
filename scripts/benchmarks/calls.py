"""Whole calls by keys each second: ours, and the same talk in pure dialplan, in turns on one Asterisk."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from db.models import CallRecord, Order
from ivr.prompts.catalogue import Catalogue
from routing.orders.kinds import Menu
from scripts.asterisk_config import SOUNDS
from scripts.benchmarks.house import add_dialplan, bench_hotline, cpu_seconds
from scripts.benchmarks.people import add_elders
from scripts.benchmarks.plain import DID, dialplan, presses, seconds, talk_of
from scripts.benchmarks.sipp import Load, Sipp, press
from tests.hotline import Hotline
from tests.ports import free_ports

PARTS = ("redis", "asterisk", "ivr", "router")
LEAST_AT_ONCE, FIRST_LEVEL, MOST_AT_ONCE = 15, 720, 1_620
ELDERS = 14_000
"""No elder calls twice: whoever orders the same within ten minutes is asked whether they mean it."""
_CALLS_A_LEVEL = 1.5
_LATE_SECONDS = 25.0
"""A call that lasts so much longer than its sounds has failed."""
_APART = 1.15
"""The level at which a side fails is looked for until it and the last whole one are less than this factor apart."""
_MIDDLE = (0.1, 0.7)
"""The share of a run's calls between whose ends the rate is taken: neither the first nor the last few."""

Say = Callable[[str], None]


class Side(StrEnum):
    """Who takes the call."""

    OURS = "self_service"
    PLAIN = "pure_dialplan"


@dataclass(frozen=True)
class Level:
    """One run: so many callers at once, and what became of their calls."""

    side: Side
    at_once: int
    calls: int
    done: int
    failed: int
    per_second: float
    cpu_ms_per_call: dict[str, float] = field(default_factory=dict)
    why_failed: str = field(default="", repr=False)


@dataclass
class CallsBench:
    """Runs levels until neither side gets faster, or fails, or the time is over."""

    hotline: Hotline
    folder: Path
    say: Say
    callers: Iterator[str]
    waits: tuple[int, ...]
    call_seconds: float
    levels: list[Level] = field(default_factory=list)

    def sweep(self, until: float) -> None:
        """Have both sides serve half as many callers again while none of their calls fails. Below its bound a side is
        as fast as its callers, so what counts is where calls begin to fail: no level is begun that only one side has
        the time for, or that leaves none to look between it and the last for a side that fails."""
        at_once, runs = FIRST_LEVEL, len(Side)
        while at_once <= MOST_AT_ONCE and self._time_for(runs, until):
            levels = [self.run(side, at_once) for side in Side]
            if any(level.failed for level in levels):
                break
            at_once, runs = at_once * 3 // 2, len(Side) + 1
        for side in Side:
            while (between := self._between(side)) >= LEAST_AT_ONCE and self._time_for(1, until):
                self.run(side, between)

    def _between(self, side: Side) -> int:
        """Give the callers for the next try of a side of whose calls some failed; 0 when enough is known."""
        levels = self.of(side)
        failed = min((level.at_once for level in levels if level.failed), default=0)
        whole = max((level.at_once for level in levels if not level.failed and level.at_once < failed), default=0)
        between = (whole + failed) // 2 if whole else failed * 2 // 3
        return between if between > whole * _APART else 0

    def _time_for(self, runs: int, until: float) -> bool:
        return time.monotonic() + runs * self.run_seconds <= until

    def run(self, side: Side, at_once: int) -> Level:
        """Place one and a half times as many calls as there are callers at once."""
        calls = round(at_once * _CALLS_A_LEVEL)
        sip_port, media_port = free_ports(2, socket.SOCK_DGRAM)
        folder = self.folder / f"level-{len(self.levels)}"
        folder.mkdir()
        sipp = Sipp(
            folder, "self_service", sip_port=sip_port, media_port=media_port,
            presses="".join(press("1", wait) for wait in self.waits), patience=round(_LATE_SECONDS * 1000),
        )  # fmt: skip
        numbers = [next(self.callers) for _ in range(calls)]
        service = self.hotline.settings.did_hotline if side is Side.OURS else DID
        before = cpu_seconds(self.hotline)
        try:
            sipp.start(self.hotline.dial_to, service, numbers, Load(calls, at_once, self._rate(at_once)))
            counts = sipp.wait(self.run_seconds + 2 * _LATE_SECONDS)
        finally:
            sipp.stop()
        used = {name: (now - before[name]) * 1000 / calls for name, now in cpu_seconds(self.hotline).items()}
        ends = [(each.at, each.done) for each in counts]
        level = Level(
            side, at_once, calls, counts[-1].done, counts[-1].failed, round(_per_second(ends), 2),
            {name: round(each, 1) for name, each in used.items()}, sipp.errors(1),
        )  # fmt: skip
        self.levels.append(level)
        spent = ", ".join(f"{name} {each:.0f}" for name, each in level.cpu_ms_per_call.items())
        self.say(
            f"{side.value:>13}, {at_once:4} at once: {level.per_second:6.2f} calls/s, {level.done} of {calls} whole"
            + (f", {level.failed} FAILED" if level.failed else "")
            + f"; processor ms a call: {spent}"
        )
        return level

    def of(self, side: Side) -> list[Level]:
        """Give the runs of one side."""
        return [level for level in self.levels if level.side is side]

    def best(self, side: Side) -> Level | None:
        """Give the fastest run without a failed call; where every run had some, the fastest of all."""
        whole = [level for level in self.of(side) if not level.failed] or self.of(side)
        return max(whole, key=lambda level: level.per_second, default=None)

    @property
    def run_seconds(self) -> float:
        """How long one run takes when nothing is late."""
        return (1 + _CALLS_A_LEVEL) * self.call_seconds + 5

    def _rate(self, at_once: int) -> int:
        return max(1, round(at_once / self.call_seconds))


def run(folder: Path, until: float, say: Say) -> dict[str, Any]:
    """Measure until `until` (monotonic seconds) at most. Raises what the parts raise at their start."""
    with bench_hotline(folder / "calls", *PARTS, max_calls=MOST_AT_ONCE) as hotline:
        numbers = iter(add_elders(hotline.stores, ELDERS))
        now = datetime.now(hotline.settings.zone)
        kinds = hotline.services.orders.kinds(Menu.DAILY)
        talk = talk_of(
            Catalogue.load(), kinds, who="王奶奶", pays_fen=kinds[0].item.price_fen, number="482915", now=now,
            due=now.replace(minute=30) + timedelta(hours=2),
        )  # fmt: skip
        add_dialplan(hotline, dialplan(talk))
        waits = presses(talk, SOUNDS)
        call_seconds = sum(waits) / 1000 + 1 + seconds(talk.ending, SOUNDS)
        say(f"a call lasts {call_seconds:.0f} s: keys after {', '.join(f'{wait / 1000:.1f}' for wait in waits)} s")
        runs = folder / "runs"
        runs.mkdir()
        bench = CallsBench(hotline, runs, say, numbers, waits, call_seconds)
        bench.sweep(until)
        figures = _figures(bench)
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "calls", ignore_errors=True)
    return figures


def _figures(bench: CallsBench) -> dict[str, Any]:
    done = sum(level.done for level in bench.of(Side.OURS))
    with bench.hotline.stores.reading() as session:
        orders = session.scalar(select(func.count()).select_from(Order).where(Order.source == "voice")) or 0
        served = session.scalar(select(func.count()).where(CallRecord.outcome == "self_served")) or 0
    ours, plain = bench.best(Side.OURS), bench.best(Side.PLAIN)
    ratio = ours.per_second / plain.per_second if ours and plain and plain.per_second else None
    cpu = {level.side: sum(level.cpu_ms_per_call.values()) for level in (ours, plain) if level}
    return {
        "self_service_ratio": None if ratio is None else round(ratio, 3),
        "self_service_calls_per_second": ours and ours.per_second,
        "pure_dialplan_calls_per_second": plain and plain.per_second,
        "self_service_failed": ours and ours.failed,
        "pure_dialplan_failed": plain and plain.failed,
        "self_service_cpu_ms_per_call": round(cpu.get(Side.OURS, 0), 1),
        "pure_dialplan_cpu_ms_per_call": round(cpu.get(Side.PLAIN, 0), 1),
        "self_service_calls": done,
        "self_service_orders_written": orders,
        "self_service_calls_recorded": served,
        "call_seconds": round(bench.call_seconds, 1),
        "levels": [
            {name: each for name, each in asdict(level).items() if name != "why_failed"} for level in bench.levels
        ],
    }


def _per_second(ends: list[tuple[float, int]]) -> float:
    """Give the rate at which calls ended in the middle of a run."""
    total = ends[-1][1]
    first, last = (next((each for each in ends if each[1] >= share * total), ends[-1]) for share in _MIDDLE)
    return (last[1] - first[1]) / (last[0] - first[0]) if last[0] > first[0] else 0.0

"""Callers and agents at work on one hotline: until all are in motion, then for a while, and on to the last call."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import psutil

from routing.figures import left, spread_of
from routing.histogram import Spread
from scripts.benchmarks.desks import Desks, Talk
from scripts.benchmarks.house import cpu_seconds
from scripts.benchmarks.sipp import Load, Sipp, SippFailed
from tests.hotline import Hotline
from tests.ports import free_ports

TALK_SECONDS = (8.0, 12.0)
"""Real talks last minutes. Short ones are harder: a box with real talks has a tenth of these calls each second."""
LAST_TALK_SECONDS = (2.0, 3.0)
"""At the end, so that everyone who still waits is served soon."""
_COME_SECONDS = 10.0
"""In which the callers come; beyond that the first of them are talking."""
_IN_MOTION_SECONDS = 60.0
_END_SECONDS = 90.0
_CALLS_PER_CALLER = 6
_PATIENCE_MS = 600_000

LAG = "router_event_lag_seconds"


@dataclass(frozen=True)
class Course:
    """What was seen of one crowd. `talks` and `lag` are those of the time in which all was in motion."""

    numbers: Sequence[str]
    """The callers who called, in order, each once."""
    sipp: Sipp
    all_talks: Sequence[Talk]
    talks: Sequence[Talk]
    lag: Spread | None
    processors: Mapping[str, float]
    """How much of one processor each part took."""
    in_motion: bool
    """Whether every agent talked and all callers were there before the time was taken."""
    doubled: Sequence[str]
    missed: Sequence[str]


class Crowd:
    """Brings callers and agents together, again and again."""

    def __init__(self, hotline: Hotline, desks: Desks, numbers: Iterator[str], folder: Path) -> None:
        """`numbers` are those of elders; each calls once."""
        self._hotline = hotline
        self._desks = desks
        self._numbers = numbers
        self._folder = folder
        self._runs = 0

    def work(
        self,
        service: str,
        agents: Sequence[str],
        callers: int,
        seconds: float,
        during: Callable[[], object] = lambda: None,
    ) -> Course:
        """Have so many callers at once dial `service`, who press nothing, and look on for so many seconds.

        `during` is called as soon as all is in motion. A crowd that does not end is ended.
        """
        hotline, desks = self._hotline, self._desks
        desks.plug_in(agents)
        desks.talk_for(*TALK_SECONDS)
        first, doubled, missed = len(desks.talks), len(desks.doubled), len(desks.missed)
        picked_up = len(desks.picked_up)
        numbers = list(islice(self._numbers, callers * _CALLS_PER_CALLER))
        sipp = self._sipp()
        try:
            rate = max(2, round(callers / _COME_SECONDS))
            sipp.start(hotline.dial_to, service, numbers, Load(len(numbers), callers, rate))
            in_motion = self._in_motion(sipp, set(agents), callers, picked_up)
            began, before, lag_before = time.monotonic(), self._used(sipp), self._lag()
            during()
            time.sleep(seconds)  # This is the time of looking on itself.
            ended, after, lag_after = time.monotonic(), self._used(sipp), self._lag()
            sipp.finish()
            desks.talk_for(*LAST_TALK_SECONDS)
            self._let_end(sipp)
        finally:
            sipp.stop()
        begun = sipp.seconds()[-1].begun if sipp.seconds() else 0
        talks = desks.talks[first:]
        return Course(
            numbers[:begun], sipp, talks, [each for each in talks if began <= each.rang_at <= ended],
            lag_after - lag_before if lag_before and lag_after else None,
            {name: round((after[name] - used) / (ended - began), 3) for name, used in before.items()},
            in_motion, desks.doubled[doubled:], desks.missed[missed:],
        )  # fmt: skip

    def _sipp(self) -> Sipp:
        sip_port, media_port = free_ports(2, socket.SOCK_DGRAM)
        self._runs += 1
        folder = self._folder / f"crowd-{self._runs}"
        folder.mkdir(parents=True)
        return Sipp(
            folder, "waiting", sip_port=sip_port, media_port=media_port, speaks=True, patience=_PATIENCE_MS
        )  # fmt: skip

    def _in_motion(self, sipp: Sipp, agents: set[str], callers: int, first: int) -> bool:
        """Wait until all callers are there and every agent has had a call, but not for ever."""
        until = time.monotonic() + _IN_MOTION_SECONDS
        while time.monotonic() < until and sipp.pid is not None:
            counts = sipp.seconds()
            at_work = set(self._desks.picked_up[first:])
            if counts and counts[-1].under_way >= callers and at_work >= agents:
                return True
            time.sleep(0.2)  # SIPp tells its counts in a file.
        return False

    def _let_end(self, sipp: Sipp) -> None:
        """Wait for the last call; what does not end is hung up and fails at its caller."""
        try:
            sipp.wait(_END_SECONDS)
        except SippFailed:
            sipp.stop()
        node = self._hotline.node
        if "0 active channels" not in node.cli("core show channels"):
            time.sleep(1)  # The last legs are on their way out; who is still there then has no partner any more.
            node.cli("channel request hangup all")
        self._hotline.eventually("all have hung up", lambda: "0 active channels" in node.cli("core show channels"), 30)

    def _lag(self) -> Spread | None:
        return spread_of(left(self._hotline.stores.redis)["router"], LAG)

    def _used(self, sipp: Sipp) -> dict[str, float]:
        """Processor time so far, of the hotline's parts and of our own."""
        used = dict(cpu_seconds(self._hotline))
        for name, pid in (("callers", sipp.pid), ("phones", os.getpid())):
            if pid is not None:
                used[name] = sum(psutil.Process(pid).cpu_times()[:2])
        return used

"""The box: 50 agents and 250 calls at once with recording, none lost; app_queue with the same; and where it breaks."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.benchmarks.crowd import Course, Crowd
from scripts.benchmarks.desks import Desks, Talk
from scripts.benchmarks.house import add_dialplan, bench_hotline
from scripts.benchmarks.losses import Losses, Side, kept_since, losses
from scripts.benchmarks.people import add_elders
from scripts.benchmarks.ring import QUEUE, QUEUE_DID, quantile
from tests.hotline import Hotline

PARTS = ("redis", "asterisk", "ivr", "router")
AGENTS, CALLERS = 50, 250
"""What ViciBox sizes for one inbound Asterisk server."""
FACTORS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
FACTORS_IN_HASTE = (1.0, 2.0, 3.0)
ELDERS = 24_000
LOOK_SECONDS = 30.0
QUEUE_SECONDS = 20.0
LAG_MS = 200.0
UNHEARD_SHARE = 0.01
"""Of the sound, lost or too late to be played: Cisco's guides to voice over IP allow one packet in a hundred."""
_LEVEL_SECONDS = 110.0
_QUEUE_COURSE_SECONDS = 50.0
_WRITTEN_SECONDS = 30.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Level:
    """One size of the box, and how it went. Shares of sound are of what the agents' phones sent and got back."""

    agents: int
    callers: int
    calls: int
    lost: int
    why_lost: dict[str, int]
    event_lag_ms_p50: float | None
    event_lag_ms_p99: float | None
    events_per_second: float
    free_to_ring_ms_p50: float | None
    free_to_ring_ms_p95: float | None
    free_to_ring_ms_samples: int
    sound_lost_share: float
    sound_late_share: float
    jitter_ms_p95: float | None
    processors: dict[str, float]
    in_motion: bool
    breaks: tuple[str, ...] = field(default=())


class BoxBench:
    """Runs one size after the other on one hotline."""

    def __init__(
        self, hotline: Hotline, desks: Desks, numbers: Iterator[str], folder: Path, *, say: Say, look_seconds: float
    ) -> None:
        """`numbers` are those of elders, each of whom calls once."""
        self.hotline = hotline
        self.levels: list[Level] = []
        self.queue: list[float] = []
        self.desks = desks
        self._say = say
        self._look_seconds = look_seconds
        self._extensions = sorted(account.extension for account in hotline.accounts)
        self._crowd = Crowd(hotline, desks, numbers, folder)

    def level(self, agents: int, callers: int, during: Callable[[], object] = lambda: None) -> Level:
        """Play one size, and count what became of each call."""
        since = datetime.now(UTC)
        did = self.hotline.settings.did_hotline
        course = self._crowd.work(did, self._extensions[:agents], callers, self._look_seconds, during)
        lost = self._losses(course, since)
        level = _level(agents, callers, course, lost, self._look_seconds)
        self.levels.append(level)
        self._tell(level)
        return level

    def app_queue(self, agents: int, callers: int, seconds: float) -> None:
        """The same callers and agents with Asterisk's own queue; the router is killed for it, and comes back."""
        self.hotline.kill("router")  # The members of Asterisk's own queue stay as the router left them.
        course = self._crowd.work(QUEUE_DID, self._extensions[:agents], callers, seconds)
        self.queue = free_to_ring(course.talks)
        p50, p95 = quantile(self.queue, 0.5), quantile(self.queue, 0.95)
        self._say(f"app_queue with as many: free to ring p50 {p50}, p95 {p95} ms of {len(self.queue)} rings")
        self.hotline.start("router")

    def _losses(self, course: Course, since: datetime) -> Losses:
        stores, begun = self.hotline.stores, len(course.numbers)

        def written() -> bool:
            kept = kept_since(stores, since)
            return sum(each.ended for calls in kept.values() for each in calls) >= begun

        until = time.monotonic() + _WRITTEN_SECONDS
        while not written() and time.monotonic() < until:
            time.sleep(0.5)  # The database tells nobody.
        side = Side(course.numbers, course.sipp.ended_well(), course.all_talks, course.doubled, course.missed)
        return losses(side, kept_since(stores, since), self.hotline.settings.var_dir / "asterisk" / "recordings")

    def _tell(self, level: Level) -> None:
        taken = ", ".join(
            f"{name} {share:.2f}" for name, share in sorted(level.processors.items(), key=lambda each: -each[1])
        )
        self._say(
            f"{level.agents:3} agents, {level.callers:4} calls at once: {level.calls} calls, {level.lost} lost;"
            f" event lag p99 {level.event_lag_ms_p99} ms; free to ring p50 {level.free_to_ring_ms_p50},"
            f" p95 {level.free_to_ring_ms_p95} ms; sound lost {level.sound_lost_share:.2%}, late"
            f" {level.sound_late_share:.2%}, jitter p95 {level.jitter_ms_p95} ms; processors: {taken}"
        )
        if level.breaks:
            self._say(f"it breaks here: {'; '.join(level.breaks)}")


def run(folder: Path, until: float, say: Say, factors: Sequence[float] = FACTORS) -> dict[str, Any]:
    """Measure until `until` (monotonic seconds) at most: the size that is aimed at, and so many times that until it
    breaks. Raises what the parts raise at their start."""
    most = round(AGENTS * max(factors))
    with bench_hotline(
        folder / "box", *PARTS, extension_count=most, max_calls=round(CALLERS * max(factors)), rtp_ports=8_000
    ) as hotline:
        add_dialplan(hotline, QUEUE)
        secrets = {account.extension: account.secret for account in hotline.accounts}
        desks = Desks(("127.0.0.1", hotline.settings.sip_port), secrets, (1.0, 2.0))
        desks.start()
        try:
            numbers = iter(add_elders(hotline.stores, ELDERS))
            bench = BoxBench(hotline, desks, numbers, folder / "crowds", say=say, look_seconds=LOOK_SECONDS)
            bench.level(AGENTS, CALLERS)
            bench.app_queue(AGENTS, CALLERS, QUEUE_SECONDS)
            for factor in factors[1:]:
                if bench.levels[-1].breaks or time.monotonic() + _LEVEL_SECONDS > until:
                    break
                bench.level(round(AGENTS * factor), round(CALLERS * factor))
            figures = _figures(bench)
        finally:
            desks.stop()
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "box", ignore_errors=True)
    return figures


def free_to_ring(talks: Sequence[Talk]) -> list[float]:
    """Give the milliseconds from a phone's hanging up to its next ring, sorted."""
    return sorted((talk.rang_at - talk.free_since) * 1000 for talk in talks if talk.free_since is not None)


def _level(agents: int, callers: int, course: Course, lost: Losses, seconds: float) -> Level:
    rings = free_to_ring(course.talks)
    heard = [talk.heard for talk in course.talks if not talk.cut]
    expected = max(1, sum(each.expected for each in heard))
    lag = course.lag
    p50, p99 = (_ms(lag.quantile(share)) if lag else None for share in (0.5, 0.99))
    lost_share = sum(each.lost for each in heard) / expected
    late_share = sum(each.late for each in heard) / expected
    jitters = sorted(each.jitter_seconds * 1000 for each in heard)
    breaks = []
    if lost.total:
        breaks.append(f"{lost.total} calls lost ({', '.join(f'{n} {why}' for why, n in lost.counts.items())})")
    if p99 is None or p99 > LAG_MS:
        breaks.append(f"event lag p99 {p99} ms")
    if lost_share + late_share > UNHEARD_SHARE:
        breaks.append(f"{lost_share + late_share:.1%} of the sound is lost or late")
    if not heard:
        breaks.append("no talk began while it was looked at")
    if not course.in_motion:
        breaks.append("not all agents had a call in a minute")
    return Level(
        agents, callers, len(course.numbers), lost.total, dict(lost.counts), p50, p99,
        round(lag.count / seconds, 1) if lag else 0.0, quantile(rings, 0.5), quantile(rings, 0.95), len(rings),
        round(lost_share, 5), round(late_share, 5), quantile(jitters, 0.95),
        dict(course.processors), course.in_motion, tuple(breaks),
    )  # fmt: skip


def _figures(bench: BoxBench) -> dict[str, Any]:
    first = bench.levels[0]
    broken = next((level for level in bench.levels if level.breaks), None)
    return {
        "box_agents": first.agents,
        "box_calls": first.callers,
        "box_lost": first.lost,
        "event_lag_ms_p99": first.event_lag_ms_p99,
        "box_calls_served": first.calls,
        "box_free_to_ring_ms_p50": first.free_to_ring_ms_p50,
        "box_free_to_ring_ms_p95": first.free_to_ring_ms_p95,
        "box_app_queue_free_to_ring_ms_p50": quantile(bench.queue, 0.5),
        "box_app_queue_free_to_ring_ms_p95": quantile(bench.queue, 0.95),
        "box_breaks_at_agents": broken and broken.agents,
        "box_breaks_at_calls": broken and broken.callers,
        "box_breaks_because": broken and "; ".join(broken.breaks),
        "box_levels": [asdict(level) for level in bench.levels],
    }


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)

"""Many calls in flows at once on one ivr: when each hears its first word, and whether all of them go on to the end."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from redis.exceptions import RedisError

from ivr.handover import process_at
from ivr.prompts.catalogue import Catalogue
from routing.figures import left
from routing.orders.kinds import Menu
from scripts.asterisk_config import SOUNDS
from scripts.benchmarks.first_words import FirstWords
from scripts.benchmarks.house import bench_hotline, cpu_seconds
from scripts.benchmarks.people import add_elders
from scripts.benchmarks.plain import presses, talk_of
from scripts.benchmarks.ring import quantile
from scripts.benchmarks.sipp import Load, Sipp, press, speak
from scripts.parts import ivr_place
from tests.hotline import Hotline
from tests.ports import free_ports

PARTS = ("redis", "asterisk", "ivr", "router")
CALLS = 300
"""At once, none of whom talks to a person yet. One inbound server is sized for 250 (ViciBox); those who come as 200 and
more are in flows already, 250 on the average, are looked at by themselves."""
CROWDED = 200
RATE = 25
"""Calls a second. Calls that last half a minute are kept at 250 by nine a second."""
SECONDS = 70.0
_PATIENCE_MS = 25_000
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Run:
    """One crowd. Milliseconds count from the 200 OK, as the callers' side sees it."""

    at_once: int
    rate: int
    calls: int
    failed: int
    most_at_once: int
    """Callers on the line at the same time."""
    most_in_flows: int
    """As the ivr counts them, every few seconds."""
    unheard: int
    """Calls that were answered and heard nothing."""
    answered: int
    sound_ms_p50: float | None
    sound_ms_p95: float | None
    sound_ms_p99: float | None
    crowded_ms_p50: float | None
    crowded_ms_p95: float | None
    """The same of those who found `CROWDED` others there."""
    packet_ms_p50: float | None
    packet_ms_p95: float | None
    packets_missed: int
    """Packets that our own ears missed: more than none, and the figures are not to be trusted."""
    ivr_threads: int
    ivr_files: int
    ivr_memory_mb: float
    cpu_ms_per_call: Mapping[str, float] = field(default_factory=dict)
    why_failed: str = field(default="", repr=False)


@dataclass
class _Watch:
    """Looks at the ivr while the calls last: how many calls, threads, files and how much memory it has at most."""

    hotline: Hotline
    most: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> _Watch:
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    def _work(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            seen = dict.fromkeys(("calls", "threads", "files", "bytes"), 0.0)
            try:
                counted = left(self.hotline.stores.redis)
                seen["calls"] = sum(counted[part].get("calls_active", 0) for part in ("ivr", "ivr_leaving"))
                ivr = psutil.Process(process_at(ivr_place(self.hotline.settings)) or 0)
                seen |= {"threads": ivr.num_threads(), "files": ivr.num_fds(), "bytes": ivr.memory_info().rss}
            except (RedisError, psutil.Error):
                continue
            self.most = {name: max(value, self.most.get(name, 0)) for name, value in seen.items()}


def crowd(
    hotline: Hotline,
    folder: Path,
    numbers: Sequence[str],
    load: Load,
    meanwhile: Callable[[], object] = lambda: None,
) -> Run:
    """Have elders with these numbers order by keys, so many at once; `meanwhile` runs when the calls have begun.

    Raises SippFailed if it is not over in twice the time that it takes.
    """
    sip_port, media_port = free_ports(2, socket.SOCK_DGRAM)
    folder.mkdir(parents=True, exist_ok=True)
    keys = "".join(press("1", wait) for wait in _waits(hotline))
    sipp = Sipp(
        folder, "self_service", sip_port=sip_port, media_port=media_port, presses=speak(folder) + keys,
        patience=_PATIENCE_MS,
    )  # fmt: skip
    ears = FirstWords(sip_port, media_port)
    before = cpu_seconds(hotline)
    ears.start()
    try:
        with _Watch(hotline) as watch:
            sipp.start(hotline.dial_to, hotline.settings.did_hotline, numbers, load)
            meanwhile()
            counts = sipp.wait(2 * SECONDS)
    finally:
        sipp.stop()
        ears.stop()
    used = {name: (now - before.get(name, 0.0)) * 1000 / load.calls for name, now in cpu_seconds(hotline).items()}
    heard = list(ears.calls.values())
    by_time = [each.sound_after * 1000 for each in heard if each.sound_after is not None]
    sounds, crowded = sorted(by_time), sorted(by_time[CROWDED:])
    packets = sorted(each.packet_after * 1000 for each in heard if each.packet_after is not None)
    return Run(
        load.at_once, load.rate, load.calls, counts[-1].failed, max(each.under_way for each in counts),
        round(watch.most.get("calls", 0)), sum(each.sound_after is None for each in heard), len(heard),
        quantile(sounds, 0.5), quantile(sounds, 0.95), quantile(sounds, 0.99),
        quantile(crowded, 0.5), quantile(crowded, 0.95),
        quantile(packets, 0.5), quantile(packets, 0.95), ears.missed,
        round(watch.most.get("threads", 0)), round(watch.most.get("files", 0)),
        round(watch.most.get("bytes", 0) / 1e6, 1),
        {name: round(each, 1) for name, each in used.items()}, sipp.errors(1),
    )  # fmt: skip


def run(folder: Path, until: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure. Raises what the parts raise at their start. `until` is of no use: it takes some 50 s, or fails."""
    del until
    with bench_hotline(folder / "flows", *PARTS, max_calls=CALLS) as hotline:
        numbers = add_elders(hotline.stores, CALLS)
        found = crowd(hotline, folder / "flows-run", numbers, Load(CALLS, CALLS, RATE))
        turned_away = left(hotline.stores.redis)["ivr"].get("calls_turned_away", 0)
    say(
        f"{found.most_at_once} calls at once, {RATE} a second: first word after p50 {found.sound_ms_p50},"
        f" p95 {found.sound_ms_p95}, p99 {found.sound_ms_p99} ms (of the last {CALLS - CROWDED} p95"
        f" {found.crowded_ms_p95}); {found.failed} of {found.calls} failed,"
        f" {found.unheard} heard nothing; ivr: {found.ivr_threads} threads, {found.ivr_memory_mb:.0f} MB"
    )
    if "ELDERLINE_KEEP" not in os.environ:
        shutil.rmtree(folder / "flows", ignore_errors=True)
    return {
        "flows_calls_at_once": found.most_at_once,
        "flows_calls_per_second": RATE,
        "flows_failed": found.failed,
        "flows_turned_away": turned_away,
        "first_word_ms_p50": found.sound_ms_p50,
        "first_word_ms_p95": found.sound_ms_p95,
        "first_word_ms_p99": found.sound_ms_p99,
        "first_word_ms_p95_crowded": found.crowded_ms_p95,
        "flows": {name: each for name, each in asdict(found).items() if name != "why_failed"},
    }


def _waits(hotline: Hotline) -> Sequence[int]:
    """When the callers press their keys."""
    now = datetime.now(hotline.settings.zone)
    kinds = hotline.services.orders.kinds(Menu.DAILY)
    talk = talk_of(
        Catalogue.load(), kinds, who="王奶奶", pays_fen=kinds[0].item.price_fen, number="482915", now=now,
        due=now.replace(minute=30) + timedelta(hours=2),
    )  # fmt: skip
    return presses(talk, SOUNDS)

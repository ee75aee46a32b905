"""How long it takes to tell who calls: ``python -m scripts.benchmarks.lookup [--json]``.

Each look-up is the whole of it: the carrier's digits in, normalised, hashed, found, decrypted, a Caller out. Figures
are from one thread, warm (after 2,000 look-ups), on random elders; the unknown cost one query more. `stall_p99_ms` is
what the same clock sees of the machine right after the pass that counts, when nothing but counting is done for a
quarter of a millisecond: on a busy machine it, and not the look-up, decides the p99. What was loaded is on the disk
before anything is measured.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from db import migrate
from db.encryption import FieldCipher, new_key
from db.session import make_engine
from routing.calls.directory import CallerDirectory, CallerKind
from routing.numbers import as_dialled
from scripts.benchmarks.register import load_register, number_of
from scripts.postgresql_server import PostgresqlServer

SIZES = (14_000, 1_400_000)
_WARM_UP = 2_000
_PASSES = 6
_LOOK_UPS = 2_500
"""A pass: short enough to fit between two disturbances of a busy machine, and still 25 look-ups above its p99."""
_SEED = 20260318

Figures = dict[str, dict[str, dict[str, float]]]
"""By database and number of elders: p50_ms, p99_ms, unknown_p50_ms, unknown_p99_ms, stall_p99_ms, load_seconds."""


def run(sizes: Sequence[int], urls: Mapping[str, str], look_ups: int = _LOOK_UPS) -> Figures:
    """Measure on each database of `urls` (a name for each), with each number of elders.

    The databases are migrated and filled with made-up people; one that holds others is refused (NotEmpty). They are the
    bench's own, so whoever made them removes them. Progress goes to stderr.
    """
    figures: Figures = {name: {} for name in urls}
    for size in sizes:
        keys = (new_key(), new_key())
        # Filling a million rows takes a minute of one processor, so each database has a process; measuring has all.
        with ProcessPoolExecutor(len(urls), get_context("spawn")) as processes:
            loads = {name: processes.submit(_load, url, name, size, keys) for name, url in urls.items()}
            seconds = {name: load.result() for name, load in loads.items()}
        for name, url in urls.items():
            figures[name][str(size)] = _measure(url, size, keys, look_ups) | {"load_seconds": round(seconds[name], 1)}
    return figures


def _load(url: str, name: str, size: int, keys: tuple[str, str]) -> float:
    """Migrate and fill a database; give how many seconds that took."""
    began = time.monotonic()
    migrate.upgrade(url)
    with tqdm(total=size, desc=f"{name}: elders", unit="", file=sys.stderr, mininterval=1) as bar:
        load_register(url, FieldCipher(*keys), size, bar.update)
    return time.monotonic() - began


def _measure(url: str, size: int, keys: tuple[str, str], look_ups: int) -> dict[str, float]:
    """Make passes, each of other elders, and give the one that the rest of the machine disturbed the least."""
    cipher = FieldCipher(*keys)
    engine = make_engine(url, cipher)
    directory = CallerDirectory(engine, cipher)
    chance = random.Random(_SEED)  # noqa: S311  # The same elders in each run, no secret.

    def anybody(count: int) -> list[str]:
        return [as_dialled(number_of(chance.randint(1, size))) for _ in range(count)]

    unknown = [as_dialled(number_of(5_900_000 + at)) for at in range(look_ups // 10)]
    try:
        _times(directory, anybody(min(_WARM_UP, look_ups)), CallerKind.ELDER)
        passes = [
            (_times(directory, anybody(look_ups), CallerKind.ELDER), _stalls(look_ups // 2)) for _ in range(_PASSES)
        ]
        missed = _times(directory, unknown, CallerKind.UNKNOWN)
    finally:
        engine.dispose()
    found, stalls = min(passes, key=lambda each: _quantile(each[0], 0.99))
    return {
        "p50_ms": _quantile(found, 0.5), "p99_ms": _quantile(found, 0.99),
        "p99_ms_most_disturbed": max(_quantile(times, 0.99) for times, _ in passes),
        "unknown_p50_ms": _quantile(missed, 0.5), "unknown_p99_ms": _quantile(missed, 0.99),
        "stall_p99_ms": _quantile(stalls, 0.99),
    }  # fmt: skip


def _times(directory: CallerDirectory, numbers: Sequence[str], expected: CallerKind) -> list[float]:
    """Give milliseconds, sorted. Raises RuntimeError when a look-up finds anything else than it must."""
    times = []
    for number in numbers:
        began = time.perf_counter()
        caller = directory.look_up(number)
        times.append((time.perf_counter() - began) * 1000)
        if caller.kind is not expected:
            raise RuntimeError(f"a look-up gave {caller.kind} instead of {expected}")
    return sorted(times)


def _stalls(times: int) -> list[float]:
    """Give milliseconds that counting to 8,000 takes (0.25 ms on a quiet core of 2024), sorted."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        for _count in range(8_000):
            pass
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure both databases in temporary folders and print the figures."""
    with tempfile.TemporaryDirectory(prefix="elderline-bench-") as folder, PostgresqlServer() as server:
        urls = {"sqlite": f"sqlite:///{Path(folder) / 'bench.db'}", "postgresql": server.create("bench")}
        figures = run(SIZES, urls)
    if "--json" in (sys.argv[1:] if arguments is None else arguments):
        print(json.dumps(figures))
        return
    for name, by_size in figures.items():
        for size, each in by_size.items():
            print(
                f"{name:<10} {int(size):>9,} elders: p50 {each['p50_ms']:.2f} ms, p99 {each['p99_ms']:.2f} ms; "
                f"unknown p50 {each['unknown_p50_ms']:.2f} ms, p99 {each['unknown_p99_ms']:.2f} ms; "
                f"stalls of this machine p99 {each['stall_p99_ms']:.2f} ms; loaded in {each['load_seconds']:.0f} s"
            )


if __name__ == "__main__":
    main()

"""``./scripts/bench [--json] [--only STAGE]``: measure, and print what was measured, whatever it is."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from routing.settings import load_settings
from scripts.asterisk_root import NoAsteriskError, find_root
from scripts.benchmarks import batch, board, box, calls, dispatching, flows, importing, lookup, pops, ring, searching
from scripts.postgresql_server import PostgresqlServer

STAGES = ("lookup", "dispatch", "batch", "ring", "flows", "calls", "box")
WHEN_ASKED = ("search", "board", "desk", "import")
"""Stages that take long and are measured with `--only` alone."""
ALL_SECONDS = 560.0
"""The whole bench ends within ten minutes; the box, which comes last, takes what is left to find where it breaks."""
RING_SECONDS = 150.0
CALLS_SECONDS = 400.0
CALLS_BEFORE_BOX_SECONDS = 190.0
"""One level of both sides, which they have in any case: on a busy machine loading a million takes long."""

Say = Callable[[str], None]


def measure(stages: Sequence[str], folder: Path, say: Say, began: float) -> dict[str, Any]:
    """Run the stages, one after the other, and join their figures. Raises what a stage raises that cannot run."""
    figures: dict[str, Any] = {"machine": machine(), "seconds": {}}
    for stage in (*STAGES, *WHEN_ASKED):
        if stage not in stages:
            continue
        stage_began = time.monotonic()
        say(f"{stage}: {_TITLES[stage]}")
        figures |= _STAGES[stage](folder, say, began + ALL_SECONDS, len(stages) == 1)
        figures["seconds"][stage] = round(time.monotonic() - stage_began, 1)
    figures["machine"]["load_at_the_end"] = round(os.getloadavg()[0], 2)
    return figures


def machine() -> dict[str, Any]:
    """Give what the figures depend on: processors, memory, system, and how busy all of it was before the bench."""
    return {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "asterisk_root": "system" if str(find_root(load_settings())) == "/" else "own",
        "load_at_the_start": round(os.getloadavg()[0], 2),
    }


def _lookup(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    with PostgresqlServer() as server:
        urls = {"sqlite": f"sqlite:///{folder / 'lookup.db'}", "postgresql": server.create("bench")}
        found = lookup.run(lookup.SIZES, urls)
    figures: dict[str, Any] = {}
    for size in lookup.SIZES:
        for name, by_size in found.items():
            each = by_size[str(size)]
            suffix = f"{size // 1000}k" if name == "sqlite" else f"{size // 1000}k_{name}"
            figures |= {f"lookup_p50_ms_{suffix}": each["p50_ms"], f"lookup_p99_ms_{suffix}": each["p99_ms"]}
            say(
                f"{name:>13}, {size:9,} elders: p50 {each['p50_ms']:.2f} ms, p99 {each['p99_ms']:.2f} ms"
                f" (this machine's own stalls: p99 {each['stall_p99_ms']:.2f} ms)"
            )
    return {**figures, "lookup": found}


def _batch(_folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    return batch.run(say)


def _dispatch(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    with PostgresqlServer() as server:
        urls = {"sqlite": f"sqlite:///{folder / 'dispatch.db'}", "postgresql": server.create("bench")}
        found = dispatching.run(urls)
    figures: dict[str, Any] = {}
    for name, each in found.items():
        figures |= {f"dispatch_{what}_{name}": value for what, value in each.items()}
        say(
            f"{name:>13}: a decision p50 {each['p50_ms']:.2f} ms, p99 {each['p99_ms']:.2f} ms "
            f"({each['times_plain']:.1f} times a plain read of the companies); "
            f"if all offer it {each['p50_ms_all_offer']:.2f} and {each['p99_ms_all_offer']:.2f} ms; "
            f"with all that is written p50 {each['round_p50_ms']:.2f} ms"
        )
    return figures


def _search(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    with PostgresqlServer() as server:
        urls = {"sqlite": f"sqlite:///{folder / 'search.db'}", "postgresql": server.create("bench")}
        found = searching.run(urls)
    for name, each in found.items():
        say(f"{name:>13}: " + ", ".join(f"{what} {value}" for what, value in each.items()))
    return {f"search_{what}_{name}": value for name, each in found.items() for what, value in each.items()}


def _import(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    with PostgresqlServer() as server:
        urls = {"sqlite": f"sqlite:///{folder / 'import.db'}", "postgresql": server.create("bench")}
        found = importing.run(urls, say)
    return {f"import_{what}_{name}": value for name, each in found.items() for what, value in each.items()}


def _board(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    return board.run(folder, say)


def _desk(folder: Path, say: Say, _until: float, _alone: bool) -> dict[str, Any]:
    return pops.run(folder, say)


def _ring(folder: Path, say: Say, until: float, _alone: bool) -> dict[str, Any]:
    return ring.run(folder, min(until, time.monotonic() + RING_SECONDS), say)


def _flows(folder: Path, say: Say, until: float, _alone: bool) -> dict[str, Any]:
    return flows.run(folder, until, say)


def _calls(folder: Path, say: Say, until: float, alone: bool) -> dict[str, Any]:
    now = time.monotonic()
    return calls.run(folder, min(until, now + CALLS_SECONDS) if alone else now + CALLS_BEFORE_BOX_SECONDS, say)


def _box(folder: Path, say: Say, until: float, alone: bool) -> dict[str, Any]:
    return box.run(folder, until, say, box.FACTORS if alone else box.FACTORS_IN_HASTE)


_STAGES: dict[str, Callable[[Path, Say, float, bool], dict[str, Any]]] = {
    "lookup": _lookup, "dispatch": _dispatch, "batch": _batch, "ring": _ring, "flows": _flows, "calls": _calls,
    "box": _box, "search": _search, "board": _board, "desk": _desk, "import": _import,
}  # fmt: skip
_TITLES = {
    "lookup": "who calls, among 14 thousand and 1.4 million elders",
    "batch": "a night's 3,000 planned orders to 126 companies",
    "dispatch": "whom to ask: 500 companies, 5,000 open orders",
    "ring": "from an agent's becoming free to the next ring",
    "flows": "300 calls in flows at once: when each hears its first word",
    "calls": "whole calls by keys, ours and in pure dialplan",
    "board": "the large screen with 100 agents and 250 calls",
    "desk": "from the router's offer to the caller's record on the agent's page",
    "import": "a file of 50,000 elders, by the way of the page",
    "search": "an elder of 139,700 by what is remembered of them",
    "box": "50 agents and 250 calls at once, with recording",
}


def _keep_stdout() -> int:
    """Give a copy of stdout for the one object, and send all that anybody else writes there (PJSIP does) to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure. With ``--json`` the one object goes to stdout, and everything for people to stderr."""
    parser = argparse.ArgumentParser(prog="./scripts/bench", description="Measure this hotline on this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.add_argument(
        "--only", choices=(*STAGES, *WHEN_ASKED), action="append", help="run this stage only; may be given again"
    )
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    began = time.monotonic()
    answer = _keep_stdout() if chosen.json else None

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="elderline-bench-") as folder:
        Path(folder).chmod(0o755)  # Asterisk's user must reach what is its own below.
        try:
            figures = measure(chosen.only or STAGES, Path(folder), say, began)
        except (NoAsteriskError, FileNotFoundError) as error:
            sys.exit(f"bench: {error}")
    if answer is not None:
        with os.fdopen(answer, "w") as stdout:
            print(json.dumps(figures), file=stdout)
        return
    say("done")
    for name, value in figures.items():
        if not isinstance(value, dict | list):
            print(f"{name:>40}  {value}")


if __name__ == "__main__":
    main()

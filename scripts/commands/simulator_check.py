"""`elderline simulate --check`: the simulator against Erlang A."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import NoReturn

import click
from tqdm import tqdm

from routing.staffing.erlang import Queue
from routing.staffing.simulation.check import BATCHES, Compared, against_erlang_a

QUEUE = Queue(calls_per_second=20 / 180, handle_seconds=180.0, agents=20, patience_seconds=60.0)
"""As many agents as calls at once: four in ten wait, one in nine gives up, so all that is measured happens often."""
_NEAR = 0.02
"""So near the formula must be, and so narrow the interval: else the run shows nothing."""


def check(calls: int, seed: int, as_json: bool) -> None:
    """Print each figure by formula and by simulation; the exit status is 1 unless each is shown to be within 2 %."""
    with tqdm(total=BATCHES, unit=" batches", file=sys.stderr, leave=False, disable=None) as bar:
        compared = against_erlang_a(QUEUE, calls, seed, lambda: _advance(bar))
    if as_json:
        rows = [{**asdict(each), "apart": each.apart, "tells": each.tells, "holds": holds(each)} for each in compared]
        click.echo(json.dumps({"calls": calls, "seed": seed, "figures": rows}))
    else:
        click.echo(f"{calls} calls, load {QUEUE.load:.0f} Erlang, {QUEUE.agents} agents, patience 60 s")
        click.echo(f"{'':<28}  Erlang A  simulated   apart  99 % interval")
        for each in compared:
            verdict = "" if holds(each) else "  too few calls to tell" if each.tells > _NEAR else "  OFF"
            values = f"{each.formula:9.4f} {each.simulated:10.4f} {each.apart:7.2%} +- {each.tells:11.2%}"
            click.echo(f"{each.name:<28} {values}{verdict}")
    if not all(holds(each) for each in compared):
        raise SystemExit(1)


def _advance(bar: tqdm[NoReturn]) -> None:
    bar.update()


def holds(figure: Compared) -> bool:
    """Within 2 % of the formula, by a run that can tell 2 %."""
    return figure.apart <= _NEAR and figure.tells <= _NEAR

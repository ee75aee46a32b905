"""`elderline simulate --check`: the simulator against Erlang A."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import NoReturn

import click
from tqdm import tqdm

from routing.staffing.erlang import Queue
from routing.staffing.simulation.check import Compared, against_erlang_a

QUEUE = Queue(calls_per_second=20 / 180, handle_seconds=180.0, agents=20, patience_seconds=60.0)
"""As many agents as calls at once: four in ten wait, one in nine gives up, so all that is measured happens often."""
_BATCHES = 20


def check(calls: int, seed: int, as_json: bool) -> None:
    """Print each figure by formula and by simulation; the exit status is 1 if one is further off than it may be.

    Off by more than 2 %, that is, when chance alone does not explain it.
    """
    with tqdm(total=_BATCHES, unit=" batches", file=sys.stderr, leave=False, disable=None) as bar:
        compared = against_erlang_a(QUEUE, calls, seed, lambda: _advance(bar))
    if as_json:
        rows = [{**asdict(each), "apart": each.apart, "holds": holds(each)} for each in compared]
        click.echo(json.dumps({"calls": calls, "seed": seed, "figures": rows}))
    else:
        click.echo(f"{calls} calls, load {QUEUE.load:.0f} Erlang, {QUEUE.agents} agents, patience 60 s")
        click.echo(f"{'':<28}  Erlang A  simulated  99 % interval  apart")
        for each in compared:
            interval = f"+- {each.half_width:.4f}"
            click.echo(f"{each.name:<28} {each.formula:9.4f} {each.simulated:10.4f} {interval:>14} {each.apart:6.2%}")
    if not all(holds(each) for each in compared):
        raise SystemExit(1)


def _advance(bar: tqdm[NoReturn]) -> None:
    bar.update()


def holds(figure: Compared) -> bool:
    """Within 2 % of the formula, or as near as so few calls can tell."""
    return figure.apart <= 0.02 or abs(figure.simulated - figure.formula) <= figure.half_width

"""Tables of simulated days, in which one thing changes from row to row; each figure with its spread over seeds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict

import click

from scripts.simulation_runs import SIDES, Row, Setup, Spread, rows

TABLES = ("loads", "offers", "accepting", "sos")
_TITLES = {
    "loads": "calls that come, of those planned for",
    "offers": "a call-back is offered to whoever waits so long, or will",
    "accepting": "so many of those who are offered a call-back take it",
    "sos": "who rings for an SOS when no agent is idle",
}


def _percent(each: Spread) -> str:
    return f"{each.mean:.1%} ±{each.deviation * 100:.1f}"


def _fine(each: Spread) -> str:
    return f"{each.mean:.2%} ±{each.deviation * 100:.2f}"


def _seconds(each: Spread) -> str:
    return f"{each.mean:.1f} ±{each.deviation:.1f} s"


_COLUMNS: tuple[tuple[str, str, Callable[[Spread], str]], ...] = (
    ("within 15 s", "within_15", _percent),
    ("ASA", "answer_seconds", _seconds),
    ("abandoned", "abandoned", _fine),
    ("after 5 s", "abandoned_after_5", _fine),
    ("none free", "abandoned_unrung", _fine),
    ("called back", "called_back", _percent),
    ("... p99 after", "callback_wait_p99", _seconds),
    ("helped", "answered_or_called_back", _percent),
    ("SOS in 15 s", "sos_within_15", _fine),
    ("SOS in 60 s", "sos_within_60", _fine),
    ("SOS longest", "sos_wait_max", _seconds),
)


def tell_table(table: str, setup: Setup, *, days: int, seeds: Sequence[int], as_json: bool) -> None:
    """Play a table and print it, each row as soon as it is known. Raises StaffingError."""
    started, played, seconds = time.monotonic(), [], 0.0
    if not as_json:
        click.echo(f"{_TITLES[table]}; {len(seeds)} seeds of {days} days each, mean ± deviation of one seed")
        click.echo(f"{'':<16}{'':<13}" + "".join(f"{title:>15}" for title, _, _ in _COLUMNS))
    for row in rows(table, setup, days, seeds):
        played.append(row)
        seconds += row.seconds
        if not as_json:
            click.echo(_line(row))
    speed = seconds / (time.monotonic() - started)
    if as_json:
        found = [{"variant": each.variant, "side": each.side} | _figures(each) for each in played]
        run = {"table": table, "days": days, "seeds": list(seeds), "times_real_time": round(speed), "rows": found}
        click.echo(json.dumps(run, ensure_ascii=False))
    else:
        click.echo(f"played at {speed:,.0f} times real time")


def _figures(row: Row) -> dict[str, object]:
    return {name: asdict(each) for name, each in row.spreads.items()}


def _line(row: Row) -> str:
    return f"{row.variant:<16}{SIDES[row.side]:<13}" + "".join(
        f"{form(row.spreads[name]):>15}" for _, name, form in _COLUMNS
    )

"""Pictures of plans and of simulated days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from routing.staffing.plan import HalfHour, Needs
from routing.staffing.simulation.centre import Day, Outcome

_HOUR = 3600.0
_LONGEST_SHOWN = 180
"""Seconds of waiting that the curves show."""


def draw_plan(path: Path, day: date, plan: Sequence[HalfHour], needs: Needs) -> None:
    """Draw calls and agents by half hour. Raises click.ClickException when the file cannot be written."""
    figure = Figure(figsize=(11, 5), layout="constrained")
    calls = figure.subplots()
    hours = [each.index / 2 for each in plan]
    calls.bar(hours, [each.calls for each in plan], width=0.45, align="edge", color="#c9d8e6", label="calls")
    calls.set_ylabel("calls in the half hour")
    agents = calls.twinx()
    for n, level in enumerate(needs.levels):
        agents.step(hours, [each.agents[n][1] for each in plan], where="post", label=f"agents, {level.name}")
    rostered = f"roster ({needs.level.name}, shrinkage {needs.shrinkage:.0%})"
    agents.step(hours, [each.rostered for each in plan], where="post", linestyle="--", color="black", label=rostered)
    agents.set_ylim(bottom=0)
    agents.set_ylabel("agents")
    agents.legend(loc="upper right", fontsize=8)
    _hours(calls, f"{day:%A %Y-%m-%d}: calls and agents")
    _save(figure, path)


def draw_days(path: Path, sides: Mapping[str, Sequence[Day]], desks: Sequence[int]) -> None:
    """Draw who waited over the day (mean of all days), and how long callers waited. Raises click.ClickException."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    queue, waits = figure.subplots(2)
    agents = queue.twinx()
    agents.step([n / 2 for n in range(len(desks))], desks, where="post", color="#b0b0b0", label="agents")
    agents.set_ylabel("agents")
    agents.set_ylim(bottom=0)
    for name, days in sides.items():
        first = min((each.joined_at for day in days for each in day.ended), default=0.0) / _HOUR
        length = min(len(day.queue_by_minute) for day in days)
        mean = [sum(day.queue_by_minute[n] for day in days) / len(days) for n in range(length)]
        queue.plot([first + n / 60 for n in range(length)], mean, label=name, linewidth=1)
        answered = sorted(each.waited for day in days for each in day.ended if each.outcome is Outcome.ANSWERED)
        calls = sum(len(day.ended) for day in days)
        waits.plot(answered, [100 * (n + 1) / calls for n in range(len(answered))], label=name)
    queue.set_ylabel("calls that wait or ring")
    queue.legend(loc="upper right", fontsize=8)
    _hours(queue, "Callers in the queue (mean of the days) and agents")
    waits.set(xlim=(0, _LONGEST_SHOWN), xlabel="s", ylabel="% of all calls", title="Answered within")
    waits.axvline(15, color="#b0b0b0", linewidth=0.8)
    waits.legend(loc="lower right", fontsize=8)
    _save(figure, path)


def _hours(axes: Axes, title: str) -> None:
    axes.set_title(title)
    axes.set_xlabel("hour of the day")
    axes.xaxis.set_major_locator(MultipleLocator(1))


def _save(figure: Figure, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"the picture cannot be written to {path}: {error}") from error

"""Pictures of plans and of simulated days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean

import click
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from routing.calls.messages import CallerClass
from routing.staffing.plan import HalfHour, Needs
from routing.staffing.simulation.centre import Day, Ended, Outcome
from routing.staffing.simulation.figures import ANSWER_SECONDS

_HOUR = 3600.0
_SMOOTHED = 15
"""Minutes."""
_LONGEST_SHOWN = 90
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
    """Draw who waited over the day, and how long all callers and SOS waited. Raises click.ClickException."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    panels = figure.subplot_mosaic([["queue", "queue"], ["all", "sos"]])
    queue = panels["queue"]
    agents = queue.twinx()
    agents.step([n / 2 for n in range(len(desks))], desks, where="post", color="#b0b0b0", label="agents")
    agents.set_ylabel("agents (grey)")
    agents.set_ylim(bottom=0)
    for name, days in sides.items():
        ended = [each for day in days for each in day.ended]
        first = min((each.joined_at for each in ended), default=0.0) / _HOUR
        length = min(len(day.queue_by_minute) for day in days) // _SMOOTHED
        pieces = [slice(n * _SMOOTHED, (n + 1) * _SMOOTHED) for n in range(length)]
        mean = [fmean(number for day in days for number in day.queue_by_minute[piece]) for piece in pieces]
        queue.plot([first + (n + 0.5) * _SMOOTHED / 60 for n in range(length)], mean, label=name)
        _answered(panels["all"], name, ended)
        _answered(panels["sos"], name, [each for each in ended if each.caller_class is CallerClass.SOS])
    queue.set_ylabel("calls that wait or ring")
    queue.legend(loc="upper right", fontsize=8)
    _hours(queue, f"Callers in the queue (mean of the days, by {_SMOOTHED} min) and agents")
    staffed = [n / 2 for n, there in enumerate(desks) if there]
    queue.set_xlim(min(staffed) - 0.5, max(staffed) + 1)
    panels["all"].set(title="All calls: answered within", ylabel="% of the calls")
    panels["sos"].set(title="SOS: answered within")
    _save(figure, path)


def _answered(panel: Axes, name: str, ended: Sequence[Ended]) -> None:
    waits = sorted(each.waited for each in ended if each.outcome is Outcome.ANSWERED)
    panel.plot(waits, [100 * (n + 1) / len(ended) for n in range(len(waits))], label=name)
    panel.set(xlim=(0, _LONGEST_SHOWN), xlabel="s")
    panel.axvline(ANSWER_SECONDS, color="#b0b0b0", linewidth=0.8)
    panel.legend(loc="lower right", fontsize=8)


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

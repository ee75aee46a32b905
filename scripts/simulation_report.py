"""Simulated days in words and columns, and whether what the hotline aims at was met."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click

from routing.staffing.simulation.figures import ClassFigures, Figures

_NAMES = {"app_queue": "app_queue", "live": "live policy", "live_told": "live, told"}
_ROWS: tuple[tuple[str, Callable[[ClassFigures], str]], ...] = (
    ("calls", lambda each: f"{each.calls}"),
    ("answered within 15 s", lambda each: f"{each.within_15:.1%}"),
    ("average speed of answer", lambda each: f"{each.answer_seconds:.1f} s"),
    ("wait, p99", lambda each: f"{each.wait_p99:.1f} s"),
    ("wait, longest", lambda each: f"{each.wait_max:.1f} s"),
    ("abandoned", lambda each: f"{each.abandoned:.2%}"),
    ("abandoned after 5 s", lambda each: f"{each.abandoned_after_5:.2%}"),
    ("... no agent being free", lambda each: f"{each.abandoned_unrung:.2%}"),
    ("called back", lambda each: f"{each.called_back:.2%}"),
)
_STAYED: tuple[tuple[str, Callable[[ClassFigures], str]], ...] = (
    ("who stayed: within 15 s", lambda each: f"{each.stayed_within_15:.2%}"),
    ("who stayed: within 60 s", lambda each: f"{each.stayed_within_60:.2%}"),
)


def tell(
    sides: Mapping[str, Figures], *, calls: float, load: float, days: int, agents: int, told: float, speed: float
) -> None:
    """Print all figures side by side, then each aim and whether it was met."""
    click.echo(f"{days} days of {calls * load:.0f} calls ({load:.0%} of {calls:.0f} planned), at most {agents} agents")
    click.echo(f"{'':<28}" + "".join(f"{_NAMES[name]:>14}" for name in sides))
    _block("all", [each.all for each in sides.values()], _ROWS)
    for name in next(iter(sides.values())).by_class:
        rows = _ROWS + (_STAYED if name == "sos" else ())
        _block(name, [each.by_class[name] for each in sides.values() if name in each.by_class], rows)
    _line("answered or called back", [f"{each.answered_or_called_back:.2%}" for each in sides.values()])
    _line("had the skills wanted", [f"{each.had_wanted_skills:.1%}" for each in sides.values()])
    _line("call-back after (median)", [f"{each.callback_wait_median:.0f} s" for each in sides.values()])
    _line("error of announced wait", [f"{each.estimate_error:.1f} s" for each in sides.values()])
    _line("... app_queue's way", [f"{each.app_queue_estimate_error:.1f} s" for each in sides.values()])
    _line("occupancy", [f"{each.occupancy:.0%}" for each in sides.values()])
    _line("longest queue", [f"{each.queue_longest}" for each in sides.values()])
    click.echo(f"told: patience left grows {told} times once a caller is told their place")
    click.echo(f"played at {speed:,.0f} times real time")
    for name in ("live", "live_told"):
        click.echo(f"aims, {_NAMES[name]}:")
        for aim, met in aims(sides[name], sides["app_queue"]).items():
            click.echo(f"  {'met   ' if met else 'MISSED'} {aim}")


def aims(live: Figures, queue: Figures) -> dict[str, bool]:
    """Tell for each aim of the project whether the live policy met it."""
    sos = live.by_class.get("sos")
    return {
        "SOS answered within 15 s in 99 %": sos is None or sos.stayed_within_15 >= 0.99,
        "SOS answered within 60 s in all": sos is None or sos.stayed_within_60 >= 1.0,
        "abandoned at most half of app_queue's": live.all.abandoned <= queue.all.abandoned / 2,
        "abandoned after 5 s at most half of app_queue's": (
            live.all.abandoned_after_5 <= queue.all.abandoned_after_5 / 2
        ),
        "95 % answered or called back": live.answered_or_called_back >= 0.95,
    }  # fmt: skip


def _block(name: str, sides: list[ClassFigures], rows: tuple[tuple[str, Callable[[ClassFigures], str]], ...]) -> None:
    click.echo(name)
    for title, form in rows:
        _line(f"  {title}", [form(each) for each in sides])


def _line(title: str, values: list[str]) -> None:
    click.echo(f"{title:<28}" + "".join(f"{value:>14}" for value in values))

"""`elderline simulate`: a day through the live policy and through app_queue's rules, on the same callers."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import click

from routing.calls.messages import CallerClass
from routing.staffing.erlang import StaffingError
from routing.staffing.history import HALF_HOURS, scaled
from routing.staffing.plan import Needs, desks, plan_day
from routing.staffing.simulation.callers import Habits
from routing.staffing.simulation.figures import figures
from scripts.call_days import SHIPPED, keep_pictures_cache, profile
from scripts.commands.settings import current_settings
from scripts.commands.simulator_check import check
from scripts.commands.staffing import LEVELS
from scripts.simulation_report import tell
from scripts.simulation_runs import Setup, settled_centre
from scripts.simulation_tables import TABLES, tell_table

_SHARE = click.FloatRange(0, 1)
_SECONDS = click.FloatRange(1, 86_400)
_TOLD_PATIENCE = 2.6


@click.command("simulate")
@click.option("--profile", "profile_name", default=SHIPPED, show_default=True, help="CSV of one day (time,calls).")
@click.option("--calls", type=click.FloatRange(1, 50_000), default=3000, show_default=True, help="Calls planned for.")
@click.option(
    "--load", type=click.FloatRange(0.05, 5), default=1.2, show_default=True, help="Calls that come, of these."
)
@click.option("--days", type=click.IntRange(1, 1000), default=10, show_default=True, help="Days to play.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same days.")
@click.option("--level", type=click.Choice(list(LEVELS)), default="GB/T 33358", show_default=True, help="Staffed for.")
@click.option("--talk", type=_SECONDS, default=157.0, show_default=True, help="Mean talk, s.")
@click.option("--patience", type=_SECONDS, default=180.0, show_default=True, help="Mean patience, s.")
@click.option("--told-patience", type=click.FloatRange(1, 10), default=_TOLD_PATIENCE, show_default=True,
              help="Patience left grows so many times once told one's place (docs/staffing.md).")  # fmt: skip
@click.option("--sos-share", type=_SHARE, default=0.02, show_default=True, help="SOS calls of all.")
@click.option("--retry-share", type=_SHARE, default=0.6, show_default=True, help="Who gave up and calls again.")
@click.option("--accept-share", type=_SHARE, default=0.375, show_default=True, help="Who takes a call-back.")
@click.option("--callback-offer", type=_SECONDS, help="Seconds until a call-back is offered; default: the setting.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Picture, .svg or .png; default in var.")
@click.option("--no-plot", is_flag=True, help="Draw nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--table", type=click.Choice(TABLES), help="Instead: both policies while one thing changes.")
@click.option("--seeds", type=click.IntRange(1, 100), default=5, show_default=True, help="Of a table: --days for each.")
@click.option("--check", "check_calls", type=click.IntRange(2_000, 10_000_000), is_flag=False, flag_value=400_000,
              help="Instead: play so many calls (400000) of a plain queue and compare with Erlang A.")  # fmt: skip
def simulate_command(
    *,
    profile_name: str,
    calls: float,
    load: float,
    days: int,
    seed: int,
    level: str,
    talk: float,
    patience: float,
    told_patience: float,
    sos_share: float,
    retry_share: float,
    accept_share: float,
    callback_offer: float | None,
    plot: Path | None,
    no_plot: bool,
    as_json: bool,
    table: str | None,
    seeds: int,
    check_calls: int | None,
) -> None:
    """Play days of calls through the live policy, and the same callers through app_queue's rules.

    Agents are planned for --calls by Erlang C; --load times as many come. The live side is played twice: as if being
    told one's place changed nobody's patience, and with the effect that was measured elsewhere.
    """
    if check_calls is not None:
        check(check_calls, seed, as_json)
        return
    settings = current_settings()
    course = profile(profile_name)
    habits = _habits(talk, patience, sos_share, retry_share, accept_share)
    try:
        handle = talk + settings.wrap_up_seconds + habits.pick_up_seconds
        plan = plan_day(scaled(course, calls), Needs(handle, 0.0, None, level=LEVELS[level]))
        centre = settled_centre(settings, desks(plan, HALF_HOURS), callback_offer)
        setup = Setup(centre, habits, course, calls, load, told_patience)
        if table is not None:
            tell_table(table, setup, days=days, seeds=range(seed, seed + seeds), as_json=as_json)
            return
        started = time.monotonic()
        sides = setup.sides(days, seed)
    except StaffingError as error:
        raise click.ClickException(str(error)) from error
    speed = sum(day.simulated_seconds for side in sides.values() for day in side) / (time.monotonic() - started)
    summed = {name: figures(side) for name, side in sides.items()}
    if as_json:
        run = {"calls_planned": calls, "load": load, "days": days, "seed": seed, "times_real_time": round(speed)}
        click.echo(json.dumps({**run, **{name: asdict(each) for name, each in summed.items()}}, ensure_ascii=False))
    else:
        tell(summed, calls=calls, load=load, days=days, agents=max(centre.desks), told=told_patience, speed=speed)
    if not no_plot:
        keep_pictures_cache(settings)
        # Only here, for it takes a second to load.
        from scripts.staffing_plots import draw_days  # noqa: PLC0415

        path = plot or settings.var_dir / "staffing" / "simulation.svg"
        draw_days(path, sides, centre.desks)
        click.echo(f"picture: {path}", err=as_json)


def _habits(talk: float, patience: float, sos: float, retry: float, accept: float) -> Habits:
    """Keep the other classes in proportion, whatever the share of SOS is."""
    usual = Habits()
    rest = 1 - usual.shares[CallerClass.SOS]
    shares = {name: share * (1 - sos) / rest for name, share in usual.shares.items()} | {CallerClass.SOS: sos}
    return Habits(
        shares, talk_seconds=talk, patience_seconds=patience, retry_share=retry, accept_share=accept
    )  # fmt: skip

"""`elderline staffing`: how many agents tomorrow takes, half hour by half hour."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from routing.staffing.erlang import StaffingError
from routing.staffing.forecast import BackTest, Forecast, Method, NoHistory, back_test, forecast
from routing.staffing.history import History, label, scaled
from routing.staffing.levels import STANDARDS
from routing.staffing.plan import HalfHour, Needs, plan_day
from scripts.call_days import SHIPPED, history_of_database, history_of_file, keep_pictures_cache, profile
from scripts.commands.settings import current_settings

_SHARE = click.FloatRange(0, 0.95)
_SECONDS = click.FloatRange(1, 86_400)
LEVELS = {level.name: level for level in STANDARDS}


@click.command("staffing")
@click.option("--history", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV: time,calls.")
@click.option("--profile", "profile_name", help=f"CSV of one day (time,calls), or {SHIPPED}; goes with --calls.")
@click.option("--calls", type=click.FloatRange(1, 1e6), help="Calls of the whole day; without it as forecast.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to plan; tomorrow if not given.")
@click.option("--handle", type=_SECONDS, default=180.0, show_default=True, help="Seconds of a talk and its notes.")
@click.option("--shrinkage", type=_SHARE, default=0.3, show_default=True, help="Share of the roster not at desks.")
@click.option(
    "--patience", type=_SECONDS, help="Mean seconds until callers give up; without it nobody does (Erlang C)."
)
@click.option("--level", type=click.Choice(list(LEVELS)), default=STANDARDS[0].name, show_default=True)
@click.option("--weeks", type=click.IntRange(1, 260), default=12, show_default=True, help="Weeks to look back.")
@click.option("--holiday", "holidays", multiple=True, type=click.DateTime(["%Y-%m-%d"]), help="A day to leave out.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Picture, .svg or .png; default in var.")
@click.option("--no-plot", is_flag=True, help="Draw nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def staffing_command(
    *,
    history: Path | None,
    profile_name: str | None,
    calls: float | None,
    day: datetime | None,
    handle: float,
    shrinkage: float,
    patience: float | None,
    level: str,
    weeks: int,
    holidays: tuple[datetime, ...],
    plot: Path | None,
    no_plot: bool,
    as_json: bool,
) -> None:
    """Print the agents that each half hour of a day takes, from the calls of the past weeks, and draw them.

    The past is the database's; or give a history, or a profile of one day.
    """
    settings = current_settings()
    planned = (day or datetime.now(settings.zone) + timedelta(days=1)).date()
    errors = None
    if profile_name:
        expected = Forecast(planned, scaled(profile(profile_name), calls or 3000), (), ())
    else:
        past = history_of_file(history, settings.zone) if history else history_of_database(settings, 2 * weeks)
        if not past:
            raise click.ClickException("the database has no calls yet; give --history FILE or --profile bank_calls")
        off = {each.date() for each in holidays}
        expected = _forecast(past, planned if day or not history else max(past) + timedelta(days=1), weeks, off)
        if calls:
            expected = Forecast(expected.day, scaled(expected.calls, calls), expected.based_on, expected.left_out)
        errors = _errors(past, weeks)
    needs = Needs(handle, shrinkage, patience, STANDARDS, LEVELS[level])
    try:
        plan = plan_day(expected.calls, needs)
    except StaffingError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(_as_json(expected, plan, needs, errors), ensure_ascii=False))
    else:
        _print(expected, plan, needs, errors)
    if not no_plot:
        keep_pictures_cache(settings)
        # Only here, for it takes a second to load.
        from scripts.staffing_plots import draw_plan  # noqa: PLC0415

        path = plot or settings.var_dir / "staffing" / f"{expected.day}.svg"
        draw_plan(path, expected.day, plan, needs)
        click.echo(f"picture: {path}", err=as_json)


def _forecast(past: History, day: date, weeks: int, holidays: set[date]) -> Forecast:
    try:
        return forecast(past, day, Method(weeks), holidays)
    except NoHistory as error:
        raise click.ClickException(f"nothing to forecast from: {error}") from error


def _errors(past: History, weeks: int) -> BackTest | None:
    try:
        return back_test(past, Method(weeks))
    except NoHistory:
        return None


def _as_json(
    expected: Forecast, plan: tuple[HalfHour, ...], needs: Needs, errors: BackTest | None
) -> dict[str, object]:
    rows = [{**asdict(each), "time": label(each.index), "agents": dict(each.agents)} for each in plan]
    return {
        "day": expected.day.isoformat(),
        "calls": sum(expected.calls),
        "based_on_days": len(expected.based_on),
        "left_out": [each.isoformat() for each in expected.left_out],
        "level": needs.level.name,
        "half_hours": rows,
        "back_test": asdict(errors) if errors else None,
    }


def _print(expected: Forecast, plan: tuple[HalfHour, ...], needs: Needs, errors: BackTest | None) -> None:
    click.echo(f"{expected.day:%A %Y-%m-%d}: {sum(expected.calls):.0f} calls, {needs.handle_seconds:.0f} s each")
    if expected.based_on:
        click.echo(f"from {len(expected.based_on)} like days, {expected.based_on[0]} to {expected.based_on[-1]}")
    if expected.left_out:
        click.echo(f"left out as unlike the others: {', '.join(map(str, expected.left_out))}")
    seconds = needs.level.goals[0].seconds
    columns = "".join(f"{level.name:>12}" for level in needs.levels)
    click.echo(f"time   calls   load{columns}   roster  within {seconds:.0f} s  answer s  abandoned  occupancy")
    for each in plan:
        agents = "".join(f"{number:>12}" for _, number in each.agents)
        click.echo(
            f"{label(each.index)} {each.calls:6.1f} {each.load:6.2f}{agents} {each.rostered:8}"
            f" {each.answered_within:11.1%} {each.answer_seconds:9.1f} {each.abandoned:10.1%} {each.occupancy:10.0%}"
        )
    click.echo(f"roster: for {needs.level.name} ({needs.level.source}), with a shrinkage of {needs.shrinkage:.0%}")
    if errors:
        click.echo(
            f"back-test, a week ahead, {errors.days} days: off by {errors.half_hours:.1%} a half hour and"
            f" {errors.day_totals:.1%} a day"
            f" (last week again: {errors.naive_half_hours:.1%}, {errors.naive_day_totals:.1%})"
        )

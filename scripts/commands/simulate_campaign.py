"""`elderline simulate-campaign`: a morning's message to many beside the usual calls, with and without it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

import click

from routing.outreach.pacing import PacingRules, lines_for_calls
from routing.staffing.history import HALF_HOURS, scaled
from routing.staffing.plan import Needs, desks, plan_day
from routing.staffing.simulation.callers import Habits, draw_day
from routing.staffing.simulation.campaign import CampaignDay, CampaignHall, Telling
from routing.staffing.simulation.centre import Ended, Outcome
from routing.staffing.simulation.live import LiveHall
from scripts.call_days import SHIPPED, profile
from scripts.commands.settings import current_settings
from scripts.commands.staffing import LEVELS
from scripts.simulation_runs import settled_centre

_T_95 = 1.96
"""For 20 days and more; for fewer the intervals are a little too narrow."""
_WITHIN = 15.0


@dataclass(frozen=True)
class Figure:
    """A mean over days, and the half-width of its 95 % interval."""

    mean: float
    half_width: float


@click.command("simulate-campaign")
@click.option("--telephones", type=click.IntRange(1, 20_000), default=2_000, show_default=True, help="To be rung.")
@click.option("--until", type=click.IntRange(9, 21), default=12, show_default=True, help="Hour at which it ends.")
@click.option("--attempts", type=click.IntRange(1, 5), default=1, show_default=True, help="Calls to a telephone.")
@click.option("--lines", type=click.IntRange(1, 1_000), default=30, show_default=True, help="Of the trunk.")
@click.option("--share", type=click.FloatRange(0.01, 1), default=0.3, show_default=True, help="That calls may take.")
@click.option("--calls", type=click.FloatRange(1, 50_000), default=1_500, show_default=True, help="Inbound, a day.")
@click.option(
    "--load", type=click.FloatRange(0.05, 5), default=1.0, show_default=True, help="Calls that come, of these."
)
@click.option("--days", type=click.IntRange(2, 1_000), default=20, show_default=True, help="Days to play.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same days.")
@click.option("--message", type=click.FloatRange(1, 300), default=32.0, show_default=True, help="Talk of a call, s.")
@click.option("--person-share", type=click.FloatRange(0, 1), default=0.03, show_default=True, help="Who presses 0.")
@click.option(
    "--reserve", type=click.FloatRange(0, 1, max_open=True), help="Share of agents left free; unset: as it is set."
)
@click.option("--quiet", type=click.FloatRange(0, 3600), help="Seconds of stillness after a wait; unset: as it is set.")
@click.option("--more-agents", type=click.IntRange(0, 50), default=0, show_default=True, help="While it is told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def simulate_campaign_command(
    *, telephones: int, until: int, attempts: int, lines: int, share: float, calls: float, load: float, days: int,
    seed: int, message: float, person_share: float, reserve: float | None, quiet: float | None, more_agents: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Play days on which many are told a message from 8 to 12, and the same days without it, on the same callers."""
    settings = current_settings()
    course, habits = profile(SHIPPED), Habits()
    handle = habits.talk_seconds + settings.wrap_up_seconds + habits.pick_up_seconds
    plan = plan_day(scaled(course, calls), Needs(handle, 0.0, None, level=LEVELS["GB/T 33358"]))
    planned = desks(plan, HALF_HOURS)
    centre = settled_centre(settings, planned, None)
    rules = PacingRules(lines, share, lines, reserve=settings.campaign_reserve if reserve is None else reserve)
    telling = Telling(
        telephones, lines=lines_for_calls(rules), message_seconds=message, person_share=person_share,
        ends=until * 3600.0, attempts=attempts,
    )  # fmt: skip
    drawn = [draw_day(scaled(course, calls * load), habits, seed * 10_000 + n) for n in range(days)]
    more = [each + more_agents * (telling.begins <= n * 1800 < telling.ends) for n, each in enumerate(planned)]
    helped = settled_centre(settings, tuple(more), None)
    without = [LiveHall(centre, needs).run() for needs in drawn]
    told = [
        CampaignHall(
            helped, needs, telling, rules, seed=seed * 10_000 + n,
            found_nobody_seconds=settings.abandoned_after_seconds,
            quiet_seconds=settings.campaign_quiet_seconds if quiet is None else quiet,
        ).run_both()
        for n, needs in enumerate(drawn)
    ]  # fmt: skip
    found = {
        "without": [_morning(day.ended, telling) for day in without],
        "with": [_morning(day.inbound.ended, telling) for day in told],
    }
    summary = _summary(found, told, telling)
    if as_json:
        click.echo(json.dumps({name: vars(each) for name, each in summary.items()}))
        return
    click.echo(
        f"{telephones} telephones from 8:00 to {until}:00 on {telling.lines} of {lines} lines, {calls * load:.0f} "
        f"inbound calls a day, {max(centre.desks)} agents at most, {days} days; inbound figures are of those hours"
    )
    for name, each in summary.items():
        click.echo(f"{name:44}{each.mean:10.2f} +- {each.half_width:.2f}")


def _morning(ended: Sequence[Ended], telling: Telling) -> dict[str, float]:
    """Give the figures of the calls that came while the message was told."""
    mine = [each for each in ended if telling.begins <= each.joined_at < telling.ends]
    answered = [each.waited for each in mine if each.outcome is Outcome.ANSWERED]
    return {
        "answered within 15 s, %": 100 * sum(each <= _WITHIN for each in answered) / max(1, len(mine)),
        "average speed of answer, s": fmean(answered) if answered else 0.0,
        "longest wait of the morning, s": max((each.waited for each in mine), default=0.0),
        "abandoned, %": 100 * sum(each.outcome is Outcome.ABANDONED for each in mine) / max(1, len(mine)),
    }


def _summary(
    found: dict[str, list[dict[str, float]]], told: Sequence[CampaignDay], telling: Telling
) -> dict[str, Figure]:
    names = list(found["with"][0])
    shown: dict[str, Figure] = {}
    for name in names:
        sides = {side: [each[name] for each in days] for side, days in found.items()}
        shown |= {f"{name}: {side}": _figure(values) for side, values in sides.items()}
        apart = [after - before for after, before in zip(sides["with"], sides["without"], strict=True)]
        shown[f"{name}: difference"] = _figure(apart)
    ends = [(day.last_at or 0.0) / 3600 for day in told]
    return shown | {
        "calls made": _figure([day.dialled for day in told]),
        "last call at, o'clock": _figure(ends),
        "latest of all days, o'clock": Figure(max(ends), 0.0),
        "all rung once at, o'clock": _figure([(day.first_round_at or telling.ends) / 3600 for day in told]),
        "days on which not all were rung": Figure(sum(day.first_round_at is None for day in told), 0.0),
        "reached": _figure([day.answered for day in told]),
        "not reached": _figure([telling.telephones - day.answered for day in told]),
        "asked for a person": _figure([day.asked for day in told]),
        "found nobody in time, % of the answered": _figure(
            [100 * day.abandoned / max(1, day.answered) for day in told]
        ),
        "most calls at once": Figure(max(day.most_at_once for day in told), 0.0),
        "calls made while somebody waited": Figure(sum(day.dialled_while_waiting for day in told), 0.0),
        "lines taken at the most": Figure(max(day.lines_most for day in told), 0.0),
        "seconds with too few lines, a morning": _figure([day.lines_over_seconds for day in told]),
    }


def _figure(values: Sequence[float]) -> Figure:
    return Figure(fmean(values), _T_95 * stdev(values) / sqrt(len(values)))

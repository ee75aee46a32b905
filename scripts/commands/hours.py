"""`elderline hours`: is the hotline open, what does the coming week look like, and who is on duty."""

from __future__ import annotations

import json
from datetime import datetime

import click
from sqlalchemy.exc import SQLAlchemyError

from db.demo_hours import EXAMPLE_WEEK
from routing.hours.policy import DayKind, standing, week_of, write_spans
from routing.hours.register import HoursPlan
from routing.hours.rota import on_duty, write_times
from routing.numbers import masked
from scripts.commands.settings import current_settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import now, open_stores


@click.command("hours")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 400), help="So many days from today.")
@click.option("--example", is_flag=True, help="Take an office's week first: for development, where it is open all day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def hours_command(days: int, example: bool, as_json: bool) -> None:
    """Print whether the hotline is open, the hours of the coming days, and who is on duty (numbers are masked)."""
    settings = current_settings()
    if example and not settings.development:
        raise click.ClickException("the example is for the development profile; set hours on the supervisor's page")
    stores = open_stores(settings)
    try:
        register = HotlineServices(stores).hours_register
        if example:
            register.set_week({DayKind(kind): hours for kind, hours in EXAMPLE_WEEK.items()})
        plan = register.plan()
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer ({type(error).__name__}); run ./scripts/up"
        ) from error
    finally:
        stores.redis.close()
        stores.engine.dispose()
    if as_json:
        click.echo(json.dumps(_as_json(plan, now(), days), ensure_ascii=False))
    else:
        _print(plan, now(), days)


def _as_json(plan: HoursPlan, at: datetime, days: int) -> dict[str, object]:
    stands = standing(plan.calendar, at)
    known_until = plan.calendar.known_until
    return {
        "open": stands.open,
        "why": stands.why.value,
        "name": stands.name,
        "until": stands.until.astimezone(plan.calendar.zone).isoformat() if stands.until else None,
        "holidays_known_until": known_until.isoformat() if known_until else None,
        "days": [
            {"day": each.day.isoformat(), "hours": write_spans(each.spans), "why": each.why.value, "name": each.name,
             "known": each.known}
            for each in week_of(plan.calendar, at, days)
        ],
        "on_duty": [masked(each.number) for each in on_duty(plan.phones, plan.calendar, at)],
    }  # fmt: skip


def _print(plan: HoursPlan, at: datetime, days: int) -> None:
    stands = standing(plan.calendar, at)
    until = f" until {stands.until.astimezone(plan.calendar.zone):%Y-%m-%d %H:%M}" if stands.until else ""
    click.echo(f"{'open' if stands.open else 'closed'}{until} ({_why(stands.why.value, stands.name)})")
    for each in week_of(plan.calendar, at, days):
        unknown = "" if each.known else "; public holidays not known"
        spans = write_spans(each.spans) or "closed"
        click.echo(f"{each.day:%Y-%m-%d %a}  {spans:<26} {_why(each.why.value, each.name)}{unknown}")
    there = {each.id for each in on_duty(plan.phones, plan.calendar, at)}
    for n, phone in enumerate(plan.phones, start=1):
        duty = "on duty now" if phone.id in there else "off duty"
        click.echo(f"duty phone {n}: {masked(phone.number)} {duty}; {write_times(phone.times) or 'always'}")
    if not plan.phones:
        click.echo("no duty phones: whoever calls after hours leaves a message")
    if plan.calendar.known_until:
        click.echo(f"public holidays are known until {plan.calendar.known_until}")


def _why(why: str, name: str) -> str:
    return f"{why}: {name}" if name else why

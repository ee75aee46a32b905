"""`elderline scorecards`: how companies did in the last 90 days, or one of them by month, with a picture."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from routing.orders.scorecards.policy import Scorecard, Share
from routing.orders.scorecards.service import MOST_MONTHS, CompanyCard, MonthCard, Scorecards
from scripts.call_days import keep_pictures_cache
from scripts.commands.settings import current_settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores


@click.command("scorecards")
@click.option("--company", "code", help="Code of one company: its months.")
@click.option("--months", type=click.IntRange(1, MOST_MONTHS), default=12, show_default=True)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Picture, .svg; default in var.")
@click.option("--no-plot", is_flag=True, help="Draw nothing.")
@click.option("--refresh", is_flag=True, help="Write down how companies stand, as the job does, first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def scorecards_command(
    *, code: str | None, months: int, plot: Path | None, no_plot: bool, refresh: bool, as_json: bool
) -> None:
    """Print the scorecards of companies, and draw them."""
    settings = current_settings()
    services = HotlineServices(open_stores(settings)).scorecards
    if refresh:
        click.echo(f"{services.refresh()} suspensions suggested", err=as_json)
    cards = services.all()
    if code is None:
        _tell_all(cards, as_json=as_json)
        name = "comparison"
    else:
        one = next((each for each in cards if each.code == code), None)
        if one is None:
            raise click.ClickException(f"there is no company {code}; there are {', '.join(e.code for e in cards[:20])}")
        _tell_one(one, services.months(one.company_id, months), as_json=as_json)
        name = code
    if not no_plot:
        keep_pictures_cache(settings)
        path = plot or settings.var_dir / "scorecards" / f"{name}.svg"
        _draw(path, services, cards, code, months)
        click.echo(f"picture: {path}", err=as_json)


def _draw(path: Path, services: Scorecards, cards: tuple[CompanyCard, ...], code: str | None, months: int) -> None:
    # Only here, for it takes a second to load.
    from routing.orders.scorecards.pictures import ENGLISH, draw_comparison, draw_months  # noqa: PLC0415

    if code is None:
        picture = draw_comparison(cards, ENGLISH)
    else:
        company = next(each for each in cards if each.code == code)
        picture = draw_months(company.name, services.months(company.company_id, months), ENGLISH)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    except OSError as error:
        raise click.ClickException(f"the picture cannot be written to {path}: {error}") from error


def _tell_all(cards: tuple[CompanyCard, ...], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"companies": [_of_company(each) for each in cards]}, ensure_ascii=False))
        return
    click.echo(f"{'company':>10}{_HEADINGS}")
    for each in cards:
        why = "; ".join(ground.reason for ground in each.grounds)
        click.echo(
            f"{each.code:>10}{_line(each.card)}{'  suspended' if each.suspended else ''}{'  ' + why if why else ''}"
        )


def _tell_one(one: CompanyCard, months: tuple[MonthCard, ...], *, as_json: bool) -> None:
    if as_json:
        shown = [{"month": each.month.isoformat(), **_of_card(each.card)} for each in months]
        click.echo(json.dumps(_of_company(one) | {"months": shown}, ensure_ascii=False))
        return
    click.echo(f"{'':>10}{_HEADINGS}")
    for each in months:
        click.echo(f"{each.month:%Y-%m}   {_line(each.card)}")
    click.echo(f"{'90 days':>10}{_line(one.card)}\nscore: {one.card.score_formula}")
    for reason, number in sorted(one.card.declined_for.items(), key=lambda pair: -pair[1]):
        click.echo(f"declined for {reason or 'no reason given'}: {number}")


_HEADINGS = "  accepted   answer   on time  verified  score  complaints/100  disputes   done"


def _line(card: Scorecard) -> str:
    answer = f"{card.answer_seconds:.0f} s" if card.answer_seconds is not None else "-"
    complaints = f"{card.complaints_per_100:.1f}" if card.complaints_per_100 is not None else "-"
    return (
        f"{_percent(card.acceptance):>10}{answer:>9}{_percent(card.punctuality):>10}{_percent(card.verified):>10}"
        f"{card.score:7.2f}{complaints:>16}{card.counts.disputes:>10}{card.counts.done:>7}"
    )


def _percent(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.0%}"


def _of_company(each: CompanyCard) -> dict[str, Any]:
    return {
        "code": each.code, "active": each.active, "suspended": each.suspended,
        "grounds": [asdict(ground) for ground in each.grounds], **_of_card(each.card),
    }  # fmt: skip


def _of_card(card: Scorecard) -> dict[str, Any]:
    return asdict(card) | {name: getattr(card, name).value for name in ("acceptance", "punctuality", "verified")}

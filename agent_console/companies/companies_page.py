"""Companies as supervisors see them: the list with scorecards, one company, and pictures of both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.privacy import Lens, audit
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import word
from db.models import Company, Offer
from routing.errors import NotFound
from routing.orders.providers.line import line_code
from routing.orders.scorecards.policy import Share
from routing.orders.scorecards.service import CompanyCard

blueprint = Blueprint("companies_page", __name__, url_prefix="/supervisor/companies")

MONTHS = 12
_OFFERS = 50


def _of(share: Share) -> float | None:
    return share.value


_COLUMNS: Final = MappingProxyType[str, Callable[[CompanyCard], float | str | None]](
    {
        "code": lambda each: each.code,
        "name": lambda each: each.name,
        "acceptance": lambda each: _of(each.card.acceptance),
        "answer": lambda each: each.card.answer_seconds,
        "punctuality": lambda each: _of(each.card.punctuality),
        "verified": lambda each: _of(each.card.verified),
        "score": lambda each: each.card.score,
        "complaints": lambda each: each.card.complaints_per_100,
        "disputes": lambda each: each.card.counts.disputes,
        "done": lambda each: each.card.counts.done,
    }
)
"""What the list can be sorted by."""


@blueprint.get("")
def index() -> str:
    """All companies with their scorecards of the last 90 days; `sort` is a column, with a hyphen the other way."""
    asked = request.args.get("sort", "code")
    column = asked.removeprefix("-") if asked.removeprefix("-") in _COLUMNS else "code"
    down = asked.startswith("-")
    cards = list(console_services().scorecards.all())
    return render_template(
        "companies.html", cards=_sorted(cards, column, down=down), columns=tuple(_COLUMNS), column=column, down=down
    )


@blueprint.get("/<int:company_id>")
def show(company_id: int) -> str:
    """One company: scorecard, what speaks against it, offers, and the forms to change what is known of it."""
    services, who = console_services(), identity()
    card = services.scorecards.of_company(company_id)
    with services.reading() as work:
        company = work.get_one(Company, company_id)
        offers = work.scalars(
            select(Offer)
            .where(Offer.company_id == company_id)
            .options(selectinload(Offer.order))
            .order_by(Offer.id.desc())
            .limit(_OFFERS)
        ).all()
    audit(services, who, "provider.record", f"company:{company_id}")
    return render_template(
        "company.html", company=company, card=card, offers=offers, lens=Lens(who), line_code=line_code(company_id),
        months=services.scorecards.months(company_id, MONTHS), left=services.suspensions.left_with(company_id),
        suspension=services.suspensions.now(company_id), decisions=services.suspensions.history(company_id),
        available=services.availability.now(company_id), words=services.availability.history(company_id),
        phones=services.company_register.phones(company_id), has_pin=services.company_register.has_pin(company_id),
    )  # fmt: skip


@blueprint.get("/<int:company_id>/scorecard.svg")
def picture(company_id: int) -> Response:
    """A company's scorecard over the last twelve months."""
    services = console_services()
    with services.reading() as work:
        name = work.scalar(select(Company.name).where(Company.id == company_id))
    if name is None:
        raise NotFound(f"there is no company {company_id}")
    _keep_fonts(services)
    from routing.orders.scorecards.pictures import ENGLISH, draw_months  # noqa: PLC0415  # It takes a second to load.

    return Response(
        draw_months(name, services.scorecards.months(company_id, MONTHS), _words(ENGLISH)), mimetype="image/svg+xml"
    )


@blueprint.get("/comparison.svg")
def comparison() -> Response:
    """Companies beside each other."""
    services = console_services()
    _keep_fonts(services)
    from routing.orders.scorecards.pictures import ENGLISH, draw_comparison  # noqa: PLC0415  # It takes a second to load.

    return Response(draw_comparison(services.scorecards.all(), _words(ENGLISH)), mimetype="image/svg+xml")


def _words(names: Iterable[str]) -> dict[str, str]:
    return {name: word("picture", name) for name in names}


def _keep_fonts(services: ConsoleServices) -> None:
    os.environ.setdefault("MPLCONFIGDIR", str(services.settings.var_dir / "matplotlib"))


def _sorted(cards: list[CompanyCard], column: str, *, down: bool) -> list[CompanyCard]:
    """Sort by a column; who has no value there comes last, either way."""
    value = _COLUMNS[column]
    known = [each for each in cards if value(each) is not None]
    known.sort(key=lambda each: (value(each), each.company_id), reverse=down)
    return [*known, *(each for each in cards if value(each) is None)]

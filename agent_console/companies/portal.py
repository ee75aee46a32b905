"""What a company's own user sees, and all of it: the orders, visits, scorecard and statements of that company.

The company is the user's, never the address's: there is no address of another's. A home is shown while somebody has
to go there, from accepted until done; before and after, names are masked and addresses left out.
"""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import islice
from typing import Final

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.companies.companies_page import MONTHS
from agent_console.orders.statements_page import note
from agent_console.paging import USUAL, read_page
from agent_console.privacy import mask_name, write_down
from agent_console.services import console_services
from agent_console.texts import word
from db.models import Company, Elder, Order
from routing.orders.evv.facts import facts_of
from routing.orders.pricing.sheets import as_csv, as_xlsx

NEEDED: Final = frozenset({"accepted", "visiting"})
"""States of an order in which the company must find the door."""
_VISITS: Final = 200
_FORMS: Final = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}

blueprint = Blueprint("company_portal", __name__, url_prefix="/company")


@blueprint.get("")
def orders() -> str:
    """The company's orders, the newest first. Homes that are shown are in the audit."""
    company, services = own_company(), console_services()
    query = (
        select(Order)
        .where(Order.company_id == company.id)
        .options(selectinload(Order.item), selectinload(Order.worker), selectinload(Order.elder))
    )
    with services.reading() as work:
        page = read_page(work, query, (Order.id,), request.args.get("cursor"), USUAL)
    shown = [(order, _home(order)) for order in page.rows]
    seen = ",".join(f"elder:{order.elder_id}" for order, home in shown if home)
    if seen:
        write_down(services, identity(), "provider.homes_seen", "list", seen)
    return render_template("portal_orders.html", company=company, page=page, shown=shown, mask=mask_name)


@blueprint.get("/visits")
def visits() -> str:
    """The company's visits of one day."""
    company, services = own_company(), console_services()
    zone = services.settings.zone
    day = day_of(request.args, "day") or services.clock().astimezone(zone).date()
    found = facts_of(services.reading, zone, day, day, company_id=company.id)
    return render_template(
        "portal_visits.html", company=company, visits=list(islice(found, _VISITS)), day=day,
        before=day - timedelta(days=1), after=day + timedelta(days=1),
    )  # fmt: skip


@blueprint.get("/scorecard")
def scorecard() -> str:
    """How the company does, as those see it who dispatch."""
    company = own_company()
    card = console_services().scorecards.of_company(company.id)
    return render_template("portal_scorecard.html", company=company, card=card)


@blueprint.get("/scorecard.svg")
def picture() -> Response:
    """The scorecard over the last twelve months."""
    company, services = own_company(), console_services()
    os.environ.setdefault("MPLCONFIGDIR", str(services.settings.var_dir / "matplotlib"))
    from routing.orders.scorecards.pictures import ENGLISH, draw_months  # noqa: PLC0415  # It takes a second to load.

    words = {name: word("picture", name) for name in ENGLISH}
    return Response(
        draw_months(company.name, services.scorecards.months(company.id, MONTHS), words), mimetype="image/svg+xml"
    )


@blueprint.get("/statement")
def statement() -> str:
    """The form: which month."""
    return render_template(
        "portal_statement.html", company=own_company(), month=f"{console_services().prices.today():%Y-%m}"
    )


@blueprint.post("/statement")
def download() -> Response:
    """Hand out the company's statement of a month; elders' names are masked in it."""
    form = request.form.get("form", "")
    if form not in _FORMS:
        abort(400)
    drawn = console_services().statements.of_company(own_company().id, request.form.get("month", ""))
    note(drawn)
    write, kind = _FORMS[form]
    name = f"statement-{drawn.month}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(drawn, mask_name), content_type=kind, headers=headers)


def own_company() -> Company:
    """Give the company of whoever asks; 403 if they have none, or it takes part no more."""
    company_id = identity().company_id
    with console_services().reading() as work:
        company = work.get(Company, company_id) if company_id is not None else None
    if company is None or not company.active:
        abort(403)
    return company


def _home(order: Order) -> Elder | None:
    """Give the elder, if somebody has to go there."""
    return order.elder if order.state in NEEDED else None

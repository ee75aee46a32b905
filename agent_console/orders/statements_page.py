"""Monthly statements for download: names as the role may see them, each in the audit before it is handed out."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy import select

from agent_console import privacy
from agent_console.access import identity
from agent_console.privacy import Lens
from agent_console.services import console_services
from db.models import Company
from routing.orders.pricing.sheets import as_csv, as_xlsx
from routing.orders.pricing.statements import Statement

blueprint = Blueprint("statements_page", __name__, url_prefix="/supervisor/statements")
_FORMS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@blueprint.get("")
def show() -> str:
    """The forms: whose month, and which."""
    services = console_services()
    with services.reading() as work:
        companies = work.execute(select(Company.code, Company.name).order_by(Company.code)).all()
    return render_template("statements.html", companies=companies, month=f"{services.prices.today():%Y-%m}")


@blueprint.post("/company", defaults={"whose": "company"})
@blueprint.post("/elder", defaults={"whose": "elder"})
def download(whose: str) -> Response:
    """Hand out a statement. By form, and not by address: a registration number stands in no log."""
    asked = request.form
    if asked.get("form") not in _FORMS:
        abort(400)
    drawn = console_services().statements.by_code(whose, asked.get("code", "").strip(), asked.get("month", ""))
    note(drawn)
    write, kind = _FORMS[asked["form"]]
    name = f"statement-{whose}-{drawn.id}-{drawn.month}.{asked['form']}"
    body = write(drawn, Lens(identity()).name)
    return Response(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def note(drawn: Statement) -> None:
    """Write down that a statement is handed out, whoever gets it, and which elders stand in it."""
    elders = sorted({line.elder_id for line in (*drawn.lines, *drawn.disputed)})
    detail = f"{drawn.month}; " + ",".join(f"elder:{each}" for each in elders)
    privacy.write_down(console_services(), identity(), "statement.drawn", f"{drawn.whose}:{drawn.id}", detail)

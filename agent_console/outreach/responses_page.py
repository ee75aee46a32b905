"""Who answers when asked how it was, by telephone and by SMS: counts for supervisors, with a picture and sheets."""

from __future__ import annotations

import os

from flask import Blueprint, Response, abort, flash, render_template, request

from agent_console.asked_days import day_of
from agent_console.services import console_services
from agent_console.texts import text, words
from routing.errors import Invalid
from routing.outreach.responses.policy import SHARES, share
from routing.outreach.responses.service import Responses
from routing.outreach.responses.sheets import NAMES, as_csv, as_xlsx

blueprint = Blueprint("responses_page", __name__, url_prefix="/supervisor/responses")
_FORMS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@blueprint.get("")
def show() -> str:
    """The figures of the days asked for, or of the last eight weeks."""
    try:
        found = _asked()
    except (ValueError, Invalid):
        flash(text("responses.bad"))
        found = console_services().responses.between()
    return render_template("responses.html", found=found, names=NAMES, shares=SHARES, share=share)


@blueprint.get("/weeks.svg")
def picture() -> Response:
    """The shares of each week."""
    found = _asked_or_400()
    os.environ.setdefault("MPLCONFIGDIR", str(console_services().settings.var_dir / "matplotlib"))
    from routing.outreach.responses.pictures import draw_weeks  # noqa: PLC0415  # It takes a second to load.

    return Response(draw_weeks(found, words("response")), mimetype="image/svg+xml")


@blueprint.get("/responses.<form>")
def export(form: str) -> Response:
    """The same as a sheet."""
    if form not in _FORMS:
        abort(404)
    found = _asked_or_400()
    write, kind = _FORMS[form]
    name = f"responses-{found.first}-{found.last}.{form}"
    body = write(found, words("response"))
    return Response(body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _asked_or_400() -> Responses:
    try:
        return _asked()
    except (ValueError, Invalid):
        abort(400)


def _asked() -> Responses:
    return console_services().responses.between(day_of(request.args, "from"), day_of(request.args, "to"))

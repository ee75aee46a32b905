"""The form by which talks are scored: its criteria, and the versions before."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.orders.overdue_page import people_of
from agent_console.services import console_services
from agent_console.texts import text, words
from routing.errors import Invalid
from routing.quality.policy import HEAVIEST, MOST_CRITERIA

_USUAL_WEIGHTS = (10, 20, 20, 20, 20, 10)

blueprint = Blueprint("score_form_page", __name__, url_prefix="/supervisor/quality/form")


@blueprint.get("")
def show() -> str:
    """The current version to be changed, or what we propose for a first one; below, all versions."""
    versions = console_services().quality.forms.all()
    if versions:
        lines = [(each.name, str(each.weight)) for each in versions[0].criteria]
    else:
        lines = [(name, str(weight)) for name, weight in zip(words("criterion").values(), _USUAL_WEIGHTS, strict=True)]
    lines += [("", "")] * (MOST_CRITERIA - len(lines))
    return render_template(
        "quality_form.html", lines=lines, versions=versions, heaviest=HEAVIEST,
        people=people_of(console_services(), {each.made_by for each in versions}),
    )  # fmt: skip


@blueprint.post("")
def change() -> ResponseReturnValue:
    """Make the next version."""
    form = request.form
    pairs = zip(form.getlist("name"), form.getlist("weight"), strict=False)
    criteria = [(name, _weight(weight)) for name, weight in pairs if name.strip()]
    made = console_services().quality.forms.change(criteria, form.get("seen", type=int, default=0), identity().actor)
    flash(text("quality.form.made", version=made.version))
    return redirect(url_for("score_form_page.show"))


def _weight(given: str) -> int:
    if not given.strip().isdecimal() or len(given.strip()) > 4:
        raise Invalid(f"a weight is a whole number from 1 to {HEAVIEST}")
    return int(given)

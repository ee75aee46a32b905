"""Merging two records of one elder: which is kept, whose values are right, what moves; and undoing it.

Records are named by registration number and by form, never by address: none stands in a log.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.privacy import audit_list
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Elder, ElderMerge
from routing.elders.merging import FIELDS, Merge
from routing.errors import Invalid

_SHOWN: Final = 50

blueprint = Blueprint("merges_page", __name__, url_prefix="/admin/merges")


@blueprint.get("")
def show() -> str:
    """The form, and the latest merges."""
    with console_services().reading() as work:
        query = select(ElderMerge).order_by(ElderMerge.id.desc()).limit(_SHOWN)
        merges = work.scalars(query).all()
        ids = {each for row in merges for each in (row.kept_id, row.gone_id)}
        codes = {row.id: row.code for row in work.execute(select(Elder.id, Elder.code).where(Elder.id.in_(ids)))}
    return render_template("merges.html", merges=merges, codes=codes)


@blueprint.post("/preview")
def preview() -> str:
    """What would happen. Both records are seen, which is in the audit."""
    services = console_services()
    kept, gone = _elder("kept"), _elder("gone")
    seen = services.elder_merges.preview(kept, gone)
    audit_list(services, identity(), "elder.compared", (f"elder:{kept}", f"elder:{gone}"))
    return render_template("merge.html", seen=seen, fields=FIELDS)


@blueprint.post("")
def merge() -> ResponseReturnValue:
    """Merge."""
    form = request.form
    wanted = Merge(_elder("kept"), _elder("gone"), frozenset(form.getlist("take")), form.get("daily", ""))
    console_services().elder_merges.merge(wanted, identity().actor)
    flash(text("merge.done"))
    return redirect(url_for("merges_page.show"))


@blueprint.post("/<int:merge_id>/undo")
def undo(merge_id: int) -> ResponseReturnValue:
    """Part the two again."""
    console_services().elder_merges.undo(merge_id, identity().actor)
    flash(text("merge.undone"))
    return redirect(url_for("merges_page.show"))


def _elder(name: str) -> int:
    """Find the elder whose registration number a field of the form holds. Raises Invalid."""
    code = request.form.get(name, "").strip()[:40]
    with console_services().reading() as work:
        found = work.scalar(select(Elder.id).where(Elder.code == code))
    if found is None:
        raise Invalid(text("merge.unknown", code=code))
    return found

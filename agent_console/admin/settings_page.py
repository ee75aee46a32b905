"""Settings that may be changed while everything runs: what counts, who changed it from what to what, and back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.services import console_services
from agent_console.texts import text, word
from routing.changeable.book import ChangedBefore, NotInBounds
from routing.changeable.policy import BY_NAME
from routing.errors import Invalid

blueprint = Blueprint("settings_page", __name__, url_prefix="/admin/settings")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """All that may be changed, and what was."""
    return _page()


@blueprint.post("")
def change() -> ResponseReturnValue:
    """Change one; an empty value is what the environment says."""
    form, book = request.form, console_services().setting_book
    name = form.get("name", "")
    try:
        book.change(name, form.get("value", ""), _seen(), identity().actor)
    except NotInBounds:
        what = BY_NAME[name]
        refused = text("setting.bounds", name=word("setting", name), least=f"{what.least:g}", most=f"{what.most:g}")
        return _page(refused, 422)
    except ChangedBefore:
        return _page(text("setting.changed.before"), 409)
    return _done()


@blueprint.post("/<int:change_id>/revert")
def revert(change_id: int) -> ResponseReturnValue:
    """Let what counted before a change count again."""
    try:
        console_services().setting_book.revert(change_id, _seen(), identity().actor)
    except ChangedBefore:
        return _page(text("setting.changed.before"), 409)
    return _done()


def _page(refused: str = "", status: int = 200) -> ResponseReturnValue:
    book = console_services().setting_book
    standing = book.all()
    last = {each.what.name: each.last for each in standing}
    return render_template(
        "settings.html", standing=standing, last=last, history=book.history(), refused=refused
    ), status


def _seen() -> int:
    given = request.form.get("seen", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid(text("elder.form.bad"))
    return int(given)


def _done() -> ResponseReturnValue:
    flash(text("setting.done"))
    return redirect(url_for("settings_page.show"))

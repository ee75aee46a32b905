"""The list of services: a new item, another name, and one that is not offered any more. Prices have their own page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import NotFound
from routing.orders.items import LONGEST_ENGLISH, LONGEST_NAME

blueprint = Blueprint("items_page", __name__, url_prefix="/supervisor/items")


@blueprint.get("")
def show() -> str:
    """All items, and the form for a new one."""
    services = console_services()
    today = services.prices.today()
    priced = {
        each.id for each in services.prices.catalogue()
        if any(tariff.company_id is None and tariff.validity.when(today) == "now" for tariff in each.tariffs)
    }  # fmt: skip
    return render_template(
        "items.html", items=services.items.all(), kinds=services.items.kinds(), priced=priced, most=LONGEST_NAME,
        most_english=LONGEST_ENGLISH,
    )  # fmt: skip


@blueprint.post("")
def add() -> ResponseReturnValue:
    """Add an item."""
    form = request.form
    given = (form.get(name, "") for name in ("code", "kind", "name", "name_en"))
    console_services().items.add(*given, by=identity().actor)  # type: ignore[misc]  # Four of them.
    flash(text("item.added"))
    return redirect(url_for("items_page.show"))


@blueprint.post("/<int:item_id>/<what>")
def act(item_id: int, what: str) -> ResponseReturnValue:
    """Rename an item, offer it no more, or again."""
    register, form, actor = console_services().items, request.form, identity().actor
    if what == "rename":
        register.rename(item_id, form.get("name", ""), form.get("name_en", ""), actor)
    elif what in ("end", "offer"):
        register.offer(item_id, actor, offered=what == "offer")
    else:
        raise NotFound(f"nothing is called {what}")
    flash(text("item.saved"))
    return redirect(url_for("items_page.show"))

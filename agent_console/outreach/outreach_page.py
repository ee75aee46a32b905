"""What goes out by itself, for people: who was not reached, what an elder allows, and whom never to call."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.desk.consent_card import change
from agent_console.privacy import Lens, audit_list, write_down
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Invalid
from routing.outreach.never_call import REASONS
from routing.outreach.not_reached import RESULTS

blueprint = Blueprint("outreach_page", __name__)


@blueprint.get("/desk/not-reached")
def not_reached() -> str:
    """Elders whom neither calls nor an SMS reached, the oldest first."""
    services, who = console_services(), identity()
    listed = services.not_reached.open()
    audit_list(services, who, "callback.listed", [f"callback:{each.id}" for each in listed])
    return render_template("not_reached.html", listed=listed, results=RESULTS, lens=Lens(who))


@blueprint.post("/desk/not-reached/<int:callback_id>/close")
def close(callback_id: int) -> ResponseReturnValue:
    """Close one with what became of it."""
    services, who = console_services(), identity()
    form = request.form
    services.not_reached.close(callback_id, form.get("result", ""), form.get("note", ""), who.actor)
    write_down(services, who, "callback.closed", f"callback:{callback_id}", form.get("result", ""))
    flash(text("not_reached.closed"))
    return redirect(url_for("outreach_page.not_reached"))


@blueprint.post("/desk/elders/<int:elder_id>/consents")
def consent(elder_id: int) -> ResponseReturnValue:
    """Write down what an elder allows or does not want, and when they rest."""
    change(console_services(), identity(), elder_id, request.form)
    flash(text("consent.saved"))
    return redirect(url_for("desk.show", elder=elder_id))


@blueprint.get("/supervisor/never-call")
def never_call() -> str:
    """Whom no automatic call rings."""
    services, who = console_services(), identity()
    listed = services.never_call.standing()
    audit_list(services, who, "never_call.listed", [f"never_call:{each.id}" for each in listed])
    return render_template("never_call.html", listed=listed, reasons=REASONS, lens=Lens(who))


@blueprint.post("/supervisor/never-call")
def bar() -> ResponseReturnValue:
    """Put a number or an elder on the list."""
    services, form = console_services(), request.form
    elder = form.get("elder", type=int)
    services.never_call.add(
        reason=form.get("reason", ""), by=identity().actor, number=form.get("number", "").strip() or None,
        elder_id=elder, note=form.get("note", "").strip(), expires_at=_end_of(form.get("until", "")),
    )  # fmt: skip
    return _saved()


@blueprint.post("/supervisor/never-call/<int:entry_id>/end")
def end(entry_id: int) -> ResponseReturnValue:
    """Take an entry off the list."""
    console_services().never_call.end(entry_id, by=identity().actor)
    return _saved()


def _saved() -> ResponseReturnValue:
    flash(text("never_call.saved"))
    return redirect(url_for("outreach_page.never_call"))


def _end_of(day: str) -> datetime | None:
    """Read the last day of an entry: it counts until its midnight. Raises Invalid."""
    try:
        given = datetime.fromisoformat(day.strip()) if day.strip() else None
    except ValueError:
        raise Invalid(text("never_call.bad_day")) from None
    zone = console_services().settings.zone
    return datetime.combine(given.date(), time(23, 59), tzinfo=zone) if given else None

"""Visits: those of some days with how they are proven, what must be looked into, corrections, and the export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Order, Visit, VisitCorrection, VisitException, VisitTask
from routing.errors import Invalid, NotFound
from routing.orders.evv.book import Correction
from routing.orders.evv.export import csv_of
from routing.orders.evv.facts import days, facts_of
from routing.orders.evv.policy import REASONS

MOST_SHOWN = 200
MOST_OPEN = 100

blueprint = Blueprint("visits_page", __name__, url_prefix="/supervisor/visits")


@blueprint.get("")
def show() -> str:
    """The visits of one day, and every exception that is open, the oldest first."""
    services, who = console_services(), identity()
    day = day_of(request.args, "day") or services.clock().astimezone(services.settings.zone).date()
    visits = []
    for each in facts_of(services.reading, services.settings.zone, day, day):
        visits.append(each)
        if len(visits) == MOST_SHOWN:
            break
    with services.reading() as work:
        query = (
            select(VisitException)
            .where(VisitException.state == "open")
            .options(joinedload(VisitException.visit).joinedload(Visit.order).joinedload(Order.item))
            .order_by(VisitException.at, VisitException.id)
            .limit(MOST_OPEN)
        )
        exceptions = work.scalars(query).all()
    audit(services, who, "visit.listed", "visits", day.isoformat())
    return render_template(
        "visits.html", visits=visits, exceptions=exceptions, day=day, reasons=REASONS, lens=Lens(who),
        before=day - timedelta(days=1), after=day + timedelta(days=1), most=MOST_SHOWN,
    )  # fmt: skip


@blueprint.get("/<int:visit_id>")
def one(visit_id: int) -> str:
    """One visit: its times, what was put right and by whom, and the forms."""
    services, who = console_services(), identity()
    with services.reading() as work:
        visit = work.scalar(
            select(Visit)
            .where(Visit.id == visit_id)
            .options(
                joinedload(Visit.worker),
                joinedload(Visit.order).joinedload(Order.item),
                joinedload(Visit.order).joinedload(Order.elder),
            )
        )
        if visit is None:
            raise NotFound(f"there is no visit {visit_id}")
        of_visit = VisitException.visit_id == visit_id
        exceptions = work.scalars(select(VisitException).where(of_visit).order_by(VisitException.id)).all()
        query = select(VisitCorrection).where(VisitCorrection.visit_id == visit_id)
        corrections = work.scalars(query.order_by(VisitCorrection.id)).all()
        done = select(VisitTask).where(VisitTask.visit_id == visit_id).options(joinedload(VisitTask.task))
        tasks = work.scalars(done.order_by(VisitTask.id)).all()
    audit(services, who, "visit.record", f"visit:{visit_id}")
    return render_template(
        "visit.html", visit=visit, exceptions=exceptions, corrections=corrections, tasks=tasks, reasons=REASONS,
        lens=Lens(who),
    )  # fmt: skip


@blueprint.post("/exceptions/<int:exception_id>")
def resolve(exception_id: int) -> ResponseReturnValue:
    """Resolve an exception with a reason."""
    form = request.form
    visit_id = console_services().visit_book.resolve(
        exception_id, form.get("reason", ""), form.get("note", ""), identity().actor
    )
    flash(text("visit.saved"))
    return redirect(url_for("visits_page.one", visit_id=visit_id))


@blueprint.post("/<int:visit_id>")
def correct(visit_id: int) -> ResponseReturnValue:
    """Put times of a visit right."""
    form = request.form
    correction = Correction(
        form.get("reason", ""), form.get("note", ""), _instant("checked_in_at"), _instant("checked_out_at")
    )
    console_services().visit_book.correct(visit_id, correction, identity().actor)
    flash(text("visit.saved"))
    return redirect(url_for("visits_page.one", visit_id=visit_id))


@blueprint.get("/export.csv")
def export() -> Response:
    """The six facts of some days as CSV."""
    today = console_services().clock().astimezone(console_services().settings.zone).date()
    return csv_response(day_of(request.args, "from") or today, day_of(request.args, "to") or today)


def csv_response(first: date, last: date) -> Response:
    """Write the visits of these days for whoever asks, who is written down first, whatever they see. Raises Invalid."""
    services, who = console_services(), identity()
    zone = services.settings.zone
    days(first, last, zone)
    write_down(
        services, who, "visit.exported", "visits", f"{first} to {last}, {'whole' if Lens(who).clear else 'masked'}"
    )
    lines = csv_of(facts_of(services.reading, zone, first, last), Lens(who), zone)
    name = f"visits-{first}-{last}.csv"
    return Response(
        lines, content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )  # fmt: skip


def _instant(name: str) -> datetime | None:
    """Read a time of the form, on the clocks of the hotline. Raises Invalid."""
    given = request.form.get(name, "").strip()
    if not given:
        return None
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        raise Invalid(text("visit.time.bad")) from None
    return local.replace(tzinfo=console_services().settings.zone).astimezone(UTC)

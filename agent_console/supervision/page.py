"""Pages of those who oversee: the wallboard, open cases, calls with their journey, work orders with their history."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.desk.case_lines import lines_of
from agent_console.desk.sos_board import open_sos
from agent_console.orders.order_page import render_order
from agent_console.outreach.outreach_figures import pace_or_none
from agent_console.paging import USUAL, read_page
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from agent_console.supervision.board import agent_names, open_cases, snapshot_or_none
from agent_console.supervision.timeline import phases_of, step_word
from agent_console.texts import text
from db.models import CallRecord, Case, JourneyEvent, Order, TicketRecord
from routing.errors import NotFound
from routing.orders.sos import RESULTS

_CASES = 100  # Open cases shown, SOS and the oldest first; more than that and a list is no help any more.
_STEPS = 500  # Journey events shown for one call.

blueprint = Blueprint("supervision", __name__, url_prefix="/supervisor")


@blueprint.get("")
def wallboard() -> str:
    """Tickets and agents, live; open cases below."""
    services, who = console_services(), identity()
    with services.reading() as work:
        cases = work.scalars(
            select(Case).where(Case.state == "open").order_by(Case.kind != "sos", Case.opened_at).limit(_CASES)
        ).all()
    services.cases.catch_up([case.call_id for case in cases if case.kind == "sos" and case.call_id])
    with services.reading() as work:
        ids = [case.id for case in cases]
        query = select(Case).where(Case.id.in_(ids)).options(selectinload(Case.timeline))
        lines = lines_of(services, work.scalars(query).all(), Lens(who))
        cries = {each.case_id: each for each in open_sos(services)}
    snapshot = snapshot_or_none(services, who) or {"waiting": "–", **open_cases(services)}
    return render_template(
        "wallboard.html", snapshot=snapshot, cases=cases, lines=lines, cries=cries, results=RESULTS, who=who,
        minutes=round(services.settings.sos_alarm_minutes), now=services.clock(), pace=pace_or_none(services),
        not_reached=services.not_reached.count(),
    )  # fmt: skip


@blueprint.post("/cases/<int:case_id>/close")
def close_case(case_id: int) -> ResponseReturnValue:
    """Close a case with its outcome."""
    who = identity()
    outcome, result = request.form.get("outcome", "")[:2000], request.form.get("result", "")
    console_services().cases.close(case_id, outcome, who.user_id, who.actor, result=result)
    flash(text("case.closed"))
    return redirect(url_for("supervision.wallboard"))


@blueprint.get("/calls")
def calls() -> str:
    """Calls, the newest first; numbers are masked for everybody here, and whole on the page of one call."""
    with console_services().reading() as work:
        key = (CallRecord.started_at, CallRecord.id)
        page = read_page(work, select(CallRecord), key, request.args.get("cursor"), USUAL)
    return render_template("calls.html", page=page)


@blueprint.get("/calls/<call_id>")
def journey(call_id: str) -> str:
    """One call, step by step."""
    services, who = console_services(), identity()
    with services.reading() as work:
        call = work.get(CallRecord, call_id)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
        query = select(JourneyEvent).where(JourneyEvent.call_id == call_id)
        steps = work.scalars(query.order_by(JourneyEvent.at, JourneyEvent.id).limit(_STEPS)).all()
        tickets = work.scalars(
            select(TicketRecord).where(TicketRecord.call_id == call_id).order_by(TicketRecord.joined_at)
        ).all()
    audit(services, who, "call.record", f"call:{call_id}")
    phases = phases_of(call, tickets, agent_names(services))
    return render_template(
        "journey.html", call=call, steps=steps, tickets=tickets, lens=Lens(who), phases=phases, step_word=step_word
    )


@blueprint.get("/orders")
def orders() -> str:
    """Work orders, the newest first."""
    state = request.args.get("state", "")
    query = select(Order).options(selectinload(Order.item), selectinload(Order.company))
    if state:
        query = query.where(Order.state == state)
    with console_services().reading() as work:
        page = read_page(work, query, (Order.id,), request.args.get("cursor"), USUAL)
    return render_template("orders.html", page=page, state=state)


@blueprint.get("/orders/<int:order_id>")
def order(order_id: int) -> str:
    """One work order with its history; the elder's name makes this a look at personal data."""
    return render_order(order_id)

"""The page of one work order: what it is, what may be done with it now, what happened, and why dispatch chose."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.access import identity
from agent_console.orders.order_moves import ABOUT_A_COMPANY, Wish, carry_out, possible_for
from agent_console.privacy import Lens, audit
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text, word
from db.models import Company, Offer, Order, OrderEvent
from routing.errors import NotFound
from routing.orders.actors import ActorName, names_of
from routing.orders.dispatching.decisions import decisions_of
from routing.orders.dispatching.policy import Why

_LONGEST_REASON = 2_000  # Characters.
_PARTS = (Order.item, Order.company, Order.worker, Order.elder, Order.history)

blueprint = Blueprint("order_page", __name__, url_prefix="/supervisor/orders")


@dataclass(frozen=True)
class Step:
    """One row of the history: `what` was done, by whom; `why` is empty for what the hotline decided by itself, because
    the decisions below tell more."""

    at: datetime
    state: str
    what: str
    who: ActorName
    channel: str
    why: str


@dataclass(frozen=True)
class CompanyChoice:
    """A company to whom the order may be given; `hint` says why dispatch would not ask it now."""

    id: int
    name: str
    hint: str


@blueprint.post("/<int:order_id>/moves")
def move(order_id: int) -> ResponseReturnValue:
    """Do what was chosen; the same form sent twice does it once."""
    form = request.form
    command, _, outcome = form.get("command", "").partition(" ")
    wish = Wish(
        command, form.get("key", "")[:80] or uuid.uuid4().hex,
        form.get("company", type=int) if command in ABOUT_A_COMPANY else None, outcome,
        form.get("reason", "").strip()[:_LONGEST_REASON], form.get("version", type=int),
    )  # fmt: skip
    carry_out(console_services(), identity(), order_id, wish)
    flash(text("move.done"))
    return redirect(url_for("supervision.order", order_id=order_id))


def render_order(order_id: int) -> str:
    """Show one order; the elder's name makes this a look at personal data. Raises NotFound."""
    services, who = console_services(), identity()
    lens = Lens(who)
    with services.reading() as work:
        query = select(Order).where(Order.id == order_id).options(*(selectinload(part) for part in _PARTS))
        found = work.scalar(query)
        if found is None:
            raise NotFound(f"there is no order {order_id}")
        offers = work.scalars(select(Offer).where(Offer.order_id == order_id).order_by(Offer.id)).all()
        companies = {row.id: row.name for row in work.execute(select(Company.id, Company.name).order_by(Company.id))}
        decisions = decisions_of(work, order_id)
        named = names_of(work, (event.actor for event in found.history), services.clock())
        steps = [_step(event, companies, named[event.actor]) for event in found.history]
    asked = [each for each in offers if each.state == "open"]
    moves = possible_for(services, who, order_id)
    choices = _choices(services, order_id, companies) if {"assign", "reassign"} & set(moves) else []
    audit(services, who, "order.record", f"elder:{found.elder_id}", f"order:{order_id}")
    return render_template(
        "order.html", order=found, lens=lens, steps=steps, offers=offers, decisions=decisions, companies=companies,
        moves=moves, choices=choices, asked=asked, key=uuid.uuid4().hex,
        asked_names=text("join.list").join(companies[each.company_id] for each in asked),
    )  # fmt: skip


def _step(event: OrderEvent, companies: dict[int, str], who: ActorName) -> Step:
    """Put a row of the history into words; rows of before commands were kept have their state alone."""
    name, _, objects = event.command.partition(" ")
    what = word("command", event.command) if name == "resolve" else word("command", name) if name else ""
    if name in {"offer", "accept", "decline", "expire", "assign", "reassign", "give_up"}:
        ids = [int(each) for each in objects.split(",") if each.isdecimal()]
        what = f"{what} {text('join.list').join(companies.get(each, str(each)) for each in ids)}"
    why = "" if event.actor == "system" and name else event.reason
    return Step(event.at, event.to_state, what, who, event.channel, why)


def _choices(services: ConsoleServices, order_id: int, companies: dict[int, str]) -> list[CompanyChoice]:
    """Give whom it may be given to, best first as things stand; a person may know better than the filters."""
    ranking = services.dispatch.ranking(order_id)
    best = [CompanyChoice(each.company_id, companies[each.company_id], "") for each in ranking.chosen]
    others = [
        CompanyChoice(each.company_id, companies[each.company_id], word("left_out", each.why).format(*each.numbers))
        for each in ranking.left_out
        if each.why not in (Why.INACTIVE, Why.ITEM)
    ]
    return best + others

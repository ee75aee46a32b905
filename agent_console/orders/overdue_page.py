"""Overdue orders: what stands too long, how far it has climbed, and who looks after it. All at the desk see them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text
from db.models import User

_SHOWN = 200
_USER, _DUTY = re.compile(r"user:([0-9]{1,9})"), re.compile(r"duty:([0-9]+)")

blueprint = Blueprint("overdue_page", __name__, url_prefix="/desk/overdue")


@blueprint.get("")
def show() -> str:
    """All of them, the highest level first. No elder is named: the order's page does, and writes down who looks."""
    services = console_services()
    standing = services.escalations.standing(_SHOWN)
    people = people_of(services, (each.taken_by for each in standing if each.taken_by))
    return render_template("overdue.html", standing=standing, people=people, now=services.clock())


@blueprint.post("/<int:escalation_id>/take")
def take(escalation_id: int) -> ResponseReturnValue:
    """Look after it oneself."""
    services, who = console_services(), identity()
    taken = services.escalations.take_over(escalation_id, who.actor)
    write_down(services, who, "order.taken_over", f"order:{taken.order_id}", "")
    flash(text("overdue.taken", number=taken.number))
    return redirect(url_for("overdue_page.show"))


def people_of(services: ConsoleServices, actors: Iterable[str]) -> Mapping[str, str]:
    """Give the words for whoever took an order upon them, by actor."""
    actors = set(actors)
    ids = {int(found[1]) for actor in actors if (found := _USER.fullmatch(actor))}
    with services.reading() as work:
        names = {f"user:{user.id}": user.name for user in work.scalars(select(User).where(User.id.in_(ids)))}
    duty = {each: text("overdue.duty", position=found[1]) for each in actors if (found := _DUTY.fullmatch(each))}
    return names | duty

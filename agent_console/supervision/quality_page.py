"""Scoring talks: what is proposed of a week, the page of one talk, and an agent's scores over time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console.access import identity
from agent_console.asked_days import day_of
from agent_console.orders.overdue_page import people_of
from agent_console.privacy import Lens, audit
from agent_console.services import console_services
from agent_console.supervision.board import agent_names
from agent_console.supervision.timeline import step_word
from agent_console.texts import text
from db.models import JourneyEvent
from routing.errors import Invalid
from routing.quality.policy import BEST, week_of
from routing.quality.scores import LONGEST_REMARK, Score

_STEPS = 200
_MEAN_DAYS = 90
_MARK = re.compile(r"[0-9]{1,2}")

blueprint = Blueprint("quality_page", __name__, url_prefix="/supervisor/quality")


@blueprint.get("")
def index() -> str:
    """The talks of a week that should be scored, and how each agent stands. The week is that of `day`."""
    services = console_services()
    now = services.clock()
    today = now.astimezone(services.settings.zone).date()
    monday = week_of(day_of(request.args, "day") or today - timedelta(days=7))
    proposed = services.quality.proposed(monday)
    ids = [each.ticket_id for talks in proposed.values() for each in talks]
    return render_template(
        "quality.html", monday=monday, sunday=monday + timedelta(days=6), proposed=proposed,
        over=monday + timedelta(days=7) <= today, scored=services.quality.scored(ids), names=agent_names(services),
        means=services.quality.means(now - timedelta(days=_MEAN_DAYS)), days=_MEAN_DAYS,
        a_week=services.settings.quality_talks, form=services.quality.forms.current(),
    )  # fmt: skip


@blueprint.get("/talks/<ticket_id>")
def talk(ticket_id: str) -> str:
    """One talk: what happened in the call, its recordings, and the form, filled with what was given."""
    services, who = console_services(), identity()
    had = services.quality.talk(ticket_id)
    with services.reading() as work:
        query = select(JourneyEvent).where(JourneyEvent.call_id == had.call_id)
        steps = work.scalars(query.order_by(JourneyEvent.at, JourneyEvent.id).limit(_STEPS)).all()
    given = services.quality.score_of(ticket_id)
    audit(services, who, "call.record", f"call:{had.call_id}")
    correcting = given is not None and given.scored_by == who.actor and given.answered_at is None
    marks = {criterion.id: mark for criterion, mark in given.marks} if given else {}
    return render_template(
        "quality_talk.html", talk=had, steps=steps, given=given, form=services.quality.forms.current(), best=BEST,
        open=given is None or correcting, marks=marks, step_word=step_word, lens=Lens(who), longest=LONGEST_REMARK,
        name=agent_names(services).get(had.extension, ""),
        people=people_of(services, {given.scored_by} if given else ()),
        recordings=services.talk_recordings.of_call(had.call_id),
    )  # fmt: skip


@blueprint.post("/talks/<ticket_id>")
def score(ticket_id: str) -> ResponseReturnValue:
    """Give the marks: each criterion has one, or `na`."""
    asked = request.form
    marks = {
        int(name.removeprefix("mark-")): _mark(value)
        for name, value in asked.items()
        if re.fullmatch(r"mark-[0-9]{1,9}", name)
    }
    form_id = asked.get("form", type=int, default=0)
    console_services().quality.score(ticket_id, marks, asked.get("remark", ""), form_id, identity().actor)
    flash(text("quality.done"))
    return redirect(url_for("quality_page.talk", ticket_id=ticket_id))


@blueprint.get("/agents/<extension>")
def agent(extension: str) -> str:
    """An agent's scores, week by week and one by one."""
    services = console_services()
    scores = services.quality.of_extension(extension)
    return render_template(
        "quality_agent.html", extension=extension, name=agent_names(services).get(extension, ""), scores=scores,
        weeks=weeks_of(scores), lens=Lens(identity()), own=False,
        people=people_of(services, {each.scored_by for each in scores}),
    )  # fmt: skip


def weeks_of(scores: Sequence[Score]) -> list[tuple[str, int, float]]:
    """Give the Monday of each week with a score, how many there are, and their mean; the newest week first."""
    zone = console_services().settings.zone
    weeks = groupby(scores, lambda each: week_of(each.talked_at.astimezone(zone).date()))
    listed = [(monday, [each.total for each in some]) for monday, some in weeks]
    return [(monday.isoformat(), len(totals), sum(totals) / len(totals)) for monday, totals in listed]


def _mark(value: str) -> int | None:
    if value == "na":
        return None
    if not _MARK.fullmatch(value):
        raise Invalid(f"a mark is a whole number from 0 to {BEST}")
    return int(value)

"""Mornings of daily calls in the town: enrolled elders, and calls that end as a test says."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Callback, Case, LookIn, WellBeingCheck
from routing.calls.messages import PlaceCall
from routing.outreach.wellbeing.policy import Heard
from tests.routing.town import ZONE, Town

NINE = datetime(2026, 3, 5, 9, 0, tzinfo=ZONE)
"""The morning after the town's first day."""
WANG = DEMO.wang
SON, NEIGHBOUR = (each[2] for each in WANG.contacts)


def enrol(town: Town, who: DemoElder = WANG, at: str = "09:00") -> int:
    elder_id = town.elder_id(who)
    town.enrolments.enrol(elder_id, at, consent="elder", by="user:2")
    return elder_id


def morning(town: Town, who: DemoElder = WANG) -> int:
    """Enrol an elder, and go on to nine o'clock of the next day."""
    elder_id = enrol(town, who)
    town.clock.now = NINE
    return elder_id


def begin_anew(town: Town) -> None:
    """It is nine o'clock again, and nothing has happened yet."""
    town.clock.now = NINE
    with town.unit_of_work() as session:
        for table in (LookIn, WellBeingCheck, Callback):
            session.execute(delete(table))


def check(town: Town) -> WellBeingCheck:
    (row,) = town.rows(WellBeingCheck)
    return row


def alarm_case(town: Town) -> Case:
    (case,) = [each for each in town.rows(Case) if each.kind == "wellbeing"]
    return case


def next_call(town: Town) -> PlaceCall:
    """Go on until the next call is dialled, and give it."""
    town.well_being.sweep()
    due = [each.due_at for each in town.rows(Callback) if each.state == "due"]
    assert due, "no call is owed"
    town.clock.now = max(town.clock.now, min(due).astimezone(ZONE))
    before = len(town.placed)
    assert town.callbacks.dial_due() == 1
    return town.placed[before]


def rings_out(town: Town, outcome: str = "no_answer") -> PlaceCall:
    """Have the next call dialled, and nobody answer it."""
    call = next_call(town)
    town.clock.forward(seconds=30)
    town.callbacks.settle(call.cause, outcome)
    town.well_being.sweep()
    return call


def unanswered(town: Town) -> None:
    """Three calls ring out."""
    for _ in range(3):
        rings_out(town)


def presses(town: Town, heard: Heard) -> PlaceCall:
    """Have the next call answered, and a key pressed."""
    call = next_call(town)
    cause = call.cause.rpartition(".")[0]
    town.callbacks.settle(call.cause, "answered")
    town.callbacks.begin(cause)
    town.well_being.answered(int(call.reference), heard, "call-1")
    town.callbacks.finish(cause, reached=True)
    town.well_being.sweep()
    return call


def look_ins(town: Town) -> list[tuple[int, str]]:
    return [(row.position, row.answer) for row in town.rows(LookIn)]


def lasted(town: Town) -> timedelta:
    return town.clock.now - NINE

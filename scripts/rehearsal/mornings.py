"""Mornings of elders who live alone: the daily call, and a relative who is asked to look in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db.demo import DEMO
from db.models import LookIn, MedicineDose, WellBeingCheck
from routing.outreach.medicine.reminders import Wish
from routing.outreach.wellbeing.policy import Looked
from scripts.rehearsal.town import Town

WANG = DEMO.wang


def called_this_morning(town: Town) -> dict[str, str]:
    """Her daily call has been dialled, and she picks up."""
    elder_id = town.elder_id(WANG)
    wellbeing = town.joined.wellbeing
    wellbeing.enrolments.enrol(elder_id, "09:00", consent="elder", by="user:2")
    town.now = (town.now + timedelta(days=1)).replace(hour=9, minute=0)
    wellbeing.checks.sweep()
    town.joined.callbacks.claim_due()
    with town.stores.reading() as session:
        return {"ref": str(session.scalars(select(WellBeingCheck.id)).one())}


def asked_to_look_in(town: Town) -> dict[str, str]:
    """She did not answer three times, and her son picks up."""
    called_this_morning(town)
    callbacks, checks = town.joined.callbacks, town.joined.wellbeing.checks
    elder_id = town.elder_id(WANG)
    for attempt in (1, 2, 3):
        callbacks.settle(f"wellbeing-{elder_id}-{town.now.date()}-{attempt}.1", "no_answer")
        checks.sweep()
        town.now += timedelta(minutes=20)
        callbacks.claim_due()
    with town.stores.reading() as session:
        return {"ref": str(session.scalars(select(LookIn.id)).one())}


def settled_meanwhile(town: Town) -> dict[str, str]:
    """The same, but he has answered before."""
    given = asked_to_look_in(town)
    town.joined.wellbeing.checks.looked(int(given["ref"]), Looked.WELL)
    return given


def reminded(town: Town) -> dict[str, str]:
    """She is reminded of her medicine of the morning, and picks up."""
    services = town.joined.wellbeing
    services.reminders.make(town.elder_id(WANG), Wish("09:00", "elder"), by="user:2")
    town.now = (town.now + timedelta(days=1)).replace(hour=9, minute=0)
    services.doses.sweep()
    town.joined.callbacks.claim_due()
    with town.stores.reading() as session:
        return {"ref": str(session.scalars(select(MedicineDose.id)).one())}

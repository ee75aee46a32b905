"""Mornings of elders who live alone: the daily call, and a relative who is asked to look in."""

from __future__ import annotations

import io
import wave
from datetime import timedelta

from sqlalchemy import select

from db.demo import DEMO
from db.models import CampaignRecipient, LookIn, MedicineDose, WellBeingCheck
from routing.outreach.campaigns.views import Wish
from routing.outreach.medicine.reminders import Wish as Reminding
from routing.outreach.telephone_wav import RATE
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


def told_to_many(town: Town) -> dict[str, str]:
    """A message for all has been recorded and started, and she picks up."""
    campaigns = town.joined.campaigns
    wish = Wish("rain", "明天有暴雨，请不要出门。", lines=3)
    made = campaigns.book.make(wish, by="user:2")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(4 * RATE))
    campaigns.book.record(made.id, sound.getvalue(), by="user:2")
    campaigns.book.start(made.id, by="user:2")
    campaigns.runner.sweep()
    town.joined.callbacks.claim_due()
    with town.stores.reading() as session:
        mine = CampaignRecipient.elder_id == town.elder_id(WANG)
        return {"ref": str(session.scalars(select(CampaignRecipient.id).where(mine)).one())}


def reminded(town: Town) -> dict[str, str]:
    """She is reminded of her medicine of the morning, and picks up."""
    services = town.joined.wellbeing
    services.reminders.make(town.elder_id(WANG), Reminding("09:00", "elder"), by="user:2")
    town.now = (town.now + timedelta(days=1)).replace(hour=9, minute=0)
    services.doses.sweep()
    town.joined.callbacks.claim_due()
    with town.stores.reading() as session:
        return {"ref": str(session.scalars(select(MedicineDose.id)).one())}

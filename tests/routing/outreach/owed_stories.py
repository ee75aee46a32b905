"""A group message, a daily call and a reminder of medicine, owed to one elder and due at once: for tests that kill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from db.demo import DEMO
from db.models import (
    CallAttempt,
    Callback,
    Campaign,
    CampaignRecipient,
    Case,
    Elder,
    ElderPhone,
    MedicineDose,
    MedicineReminder,
    WellBeingCheck,
    WellBeingEnrolment,
)
from routing.outreach.campaigns.policy import Selection
from routing.outreach.campaigns.views import Wish
from routing.outreach.medicine.reminders import Wish as Reminding
from scripts.wiring.services import HotlineServices
from tests.agent_console.outreach.test_campaigns import wav
from tests.routing.outreach.dying_hotline import DyingHotline

ENDS = {
    "campaign": {True: "heard", False: "not_reached"}, "wellbeing": {True: "well", False: "alarm"},
    "medicine": {True: "taken", False: "not_taken"},
}  # fmt: skip
"""How a story of each kind ends: with somebody who answers, and with nobody."""
MOST = {"campaign": 3, "wellbeing": 3, "medicine": 2}
"""Times that a telephone rings at which nobody answers."""
KEYS = {"campaign": "5", "wellbeing": "1", "medicine": "1"}


@dataclass(frozen=True)
class Story:
    """One elder, to whom one thing is owed."""

    kind: str
    elder_id: int

    def calls(self, house: DyingHotline) -> list[Callback]:
        with house.stores.reading() as session:
            return list(session.scalars(select(Callback).where(Callback.elder_id == self.elder_id)))

    def attempts(self, house: DyingHotline) -> int:
        theirs = CallAttempt.callback_id.in_(select(Callback.id).where(Callback.elder_id == self.elder_id))
        with house.stores.reading() as session:
            return session.scalar(select(func.count()).select_from(CallAttempt).where(theirs)) or 0

    def outcomes(self, house: DyingHotline) -> list[str]:
        """How each attempt went, in their order."""
        theirs = CallAttempt.callback_id.in_(select(Callback.id).where(Callback.elder_id == self.elder_id))
        with house.stores.reading() as session:
            return list(session.scalars(select(CallAttempt.outcome).where(theirs).order_by(CallAttempt.id)))

    def state(self, house: DyingHotline) -> str:
        """What the elder's own row says; a message counts when it is finished."""
        with house.stores.reading() as session:
            if self.kind == "campaign":
                found = select(CampaignRecipient.state).join(Campaign).where(Campaign.state == "finished")
                return session.scalar(found.where(CampaignRecipient.elder_id == self.elder_id)) or ""
            table = WellBeingCheck if self.kind == "wellbeing" else MedicineDose
            return session.scalar(select(table.state).where(table.elder_id == self.elder_id)) or ""

    def cases(self, house: DyingHotline) -> int:
        with house.stores.reading() as session:
            return session.scalar(select(func.count()).where(Case.elder_id == self.elder_id)) or 0


def owed(house: DyingHotline, kind: str) -> Story:
    """Let go of all that other stories left, and owe this to a new elder of the one telephone, from now on."""
    joined, now, number = HotlineServices(house.stores, house.now), house.now(), DEMO.wang.number
    with house.stores.unit_of_work() as session:
        session.execute(update(Callback).where(Callback.state.in_(("due", "dialling"))).values(state="cancelled"))
        session.execute(update(WellBeingEnrolment).values(active_elder_id=None, ended_at=now))
        session.execute(update(MedicineReminder).values(ended_at=now))
        session.execute(update(Campaign).values(state="stopped", ends_at=now - timedelta(days=9)))
        count = session.scalar(select(func.count()).select_from(Elder)) or 0
        elder = Elder(
            code=f"story-{count}", name="众人", name_index=bytes(16), sex="unknown", district=f"{count}里",
            created_at=now, updated_at=now,
        )  # fmt: skip
        elder.phones = [ElderPhone(number=number, number_index=house.stores.cipher.number_index(number), kind="mobile")]
        session.add(elder)
        session.flush()
        elder_id, district = elder.id, elder.district
    story = Story(kind, elder_id)
    begin(house, joined, story, district, now)
    return story


def begin(house: DyingHotline, joined: HotlineServices, story: Story, district: str, now: datetime) -> None:
    kind, elder_id = story.kind, story.elder_id
    at = f"{now.astimezone(house.settings.zone):%H:%M}"
    earlier = now - timedelta(days=2)
    if kind == "campaign":
        wish = Wish(
            "众人", "明天停水。", selection=Selection(district), lines=2, opens="00:00", closes="23:59",
            ends_at=now + timedelta(days=5),
        )  # fmt: skip
        book = joined.campaigns.book
        made = book.make(wish, by="user:2")
        book.record(made.id, wav(0.6), by="user:2")
        book.start(made.id, by="user:2")
        return
    if kind == "wellbeing":
        joined.wellbeing.enrolments.enrol(elder_id, "09:00", consent="elder", by="user:2")
        table, since = WellBeingEnrolment, "enrolled_at"
    else:
        joined.wellbeing.reminders.make(elder_id, Reminding("09:00", "elder"), by="user:2")
        table, since = MedicineReminder, "made_at"
    with house.stores.unit_of_work() as session:
        values = {"at": at, since: earlier, "starts_on": earlier.date()}
        session.execute(update(table).where(table.elder_id == elder_id).values(values))

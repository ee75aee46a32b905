"""The reminder of a medicine on real telephones: a key is "taken"; not taken twice, and her son is told. The telephone
that nobody answers rings as long as an elder takes to it, which only a real one shows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Callback, Consent, MedicineDose, MedicineReminder, SmsMessage
from tests.phones.phone import PhoneEvent
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(400)]

WANG, QUIET = DEMO.wang, DEMO.quiet
SON = WANG.contacts[0][2]
RING_SECONDS = 20
"""The least that is allowed outside development."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router", "worker", "scheduler")
    settings = {"outbound_ring_seconds": RING_SECONDS, "call_hours": "00:00-23:59", "sms_hours": "00:00-23:59"}
    with open_scene(tmp_path_factory.mktemp("scene"), *parts, **settings) as scene:
        yield scene


def reminded_from_yesterday(scene: Scene, who: DemoElder) -> None:
    """Their time of today has just come."""
    now = scene.hotline.services.clock().astimezone(scene.hotline.settings.zone)
    elder_id, yesterday = scene.elder_id(who), now - timedelta(days=1)
    with scene.hotline.stores.unit_of_work() as session:
        session.add(
            MedicineReminder(
                elder_id=elder_id, at=f"{now:%H:%M}", rule="FREQ=DAILY", starts_on=yesterday.date(), language="zh-CN",
                tell_contact=True, consent="elder", made_at=yesterday, made_by="user:2",
            )
        )  # fmt: skip
        session.add(
            Consent(elder_id=elder_id, channel="call", purpose="reminder", given=True, at=now, by="user:2", how="desk")
        )


def dose(scene: Scene, who: DemoElder) -> MedicineDose | None:
    elder_id = scene.elder_id(who)
    with scene.hotline.stores.reading() as session:
        return session.scalar(select(MedicineDose).where(MedicineDose.elder_id == elder_id))


def state(scene: Scene, who: DemoElder) -> str:
    found = dose(scene, who)
    return found.state if found else ""


def rung(person: Person) -> list[PhoneEvent]:
    return [event for event in person.phone.events if event.what == "ringing"]


def test_at_the_time_it_rings_and_a_key_is_taken(scene: Scene) -> None:
    elder = scene.person(QUIET.number)
    since = time.monotonic()
    reminded_from_yesterday(scene, QUIET)
    elder.phone.wait_for("connected", 60, since)
    elder.hears("medicine.greet", 60, who="李爷爷")
    elder.hears_beginning("medicine.ask")
    elder.phone.press("1")
    elder.hears("medicine.taken")
    elder.phone.wait_for("hung_up", 60, since)
    scene.until("the dose is settled", lambda: state(scene, QUIET) == "taken")
    assert len(rung(elder)) == 1
    found = dose(scene, QUIET)
    assert found is not None
    assert (found.attempts, found.told_contact) == (1, False)


def test_not_taken_twice_and_her_son_is_told_each_ring_was_long_enough(scene: Scene) -> None:
    """She does not get to the telephone; ten minutes later, which are brought forward here, once more."""
    elder = scene.person(WANG.number)
    elder.phone.answers = False
    reminded_from_yesterday(scene, WANG)
    rings = []
    for at in (1, 2):
        since = time.monotonic()
        ringing = elder.phone.wait_for("ringing", 60, since)
        gone = elder.phone.wait_for("hung_up", RING_SECONDS + 30, ringing.at)
        rings.append(gone.at - ringing.at)
        scene.until(
            "the call is settled",
            lambda: (found := dose(scene, WANG)) is not None and (found.attempts == 2 or found.state == "not_taken"),
        )
        if at == 1:
            bring_forward(scene)
    print("it rang for", ", ".join(f"{each:.1f} s" for each in rings))
    assert all(each >= RING_SECONDS - 0.5 for each in rings), rings
    scene.until("it is not taken", lambda: state(scene, WANG) == "not_taken")
    found = dose(scene, WANG)
    assert found is not None
    assert (found.unanswered, found.told_contact, len(rung(elder))) == (2, True, 2)
    with scene.hotline.stores.reading() as session:
        (told,) = session.scalars(select(SmsMessage).where(SmsMessage.key == f"sms-{found.key}")).all()
    assert told.number == SON
    assert WANG.name not in told.text


def bring_forward(scene: Scene) -> None:
    """Have the call that is owed be due now."""
    with scene.hotline.stores.unit_of_work() as session:
        session.execute(
            update(Callback)
            .where(Callback.kind == "medicine", Callback.state == "due")
            .values(due_at=scene.hotline.services.clock())
        )

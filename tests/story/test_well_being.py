"""The daily call on real telephones: she is well; she does not answer three times, and her son is asked to look in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Callback, CaseEvent, Consent, WellBeingCheck, WellBeingEnrolment
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(400)]

WANG, QUIET = DEMO.wang, DEMO.quiet
SON = WANG.contacts[0][2]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router", "worker", "scheduler")
    settings = {"wellbeing_every_seconds": 2, "outbound_ring_seconds": 5}
    with open_scene(tmp_path_factory.mktemp("scene"), *parts, **settings) as scene:
        yield scene


def enrolled_yesterday(scene: Scene, who: DemoElder) -> None:
    """Their time of today has just come."""
    now = scene.hotline.services.clock().astimezone(scene.hotline.settings.zone)
    elder_id = scene.elder_id(who)
    with scene.hotline.stores.unit_of_work() as session:
        session.add(
            WellBeingEnrolment(
                elder_id=elder_id, active_elder_id=elder_id, at=f"{now:%H:%M}", rule="FREQ=DAILY", consent="elder",
                starts_on=now.date() - timedelta(days=1), enrolled_at=now - timedelta(days=1), enrolled_by="user:2",
            )
        )  # fmt: skip
        session.add(
            Consent(
                elder_id=elder_id, channel="call", purpose="well_being", given=True, at=now, by="user:2", how="desk"
            )
        )


def check(scene: Scene, who: DemoElder) -> WellBeingCheck | None:
    elder_id = scene.elder_id(who)
    with scene.hotline.stores.reading() as session:
        return session.scalar(select(WellBeingCheck).where(WellBeingCheck.elder_id == elder_id))


def state(scene: Scene, who: DemoElder) -> str:
    found = check(scene, who)
    return found.state if found else ""


def rung(person: Person) -> int:
    """How often the phone has rung."""
    return sum(event.what == "ringing" for event in person.phone.events)


def test_she_presses_1_and_is_not_called_again(scene: Scene) -> None:
    elder = scene.person(QUIET.number)
    since = time.monotonic()
    enrolled_yesterday(scene, QUIET)
    elder.phone.wait_for("connected", 90, since)
    elder.hears("wellbeing.greet", 60, who="李爷爷")
    elder.hears_beginning("wellbeing.ask")
    elder.phone.press("1")
    elder.hears("wellbeing.well")
    elder.phone.wait_for("hung_up", 60, since)
    scene.until("the day is settled", lambda: state(scene, QUIET) == "well")
    assert rung(elder) == 1
    assert elder.silent_spells() == []
    assert scene.cases("wellbeing") == []


def test_three_times_no_answer_is_a_case_and_her_son_says_that_she_is_well(scene: Scene) -> None:
    elder, son = scene.person(WANG.number), scene.person(SON)
    elder.phone.answers = False
    since = time.monotonic()
    enrolled_yesterday(scene, WANG)
    son.phone.wait_for("connected", 150, since)
    assert state(scene, WANG) == "alarm"
    assert rung(elder) == 3
    son.hears("look_in.greet")
    son.hears("look_in.who", 60, who="王奶奶")
    son.hears_beginning("look_in.ask")
    son.phone.press("1")
    son.hears("look_in.well")
    son.phone.wait_for("hung_up", 60, since)

    def looked_in() -> bool:
        found = check(scene, WANG)
        return found is not None and found.looking_in == "well"

    scene.until("his word is kept", looked_in)
    (case,) = scene.cases("wellbeing")
    assert case.state == "open"  # Only a person closes it.
    with scene.hotline.stores.reading() as session:
        steps = session.scalars(select(CaseEvent.what).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)).all()
        causes = session.scalars(select(Callback.cause).where(Callback.kind == "wellbeing")).all()
    assert list(steps) == ["opened", "look_in.asked", "look_in.said", "look_in.over"]
    assert len([cause for cause in causes if cause.startswith(f"wellbeing-{scene.elder_id(WANG)}-")]) == 3

"""Who waits hears where they stand, and is called back at their place: with real phones, kills and repeated calls."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback, Case
from db.models.calls import TicketRecord
from routing.calls.messages import AgentState
from routing.numbers import as_dialled
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

AGENT_HZ, CALLER_HZ, BUSY_HZ = 1000, 440, 700
PARTS = ("redis", "asterisk", "ivr", "router")
QUIET, WANG = DEMO.quiet, DEMO.wang


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    settings = {
        "announce_first_seconds": 2, "announce_every_seconds": 20, "callback_offer_seconds": 3,
        "promise_attempts": 2, "promise_retry_seconds": 4, "outbound_ring_seconds": 6,
    }  # fmt: skip
    with open_scene(tmp_path_factory.mktemp("scene"), *PARTS, **settings) as scene:
        yield scene


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(scene: Scene) -> Iterator[None]:
    yield
    scene.everybody_leaves()
    scene.assert_well()


def busy_agent(scene: Scene) -> tuple[Person, Person]:
    """The only agent, in a talk with somebody."""
    talker, agent = scene.person("+8614599990811", tone_hz=BUSY_HZ), scene.agent(tone_hz=AGENT_HZ)
    scene.dial(talker)
    agent.hears_tone(BUSY_HZ)
    return agent, talker


def waiting_elder(scene: Scene, number: str = QUIET.number) -> Person:
    """Somebody who pressed nothing, and waits."""
    elder = scene.person(number, tone_hz=CALLER_HZ)
    before = set(scene.living())
    scene.dial(elder)
    scene.until("the elder waits", lambda: set(scene.living()) - before, 60)
    return elder


def is_promised(scene: Scene, elder: Person, number: str = QUIET.number) -> None:
    """Hear the offer, take it, and be hung up on."""
    elder.hears("hold.offer_callback", 90)
    elder.phone.press("1")
    hears_number(elder, number)
    since = time.monotonic()
    elder.phone.press("1")
    elder.hears("hold.callback_promised")
    elder.phone.wait_for("hung_up", 60, since)
    scene.until("the promise is a ticket", lambda: the_promise(scene).state == "due")


def hears_number(person: Person, number: str, sounds: int = 12) -> None:
    """Hear the number read back, digit by digit; the question after it takes four seconds more."""
    person.ears.hear_beginning("hold.callback_number", sounds, 90, number=as_dialled(number))


def the_promise(scene: Scene) -> Callback:
    """The latest promise."""
    with scene.hotline.stores.reading() as session:
        query = select(Callback).where(Callback.kind == "promise").order_by(Callback.id.desc()).limit(1)
        return session.scalars(query).one()


def rung(person: Person, since: float) -> int:
    """How often the phone has rung."""
    return sum(event.what == "ringing" and event.at > since for event in person.phone.events)


def test_a_caller_hears_their_place_and_is_called_back_at_it(scene: Scene) -> None:
    agent, talker = busy_agent(scene)
    elder = waiting_elder(scene)
    elder.hears("hold.next")
    elder.hears("hold.minutes", minutes=3)
    is_promised(scene, elder)
    assert elder.silent_spells() == []
    promised = time.monotonic()
    scene.leave(talker)
    elder.phone.wait_for("connected", 90, promised)
    elder.hears("callback.promised", who="李爷爷")
    agent.hears_tone(CALLER_HZ)
    elder.hears_tone(AGENT_HZ)
    assert rung(elder, promised) == 1
    scene.until("it is done", lambda: the_promise(scene).state == "done")
    agent.phone.hang_up()
    assert rung(elder, promised) == 1
    first = the_promise(scene).reference
    with scene.hotline.stores.reading():
        ends = {each.end for each in scene.tickets(_call_of(scene, first))}
    assert "promised" in ends


def _call_of(scene: Scene, ticket_id: str) -> str:
    def found() -> str | None:
        with scene.hotline.stores.reading() as session:
            return session.scalar(select(TicketRecord.call_id).where(TicketRecord.id == ticket_id))

    return str(scene.until("the ticket's end is on record", found))


def test_every_process_is_killed_between_promise_and_turn(scene: Scene) -> None:
    agent, talker = busy_agent(scene)
    elder = waiting_elder(scene)
    is_promised(scene, elder)
    promised = time.monotonic()
    for part in ("router", "ivr", "redis"):
        scene.hotline.kill(part)
    scene.hotline.stores.redis.connection_pool.disconnect()
    for folder in scene.hotline.settings.var_dir.rglob("appendonlydir"):
        shutil.rmtree(folder)  # Redis loses all that it knew.
    scene.hotline.start("redis", "ivr", "router")
    scene.until("the promise is a ticket again", scene.living)
    scene.leave(talker)
    elder.phone.wait_for("connected", 90, promised)
    elder.hears("callback.promised", who="李爷爷")
    agent.hears_tone(CALLER_HZ)
    elder.hears_tone(AGENT_HZ)
    assert rung(elder, promised) == 1


def test_who_calls_again_is_told_so_and_takes_the_place_back(scene: Scene) -> None:
    agent, talker = busy_agent(scene)
    elder = waiting_elder(scene)
    is_promised(scene, elder)
    again = time.monotonic()
    scene.dial(elder)
    elder.hears("promise.waiting")
    elder.hears("promise.menu")
    elder.phone.press("1")
    elder.hears("promise.taken")
    scene.until("the place is taken back", lambda: the_promise(scene).state == "cancelled")
    scene.leave(talker)
    agent.hears_tone(CALLER_HZ)
    elder.hears_tone(AGENT_HZ)
    assert rung(elder, again) == 0


def test_who_does_not_answer_is_tried_twice_and_then_a_person_takes_over(scene: Scene) -> None:
    agent, talker = busy_agent(scene)
    elder = waiting_elder(scene)
    is_promised(scene, elder)
    elder.phone.answers = False
    promised = time.monotonic()
    scene.leave(talker)
    elder.phone.wait_for("ringing", 60, promised)
    elder.phone.wait_for("hung_up", 60, promised)
    scene.until("it was given to a person", lambda: the_promise(scene).state == "failed", 90)
    scene.until("the agent is free", lambda: scene.state("1001") is AgentState.READY)
    assert rung(elder, promised) == 2
    assert not agent.phone.busy
    with scene.hotline.stores.reading() as session:
        cases = session.scalars(select(Case).where(Case.key == the_promise(scene).cause)).all()
    assert [case.kind for case in cases] == ["callback"]


def test_two_callers_from_one_number_are_promised_one_call(scene: Scene) -> None:
    agent, talker = busy_agent(scene)
    one = waiting_elder(scene, DEMO.couple[0].number)
    other = waiting_elder(scene, WANG.number)
    is_promised(scene, one, DEMO.couple[0].number)
    other.hears("hold.offer_callback", 90)
    other.phone.press("1")
    hears_number(other, WANG.number, 1)
    other.phone.press("2")
    other.hears("hold.enter_number")
    other.phone.press(as_dialled(DEMO.couple[0].number) + "#")
    hears_number(other, DEMO.couple[0].number, 1)
    other.phone.press("1")
    other.hears("hold.promised_already")
    assert len(scene.living()) == 2
    one.phone.hang_up()
    since = time.monotonic()
    scene.leave(other, talker)
    one.phone.wait_for("connected", 90, since)
    agent.hears_tone(CALLER_HZ)
    assert rung(one, since) == 1

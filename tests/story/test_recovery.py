"""Calls that end while a part of ours is down have their record all the same: its end, how it went, and each once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from db.demo import DEMO
from db.models.calls import CallRecord
from routing.calls.messages import AgentState
from tests.phones.phone import PhoneEvent
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

HEARTBEAT_SECONDS = 12
RECORDED_SECONDS = 100
"""Seconds until what the node's files tell must be in the database: lease, reconnect, and a busy machine."""
ABOUT = 5.0
"""Seconds by which a time may differ between phone and node."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("recovery")
    with open_scene(folder, "redis", "asterisk", "ivr", "router", heartbeat_seconds=HEARTBEAT_SECONDS) as scene:
        yield scene


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(scene: Scene) -> Iterator[None]:
    yield
    scene.everybody_leaves()
    scene.assert_well()


def test_calls_that_end_while_the_router_is_away_are_recorded_once_when_it_returns(scene: Scene) -> None:
    agent = scene.agent()
    talking, waiting, later = (scene.person(each.number) for each in (DEMO.straight, DEMO.quiet, DEMO.wang))
    scene.dial(talking)
    agent.hears_tone(440)
    (talk_id,) = scene.until("the record of the talk", scene.calls)
    scene.dial(waiting)
    waiting.hears_something()
    waiting.phone.press("0")
    scene.until("he waits", scene.living)
    (wait_id,) = scene.until("his record", lambda: scene.calls().keys() - {talk_id})

    scene.hotline.kill("router")
    gave_up = leaves(scene, waiting)
    since = time.monotonic()
    talked_until = leaves(scene, talking)
    agent.phone.wait_for("hung_up", 60, since)
    scene.dial(later)
    later.hears_something()
    later.phone.press("0")
    later.hears("fallback.greet", HEARTBEAT_SECONDS + 60)
    later.hears_tone(1000)
    served = moment(agent.phone.wait_for("connected", 10, since))
    agent.hears_tone(440)
    over = leaves(scene, later)
    assert all(scene.calls()[each].ended_at is None for each in (talk_id, wait_id))

    scene.hotline.start("router")
    scene.until("all three have ended", lambda: ended(scene, 3), RECORDED_SECONDS)
    scene.until("all tickets have ended", lambda: len(tickets(scene)) >= 3)
    calls = scene.calls()
    (later_id,) = calls.keys() - {talk_id, wait_id}
    talk, wait, last = calls[talk_id], calls[wait_id], calls[later_id]
    assert [(each.outcome, each.agent_extension) for each in (talk, wait, last)] == [
        ("answered", "1001"), ("abandoned", None), ("answered", "1001"),
    ]  # fmt: skip
    about(talk.ended_at, talked_until)
    about(wait.ended_at, gave_up)
    about(last.answered_at, served)
    about(last.ended_at, over)
    assert [each.number for each in (talk, wait, last)] == [
        DEMO.straight.number, DEMO.quiet.number, DEMO.wang.number,
    ]  # fmt: skip
    assert tickets(scene) == {
        talk_id: [("answered", "1001")], wait_id: [("abandoned", None)], later_id: [("fallback", "1001")],
    }  # fmt: skip
    for call_id in calls:
        assert len([step for step in scene.journey(call_id) if step.startswith("call.recovered cel: ")]) == 1

    before = {call_id: (_facts(call), scene.journey(call_id)) for call_id, call in calls.items()}
    scene.hotline.kill("router")
    read_to = f"elderline:call_files:{scene.hotline.settings.node}"
    scene.hotline.stores.redis.delete(read_to)
    scene.hotline.start("router")  # It reads the files from their beginning again.
    scene.until("the files are read", lambda: scene.hotline.stores.redis.exists(read_to), RECORDED_SECONDS)
    again = scene.person(DEMO.quiet.number)
    scene.dial(again)
    scene.until("the agent is free", lambda: scene.state("1001") is AgentState.READY)
    again.hears_something()
    again.phone.press("0")
    again.hears_tone(1000)
    scene.leave(again)
    (fourth,) = scene.new_calls(calls, 1)
    assert fourth.outcome == "answered"
    after = scene.calls()
    assert {call_id: (_facts(after[call_id]), scene.journey(call_id)) for call_id in before} == before
    assert len(tickets(scene)[talk_id]) == 1


def test_an_sos_that_nobody_of_ours_heard_has_its_case_and_its_record(scene: Scene) -> None:
    before, agent = scene.calls(), scene.agent()
    for part in ("ivr", "router"):
        scene.hotline.kill(part)
    in_need = scene.person(DEMO.one_key.number)
    scene.dial(in_need, scene.hotline.settings.did_sos)
    in_need.hears("fallback.sos")
    in_need.hears_tone(1000)
    agent.hears_tone(440)
    over = leaves(scene, in_need)
    assert not scene.cases("sos")
    assert scene.calls().keys() == before.keys()

    scene.hotline.start("ivr", "router")
    scene.until("the record", lambda: scene.calls().keys() - before.keys(), RECORDED_SECONDS)
    (call,) = scene.new_calls(before, 1)
    assert (call.outcome, call.agent_extension, call.dialled, call.number) == (
        "answered", "1001", scene.hotline.settings.did_sos, DEMO.one_key.number,
    )  # fmt: skip
    about(call.ended_at, over)
    assert call.elder_id is not None
    (case,) = scene.until("the case", lambda: scene.cases("sos"))
    assert case.call_id == call.id


def moment(event: PhoneEvent) -> datetime:
    """When something happened at a phone, however late it was noticed."""
    return datetime.now(UTC) - timedelta(seconds=time.monotonic() - event.at)


def leaves(scene: Scene, person: Person) -> datetime:
    since = time.monotonic()
    scene.leave(person)
    return moment(person.phone.wait_for("hanging_up", 10, since))


def ended(scene: Scene, count: int) -> bool:
    return len([each for each in scene.calls().values() if each.ended_at and each.outcome]) >= count


def tickets(scene: Scene) -> dict[str, list[tuple[str | None, str | None]]]:
    ends = {each: [(row.end, row.agent_extension) for row in scene.tickets(each)] for each in scene.calls()}
    return {call_id: rows for call_id, rows in ends.items() if rows}


def _facts(call: CallRecord) -> tuple[object, ...]:
    return (
        call.started_at, call.answered_at, call.ended_at, call.outcome, call.agent_extension, call.number,
        call.dialled, call.elder_id,
    )  # fmt: skip


def about(moment: datetime | None, expected: datetime) -> None:
    assert moment is not None
    assert abs((moment - expected).total_seconds()) < ABOUT, f"{moment} is not about {expected}"

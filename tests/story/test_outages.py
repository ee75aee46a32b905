"""A part of ours dies while people call: no silence, everybody reaches a person, and calls work afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from db.demo import DEMO
from db.demo_people import ELDERS
from routing.calls.messages import AgentState
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

AGENT_HZ, CALLER_HZ = 1000, 440
AN_ELDER = ELDERS[6]
"""Of the same class of callers as the quiet one, whom nobody overtakes who came later."""
HEARTBEAT_SECONDS = 30
"""Long enough for a router that starts again on a busy machine and waits for the old one's lease, which lasts four."""

ROUND_SECONDS = 4
"""So long an SOS waits in Asterisk's own queue before it looks for others than the agents."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router")
    folder = tmp_path_factory.mktemp("scene")
    with open_scene(folder, *parts, heartbeat_seconds=HEARTBEAT_SECONDS, sos_outside_seconds=ROUND_SECONDS) as scene:
        yield scene


def test_the_ivr_dies_in_a_call_and_callers_go_on_to_a_person(scene: Scene) -> None:
    before, agent = scene.calls(), scene.agent()
    caller = scene.person(DEMO.quiet.number)
    scene.dial(caller)
    caller.hears(scene.greeting(), who="李爷爷")
    scene.hotline.kill("ivr")
    # What is being said is said to its end; then Asterisk waits for a key, as it was asked to, and notices.
    caller.hears("fallback.greet")
    assert caller.silent_spells() == []
    _talk(scene, caller, agent)

    _next_call(scene, agent)
    later = scene.person(DEMO.wang.number)
    scene.dial(later)
    later.hears("fallback.greet")
    _talk(scene, later, agent)

    _next_call(scene, agent)
    in_need = scene.person(DEMO.one_key.number)
    scene.dial(in_need, scene.hotline.settings.did_sos)
    _talk(scene, in_need, agent)
    assert not in_need.ears.heard_before("fallback.sos")  # The router lives: nobody waits for words.
    *others, sos = sorted(scene.new_calls(before, 3), key=lambda record: record.started_at)
    assert {record.outcome for record in others} == {"fallback"}
    # The router lives, and has taken the SOS: Asterisk's own queue gets only agents whom nobody in hold wants.
    assert (sos.outcome, sos.agent_extension) == ("answered", "1001")
    assert [(ticket.end, ticket.caller_class) for ticket in scene.tickets(sos.id)] == [("answered", "sos")]
    scene.until("a case", lambda: [case for case in scene.cases("sos") if case.call_id == sos.id])

    scene.hotline.start("ivr")
    _next_call(scene, agent)
    again = scene.person(DEMO.wang.number)
    scene.dial(again)
    again.hears(scene.greeting(), who="王奶奶")
    again.hears("welcome.menu")


def test_the_router_dies_and_returns_and_takes_up_who_waits(scene: Scene) -> None:
    before, caller = scene.calls(), scene.person(DEMO.quiet.number)
    scene.dial(caller)
    caller.hears_something()
    caller.phone.press("0")
    scene.until("he waits", scene.living)
    scene.hotline.kill("router")
    scene.hotline.start("router")
    agent = scene.agent()
    _talk(scene, caller, agent)
    assert not caller.ears.heard_before("fallback.greet")
    (record,) = scene.new_calls(before, 1)
    assert [(ticket.end, ticket.agent_extension) for ticket in scene.tickets(record.id)] == [("answered", "1001")]


def test_the_router_stays_away_and_who_waits_goes_to_asterisks_own_queue(scene: Scene) -> None:
    before, agent = scene.calls(), scene.agent()
    talking, waiting = scene.person(DEMO.straight.number), scene.person(DEMO.quiet.number)
    scene.dial(talking)
    agent.hears_tone(CALLER_HZ)
    scene.dial(waiting)
    waiting.hears_something()
    waiting.phone.press("0")
    scene.until("he waits", scene.living)
    scene.hotline.kill("router")
    agent.hears_tone(CALLER_HZ)  # Who talks goes on talking.
    talking.hears_tone(AGENT_HZ)
    since = time.monotonic()
    scene.leave(talking)
    agent.phone.wait_for("hung_up", 60, since)
    waiting.hears("fallback.greet", HEARTBEAT_SECONDS + 60)
    _talk(scene, waiting, agent, hang_up=False)
    scene.hotline.start("router")
    waiting.hears_tone(AGENT_HZ)
    scene.until("no ticket left", lambda: not scene.living())
    scene.leave(waiting)
    new = scene.new_calls(before, 2)  # The end of the talk, which nobody of ours heard, among them.

    def ends() -> list[str]:
        return sorted(ticket.end or "" for call in new for ticket in scene.tickets(call.id))

    scene.until("the ends of both tickets are written", lambda: len(ends()) >= 2)
    assert ends() == ["answered", "fallback"]
    scene.until("the agent is free", lambda: scene.state("1001") is AgentState.READY)

    again = scene.person(DEMO.quiet.number)
    scene.dial(again)
    again.hears_something()
    again.phone.press("0")
    _talk(scene, again, agent)


def test_an_sos_that_nobody_of_ours_hears_waits_for_a_busy_agent_instead_of_leaving_a_message(scene: Scene) -> None:
    before, agent, talking = scene.calls(), scene.agent(), scene.person(DEMO.straight.number)
    scene.dial(talking)
    agent.hears_tone(CALLER_HZ, 20)
    for part in ("ivr", "router"):
        scene.hotline.kill(part)
    in_need = scene.person(DEMO.one_key.number)
    scene.dial(in_need, scene.hotline.settings.did_sos)
    node = scene.hotline.node

    def asks_again() -> bool:
        names = [line.partition("!")[0] for line in node.cli("core show channels concise").splitlines() if "!" in line]
        return any("ROUNDS=2" in node.cli(f"core show channel {name}") for name in names)

    scene.until("it asks for an agent again", asks_again, 120)
    scene.leave(talking)
    _talk(scene, in_need, agent)
    scene.hotline.start("ivr", "router")
    assert {record.agent_extension for record in scene.new_calls(before, 2)} == {"1001"}


def test_who_waits_in_asterisks_own_queue_comes_to_the_router_with_the_place_they_have(scene: Scene) -> None:
    before, agent, talking = scene.calls(), scene.agent(), scene.person(DEMO.straight.number)
    scene.dial(talking)
    agent.hears_tone(CALLER_HZ, 20)
    scene.hotline.kill("ivr")
    first, later = scene.person(DEMO.quiet.number), scene.person(AN_ELDER.number)
    scene.dial(first)
    node = scene.hotline.node
    scene.until("he is in Asterisk's own queue", lambda: "!Queue!" in node.cli("core show channels concise"), 60)
    scene.hotline.start("ivr")
    scene.dial(later)
    later.hears_something()
    later.phone.press("0")
    scene.until("both are the router's", lambda: len(scene.living()) == 2, 150)
    by_place = [ticket.call_id for ticket in scene.hotline.services.tickets.waiting()]
    assert by_place == sorted(by_place, key=lambda call_id: int(call_id.rpartition(".")[2]))  # As they called.
    # Nobody of ours spoke with the first, and yet the agent is shown whose call it is.
    whose = [scene.elder_id(each) for each in (DEMO.quiet, AN_ELDER)]
    known = scene.hotline.services.tickets.waiting
    scene.until("it is known whose calls they are", lambda: [each.elder_id for each in known()] == whose)
    scene.leave(talking)
    _talk(scene, first, agent)
    _talk(scene, later, agent)
    records = {record.id: record for record in scene.new_calls(before, 3)}
    at = [records[call_id].answered_at for call_id in by_place]
    assert None not in at
    assert at[0] < at[1]
    # In the queue there was no ticket; the router made one for who came back.
    assert [[ticket.end for ticket in scene.tickets(call_id)] for call_id in by_place] == [["answered"], ["answered"]]


def _talk(scene: Scene, caller: Person, agent: Person, *, hang_up: bool = True) -> None:
    """The caller reaches the agent; each hears the other, and the caller has never heard a long silence."""
    caller.hears_tone(AGENT_HZ)
    agent.hears_tone(CALLER_HZ)
    assert caller.silent_spells() == []
    if hang_up:
        scene.leave(caller)


def _next_call(scene: Scene, agent: Person) -> None:
    """Wait until the agent can be rung again, by the router and by Asterisk's own queue."""
    scene.until("the agent has hung up", lambda: not agent.phone.busy)
    scene.until("the agent is free", lambda: scene.state(agent.phone.number) is AgentState.READY)

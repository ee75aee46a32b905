"""Whatever stands in the place of a caller's number: a greeting, a person, one record, nothing of it in the logs."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

import pytest

from db.demo import DEMO
from routing.calls.messages import AgentState
from routing.numbers import as_dialled
from tests.story.scene import Person, Scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

EVIL = '"Wang" ${EVIL}${SHELL(id)},1)\r\nAction: Logoff\r\n\r\n😀;x'
STRANGE = {
    "unknown": as_dialled(DEMO.stranger),
    "withheld": "anonymous",
    "foreign": "+12125550123",
    "short": "10086",
    "malformed": quote(EVIL, safe=""),
    "long": "7" * 200,
}
AT_ONCE = 2
"""Callers at a time, each with an agent: PJSIP has four calls in a process."""
AGENT_HZ, CALLER_HZ = 1000, 440


def test_each_hears_a_greeting_and_reaches_a_person(scene: Scene) -> None:
    before = scene.calls()
    agents = [scene.agent(str(1001 + at)) for at in range(AT_ONCE)]
    numbers = list(STRANGE.values())
    for first in range(0, len(numbers), AT_ONCE):
        callers = [scene.person(number) for number in numbers[first : first + AT_ONCE]]
        scene.at_once(*[partial(_reaches_a_person, scene, caller) for caller in callers])
        for agent in agents:
            agent.hears_tone(CALLER_HZ)
        for caller in callers:
            assert caller.silent_spells() == []
        scene.leave(*callers)
        scene.until(
            "the agents free", lambda: {scene.state(agent.phone.number) for agent in agents} == {AgentState.READY}
        )
    scene.everybody_leaves()

    records = scene.new_calls(before, len(STRANGE))
    kinds = sorted(scene.journey(record.id)[0].removeprefix("call.began welcome: ") for record in records)
    assert kinds == ["foreign", "malformed", "malformed", "unknown", "unknown", "withheld"]
    assert {record.outcome for record in records} == {"answered"}
    assert {record.number for record in records} == {DEMO.stranger, "+12125550123", "10086", None}
    assert all(len(scene.tickets(record.id)) == 1 for record in records)
    for part in ("ivr", "router"):
        for trace in ("EVIL", "SHELL", "Logoff", "12125550123", STRANGE["unknown"], "7" * 20):
            assert trace not in scene.hotline.log(part), f"{trace} in the log of {part}"


def _reaches_a_person(scene: Scene, caller: Person) -> None:
    scene.dial(caller)
    caller.hears("welcome.unknown")
    caller.hears("welcome.person")
    caller.hears_tone(AGENT_HZ)


@pytest.mark.parametrize("number", ["1002", "1001-web"])
def test_a_number_that_is_also_an_account_of_ours_reaches_a_person(scene: Scene, number: str) -> None:
    """An agent's account has that name: a telephone's, and a browser's."""
    caller, agent = scene.person(number), scene.agent("1001")
    scene.dial(caller)
    caller.hears("welcome.unknown")
    caller.hears_tone(AGENT_HZ)
    agent.hears_tone(CALLER_HZ)

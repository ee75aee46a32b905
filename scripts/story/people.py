"""Acts 6 and 7: a caller who presses nothing reaches a person; an SOS goes before everyone who waits."""

from __future__ import annotations

from typing import Any

from db.demo import DEMO
from routing.numbers import as_dialled
from scripts.story.api import Desk
from scripts.story.stage import Actor, Stage
from tests.ears import RATE, tone_level
from tests.ears.wav import as_samples

ELDER_HZ, AGENT_HZ, SOS_HZ = 440, 1000, 620
LOUD_ENOUGH = 0.03
"""Amplitude (0 to 1) of a tone that counts as heard; the phones speak theirs at about 0.4."""


def at_the_desk(stage: Stage) -> Actor:
    """The agent comes: the phone registers, and is ready."""
    extension = str(DEMO.agent.extension)
    with stage.timeline.step(f"agent {extension} registers the phone at the desk, and is ready"):
        agent = stage.agent(extension, tone_hz=AGENT_HZ)
        stage.api.post(f"agents/{extension}/state", {"state": "ready"})
        stage.api.until("the agent ready", lambda: _state(stage, "ready"), 20)
    return agent


def presses_nothing(stage: Stage, agent: Actor) -> None:
    """No key means a person: the agent's phone rings with the record shown, and the two hear each other."""
    step = stage.timeline.step
    quiet = stage.somebody(DEMO.quiet.number, tone_hz=ELDER_HZ)
    with step("李守义 dials 12349, is greeted as 李爷爷, and presses nothing"):
        stage.dial(quiet, stage.settings.did_hotline)
        quiet.hears("welcome.menu", 30)
    with step("he hears that he is put through"):
        quiet.hears("welcome.person", 20)
    with step("the agent's phone rings, while the agent's page shows his record"):
        agent.phone.wait_for("ringing", 20)
        desk = Desk(stage.base, DEMO.agent.login, DEMO.agent.password)
        stage.api.until("the record on the page", lambda: DEMO.quiet.name in desk.page("/desk"), 10)
    _talk(stage, quiet, agent, ELDER_HZ)
    with step("the agent hangs up, and has time for notes; then the next"):
        quiet_since = quiet.phone.events[-1].at
        agent.phone.hang_up()
        quiet.phone.wait_for("hung_up", 10, since=quiet_since)
        stage.api.until("wrap-up", lambda: _state(stage, "wrap_up"), 5)
        stage.api.post(f"agents/{DEMO.agent.extension}/state", {"state": "ready"})
        stage.api.until("ready again", lambda: _state(stage, "ready"), 10)


def sos_goes_first(stage: Stage, agent: Actor) -> None:
    """The agent talks, one elder waits; a one-key phone calls, and is the next to ring. A case is open."""
    step = stage.timeline.step
    talking, waiting = stage.somebody(DEMO.straight.number), stage.somebody(DEMO.quiet.number, tone_hz=ELDER_HZ)
    one_key = stage.somebody(DEMO.one_key.number, tone_hz=SOS_HZ)
    since = agent.phone.events[-1].at
    with step("孙福贵 is put straight through; the agent talks with him"):
        stage.dial(talking, stage.settings.did_hotline)
        agent.phone.wait_for("ringing", 30, since=since)
        agent.phone.answer()
        agent.phone.wait_for("connected", 10, since=since)
    with step("李守义 calls again and waits, with music"):
        stage.dial(waiting, stage.settings.did_hotline)
        waiting.hears("welcome.menu", 30)
        waiting.phone.press("0")
        stage.api.until("his ticket", lambda: _tickets(stage, "elder"), 20)
    with step("赵秀英 presses the one key of her phone: 12340 answers with a calm voice"):
        stage.dial(one_key, stage.settings.did_sos)
        one_key.hears("sos.calm")
        stage.api.until("her ticket", lambda: _tickets(stage, "sos"), 10)
    with step("a case is open"):
        case = stage.api.until("the case", lambda: _open_case(stage), 10)
    with step("the agent's call ends, no time for notes: her call rings at once, ahead of 李守义 who waited longer"):
        since = agent.phone.events[-1].at
        agent.phone.hang_up()
        stage.api.until("wrap-up", lambda: _state(stage, "wrap_up"), 5)
        stage.api.post(f"agents/{DEMO.agent.extension}/state", {"state": "ready"})
        rang = agent.phone.wait_for("ringing", 15, since=since)
        if as_dialled(DEMO.one_key.number) not in rang.detail:
            raise AssertionError("somebody else rang first")
    _talk(stage, one_key, agent, SOS_HZ)
    with step("the call ends, the case stays open until a person closes it with an outcome"):
        agent.phone.hang_up()
        if stage.api.get(f"cases/{case['id']}")["state"] != "open":
            raise AssertionError("the case closed by itself")
        stage.api.post(f"cases/{case['id']}/close", {"outcome": "女儿已经到家，老人平安", "result": "family_informed"})
    with step("then 李守义, who is still there, is answered"):
        since = agent.phone.events[-1].at
        stage.api.post(f"agents/{DEMO.agent.extension}/state", {"state": "ready"})
        agent.phone.wait_for("ringing", 15, since=since)
    _talk(stage, waiting, agent, ELDER_HZ)
    agent.phone.hang_up()


def _talk(stage: Stage, caller: Actor, agent: Actor, caller_hz: int) -> None:
    with stage.timeline.step("the agent answers, and each hears the other's tone"):
        since = agent.phone.events[-1].at
        agent.phone.answer()
        agent.phone.wait_for("connected", 10, since=since)
        for listener, hz in ((caller, AGENT_HZ), (agent, caller_hz)):
            stage.api.until(f"a tone of {hz} Hz", lambda one=listener, tone=hz: _hears_tone(one, tone), 10)  # type: ignore[misc]  # mypy cannot infer lambdas with defaults.


def _hears_tone(actor: Actor, hz: int) -> bool:
    last_second = as_samples(actor.phone.heard()[-RATE:])
    return tone_level(last_second, hz) > LOUD_ENOUGH


def _state(stage: Stage, state: str) -> bool:
    return bool(stage.api.get(f"agents/{DEMO.agent.extension}")["state"] == state)


def _tickets(stage: Stage, caller_class: str) -> list[dict[str, Any]]:
    living = stage.api.get("tickets", waiting="true")["items"]
    return [each for each in living if each["caller_class"] == caller_class and each["end"] is None]


def _open_case(stage: Stage) -> dict[str, Any] | None:
    elder_id = stage.elder_id(DEMO.one_key.code)
    cases = stage.api.get("cases", state="open", kind="sos", elder_id=elder_id)["items"]
    return cases[0] if cases else None

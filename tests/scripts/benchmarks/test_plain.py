"""The talk in pure dialplan is the talk of the flow, sound by sound."""

from __future__ import annotations

import wave
from pathlib import Path

from db.demo_people import ELDERS
from ivr.dialogue import Pace
from ivr.flows.welcome import Welcome
from routing.orders.kinds import Menu
from scripts.benchmarks.plain import DID, Talk, dialplan, presses, talk_of
from tests.ivr.flows.conftest import exchange
from tests.ivr.flows.talk import Exchange, catalogue
from tests.routing.town import ZONE, Town
from tests.routing.town_fixture import demo_file, town

__all__ = ["demo_file", "exchange", "town"]

PAYS_ALL = ELDERS[6]
"""As the callers of the benchmark do."""
PRESSES = {"welcome.menu": "1", "services.person": ["1", "1"]}


def test_it_plays_what_the_flow_plays(exchange: Exchange, town: Town) -> None:
    heard = exchange.call(Welcome, PAYS_ALL.number, PRESSES).call.heard
    said = {each.key: each.values for each in heard}
    talk = talk_of(
        catalogue(), town.orders.kinds(Menu.DAILY), who=str(heard[0].values["who"]),
        pays_fen=int(str(said["order.confirm"]["price"])), number=str(said["order.placed"]["number"]),
        now=town.clock.now.astimezone(ZONE), due=said["order.visit_at"]["when"],
    )  # fmt: skip
    flow = [sound for each in heard for sound in catalogue().plan(each.key, "zh-CN", **each.values)]
    assert [*talk.greeting, *sum(talk.questions, ()), *talk.ending] == flow


TALK = Talk(("hello",), (("long", "short"), ("short", "short", "long")), ("number", "bye"))


def test_it_reads_a_key_after_each_question_and_tells_when_none_came() -> None:
    lines = dialplan(TALK, "/sounds").splitlines()
    assert lines[2:5] == [
        f"exten => {DID},1,Answer()",
        " same => n,Playback(/sounds/hello)",
        f" same => n,Read(BENCH_KEY,/sounds/long&/sounds/short,1,,1,{Pace().key_seconds:g})",
    ]
    assert sum("?unheard" in line for line in lines) == len(TALK.questions)
    assert lines[-1] == " same => n(unheard),Hangup(21)"


def test_keys_are_pressed_within_a_long_sound(tmp_path: Path) -> None:
    for name, seconds in {"hello": 2.0, "long": 3.0, "short": 0.5}.items():
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(round(16000 * seconds)))
    # The greeting and a second; then the key itself, half a second of quiet, two short sounds and a second.
    assert presses(TALK, tmp_path) == (3000, 2700)

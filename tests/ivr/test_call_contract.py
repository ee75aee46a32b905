"""What every Call must do: the fake one that flows are tested with, and the real one over a scripted Asterisk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ivr.call import URGENT_KEYS, Call, CallerHungUp, HangupKind, RecordingEnd
from tests.ivr.conftest import AgiSession
from tests.ivr.fake_call import FakeCall


@dataclass
class Scene:
    call: Call
    heard: Callable[[], list[str]]
    variable: Callable[[str], str | None]


Stage = Callable[..., Scene]


@pytest.fixture(params=["fake", "agi"])
def stage(request: pytest.FixtureRequest, agi_session: AgiSession) -> Stage:
    def fake(presses: Any = None, **kwargs: Any) -> Scene:
        call = FakeCall(presses, **kwargs)
        return Scene(call, lambda: call.keys_heard, call.variables.get)

    def agi(presses: Any = None, *, recording: RecordingEnd = RecordingEnd.TIME, **kwargs: Any) -> Scene:
        answers = {
            RecordingEnd.TIME: b"200 result=0 (timeout) endpos=16000",
            RecordingEnd.KEY: b"200 result=35 (dtmf) endpos=16000",
            RecordingEnd.HANGUP: b"200 result=-1 (hangup) endpos=16000",
        }
        kwargs["moved"] = kwargs.pop("hang_up_kind", None) is HangupKind.CALLED_AWAY
        kwargs["missing"] = kwargs.pop("unplayable", ())
        call, asterisk = agi_session(presses, recording=answers[recording], **kwargs)
        return Scene(call, lambda: [each for each in asterisk.played if each != "beep"], asterisk.variables.get)

    return fake if request.param == "fake" else agi


def test_facts_of_the_call(stage: Stage) -> None:
    facts = stage().call.facts
    assert (facts.call_id, facts.node, facts.flow, facts.language) == ("a-1700000000.1", "a", "welcome", "zh-CN")
    assert (facts.caller_number, facts.dialled) == ("09318000001", "12349")


def test_a_prompt_without_keys_is_said_to_its_end(stage: Stage) -> None:
    scene = stage()
    scene.call.answer()
    assert scene.call.play("greet", who="王奶奶") is None
    assert scene.heard() == ["greet"]


def test_a_key_stops_the_prompt_and_is_returned(stage: Stage) -> None:
    scene = stage({"menu": "2"})
    assert scene.call.play("menu", keys="12") == "2"
    assert scene.call.wait_key(0.01) is None


def test_a_question_is_several_prompts_and_one_key(stage: Stage) -> None:
    scene = stage({"menu": "1"})
    assert scene.call.ask([("greet", {"who": "王奶奶"}), ("menu", {}), ("more", {})], seconds=4.5, quiet=0.5) == "1"
    assert scene.heard() == ["greet", "menu"]


@pytest.mark.parametrize("pressed", ["3#", "~3#"])
def test_keys_pressed_fast_over_a_question_or_after_it_come_in_order(stage: Stage, pressed: str) -> None:
    scene = stage({"menu": pressed})
    assert scene.call.ask([("menu", {})], seconds=1.0) == "3"
    assert scene.call.ask([("second", {})], seconds=1.0, quiet=0.5) == "#"
    assert scene.heard() == ["menu"]


def test_a_question_without_a_key_is_over_after_its_time(stage: Stage) -> None:
    scene = stage()
    assert scene.call.ask([("greet", {}), ("menu", {})], seconds=0.1) is None
    assert scene.heard() == ["greet", "menu"]


def test_a_key_kept_from_before_answers_a_question_at_once(stage: Stage) -> None:
    scene = stage({"greet": "2"})
    scene.call.play("greet")
    assert scene.call.ask([("menu", {})], seconds=1.0) == "2"
    assert scene.heard() == ["greet"]


@pytest.mark.parametrize("key", ["0", "9", "*", "#"])
def test_some_keys_stop_what_is_told(stage: Stage, key: str) -> None:
    scene = stage({"placed": f"17{key}"})
    assert scene.call.tell([("placed", {}), ("goodbye", {})], quiet=0.5) == key
    assert scene.heard() == ["placed"]


def test_what_must_not_be_held_up_is_stopped_by_0_and_9_alone(stage: Stage) -> None:
    scene = stage({"placed": "*#9"})
    assert scene.call.tell([("placed", {}), ("goodbye", {})], keys=URGENT_KEYS) == "9"
    scene = stage({"placed": "*#", "goodbye": "~#*"})
    assert scene.call.tell([("placed", {}), ("goodbye", {})], seconds=1.0, keys=URGENT_KEYS) is None
    assert scene.heard() == ["placed", "goodbye"]
    assert scene.call.wait_key(0.01) is None


def test_no_other_key_stops_what_is_told_and_none_is_kept(stage: Stage) -> None:
    scene = stage({"greet": "1", "placed": "12", "goodbye": "~38"})
    scene.call.play("greet")
    assert scene.call.tell([("placed", {}), ("goodbye", {})], seconds=1.0) is None
    assert scene.heard() == ["greet", "placed", "goodbye"]
    assert scene.call.wait_key(0.01) is None


def test_the_tones_a_to_d_do_not_end_a_question(stage: Stage) -> None:
    scene = stage({"menu": "AD1"})
    assert scene.call.ask([("menu", {})], seconds=1.0) == "1"


def test_a_question_of_which_nothing_can_be_played_can_still_be_answered(stage: Stage) -> None:
    scene = stage({"menu": "~1"}, unplayable={"broken"})
    assert scene.call.ask([("broken", {}), ("menu", {})], seconds=1.0) == "1"
    assert scene.heard() == ["menu"]
    assert scene.call.tell([("broken", {})]) is None


def test_a_key_that_nobody_asked_for_is_kept(stage: Stage) -> None:
    scene = stage({"greet": "1"})
    assert scene.call.play("greet") is None
    assert scene.call.wait_key(0.01) == "1"


def test_a_key_pressed_ahead_stops_the_next_prompt_before_it_begins(stage: Stage) -> None:
    scene = stage({"greet": "1"})
    scene.call.play("greet", keys="09")
    assert scene.call.play("menu", keys="12") == "1"
    assert scene.heard() == ["greet"]


def test_keys_pressed_fast_come_in_order(stage: Stage) -> None:
    scene = stage({"greet": "3#2"})
    scene.call.play("greet")
    assert [scene.call.wait_key(0.01) for _ in range(4)] == ["3", "#", "2", None]


def test_the_wanted_key_is_heard_after_an_unwanted_one(stage: Stage) -> None:
    scene = stage({"menu": "51"})
    assert scene.call.play("menu", keys="1") == "1"
    assert scene.call.wait_key(0.01) == "5"


def test_waiting_drops_what_it_does_not_want(stage: Stage) -> None:
    scene = stage({"menu": "~74"})
    assert scene.call.play("menu", keys="123456789") is None
    assert scene.call.wait_key(1.0, keys="4") == "4"
    assert scene.call.wait_key(0.01) is None


def test_the_tones_a_to_d_are_noise(stage: Stage) -> None:
    scene = stage({"menu": "~AD1"})
    scene.call.play("menu", keys="1")
    assert scene.call.wait_key(1.0) == "1"


def test_a_burst_of_keys_is_bounded(stage: Stage) -> None:
    scene = stage({"greet": "7" * 50})
    assert scene.call.play("greet") is None
    kept = 0
    while scene.call.wait_key(0.01) == "7":
        kept += 1
    assert kept == 32


@pytest.mark.parametrize(
    ("pressed", "read", "left"),
    [("~12#9", "12", "9"), ("~12345", "1234", "5"), ("~12", "12", None), ("~#", "", None), ("", "", None)],
)
def test_digits_end_with_hash_with_their_number_or_with_silence(
    stage: Stage, pressed: str, read: str, left: str | None
) -> None:
    for script in (pressed, pressed.lstrip("~")):
        scene = stage({"pin": script})
        scene.call.play("pin")
        assert scene.call.read_digits(first_seconds=0.01, next_seconds=0.01, maximum=4) == read
        assert scene.call.wait_key(0.01) == left


def test_a_pause_keeps_the_key_that_ends_it(stage: Stage) -> None:
    scene = stage({"greet": "~6"})
    scene.call.play("greet")
    scene.call.pause(0.01)
    assert scene.call.wait_key(0.01) == "6"


def test_variables_are_read_and_set(stage: Stage) -> None:
    scene = stage(variables={"CALL_ID": "a-1", "ODD": 'a "b" (c) \\ ${d}', "ENDED": "hangup"})
    assert scene.call.get("CALL_ID") == "a-1"
    assert scene.call.get("ODD") == 'a "b" (c) \\ ${d}'
    assert scene.call.get("ENDED") == "hangup"
    assert scene.call.get("NONE") is None
    scene.call.set("IVR_NEXT", "hold")
    assert scene.variable("IVR_NEXT") == "hold"


@pytest.mark.parametrize("value", ['a" "b', "a\\", '\\"', "${EXEC(rm)}", "$[1+1]", "a,b|c;d", "王奶奶", "", " "])
def test_a_value_arrives_as_it_is(stage: Stage, value: str) -> None:
    scene = stage()
    scene.call.set("IVR_REF", value)
    assert scene.call.get("IVR_REF") == value


def test_a_new_line_becomes_a_space(stage: Stage) -> None:
    scene = stage()
    scene.call.set("IVR_REF", 'x"\nHANGUP')
    assert scene.call.get("IVR_REF") == 'x" HANGUP'


def test_what_cannot_be_played_does_not_stop_the_call(stage: Stage) -> None:
    scene = stage({"menu": "1"}, unplayable={"broken"})
    assert scene.call.play("broken") is None
    assert scene.call.play("menu", keys="1") == "1"


@pytest.mark.parametrize("end", list(RecordingEnd))
def test_a_recording_tells_how_it_ended(stage: Stage, end: RecordingEnd) -> None:
    scene = stage(recording=end)
    made = scene.call.record("messages/a-1", 60.0, 2.0)
    assert (made.name, made.seconds, made.ended_by) == ("messages/a-1", 2.0, end)
    assert made.key == ("#" if end is RecordingEnd.KEY else None)
    if end is RecordingEnd.HANGUP:
        with pytest.raises(CallerHungUp):
            scene.call.play("thanks")
    else:
        scene.call.play("thanks")


STEPS: dict[str, Callable[[Call], object]] = {
    "answer": lambda call: call.answer(),
    "play": lambda call: call.play("greet"),
    "ask": lambda call: call.ask([("greet", {}), ("menu", {})], seconds=0.1, quiet=0.1),
    "tell": lambda call: call.tell([("placed", {}), ("goodbye", {})]),
    "wait_key": lambda call: call.wait_key(0.01),
    "read_digits": lambda call: call.read_digits(first_seconds=0.01, next_seconds=0.01, maximum=4),
    "pause": lambda call: call.pause(0.01),
    "record": lambda call: call.record("messages/a-1", 1.0, 1.0),
    "get": lambda call: call.get("CALL_ID"),
    "set": lambda call: call.set("IVR_NEXT", "bye"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", list(HangupKind))
def test_hanging_up_at_any_step(stage: Stage, step: str, kind: HangupKind) -> None:
    scene = stage(hang_up_at=2, hang_up_kind=kind)
    scene.call.answer()
    with pytest.raises(CallerHungUp) as gone:
        STEPS[step](scene.call)
    assert gone.value.kind is kind
    for again in STEPS.values():
        with pytest.raises(CallerHungUp) as gone:
            again(scene.call)
        assert gone.value.kind is kind


def test_hanging_up_from_our_side(stage: Stage) -> None:
    scene = stage()
    scene.call.hangup()
    scene.call.hangup()
    with pytest.raises(CallerHungUp):
        scene.call.play("greet")

"""* says it again and # slower and louder, at any time and not for ever; and the bound of a conversation."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.call import Delivery
from ivr.dialogue import (
    Dialogue,
    Entered,
    Matched,
    NoInput,
    NoMatch,
    Pace,
    PersonAsked,
    PersonWanted,
    SosAsked,
)
from routing.manners.manner import Manner
from tests.ivr.fake_call import FakeCall

CHOICES = {"1": "meal", "2": "cleaning"}
USUAL, BOTH, LOUD = Delivery(), Delivery(slow=True, loud=True), Delivery(loud=True)


def caller(presses: Any = None, pace: Pace | None = None, **kwargs: Any) -> tuple[FakeCall, Dialogue]:
    call = FakeCall(presses, **kwargs)
    return call, Dialogue(call, call.clock, pace)


def deliveries(call: FakeCall) -> list[Delivery]:
    return [each.delivery for each in call.heard]


def test_the_star_says_a_statement_again() -> None:
    call, dialogue = caller({"greet": "*"})
    dialogue.say("greet", who="王奶奶")
    assert call.keys_heard == ["greet", "greet"]
    assert call.heard[1].values == {"who": "王奶奶"}
    assert call.now == 1.5 + 0.5 + 3


def test_the_hash_says_a_statement_again_in_the_next_delivery_and_round() -> None:
    call, dialogue = caller({"greet": ["#", "#", "#"]})
    dialogue.say("greet")
    assert deliveries(call) == [USUAL, BOTH, LOUD, USUAL]


@pytest.mark.parametrize("pressed", ["*", "#"])
def test_at_the_bound_a_statement_is_said_to_its_end_whatever_is_pressed(pressed: str) -> None:
    call, dialogue = caller(lambda _key, _times: pressed)
    dialogue.say("greet")
    assert call.keys_heard == ["greet"] * 4
    assert call.now == 3 * (1.5 + 0.5) + 3
    call, dialogue = caller(lambda _key, _times: pressed)
    dialogue.conclude([("placed", {}), ("goodbye", {})])
    assert call.keys_heard == ["placed"] * 3 + ["placed", "goodbye"]


@pytest.mark.parametrize(("pressed", "asked"), [("0", PersonAsked), ("9", SosAsked)])
def test_0_and_9_are_obeyed_at_the_bound_too(pressed: str, asked: type[Exception]) -> None:
    call, dialogue = caller({"greet": ["*", "*", "#", "*", pressed]})
    with pytest.raises(asked):
        dialogue.say("greet")
    call, dialogue = caller({"greet": ["*", "*", "#", "*", pressed]})
    with pytest.raises(asked):
        dialogue.conclude("greet")
    assert call.keys_heard == ["greet"] * 5


@pytest.mark.parametrize(("pressed", "delivery"), [("~*", USUAL), ("*", USUAL), ("#", BOTH), ("~#", BOTH)])
def test_the_last_words_are_said_again(pressed: str, delivery: Delivery) -> None:
    call, dialogue = caller({"goodbye": [pressed]})
    dialogue.conclude([("placed", {"number": "1234"}), ("goodbye", {})], listen_seconds=4)
    assert call.keys_heard == ["placed", "goodbye"] * 2
    assert deliveries(call)[2:] == [delivery, delivery]


def test_words_that_nothing_may_hold_up_are_said_once() -> None:
    call, dialogue = caller({"sos.calm": "*#*#"})
    dialogue.conclude("sos.calm", again=False)
    assert (call.keys_heard, deliveries(call)) == (["sos.calm"], [USUAL])


def test_the_hash_in_a_menu_says_all_of_it_again_in_the_next_delivery() -> None:
    call, dialogue = caller({"menu": ["#", "#", "~#", "1"]})
    assert dialogue.menu("menu", CHOICES, before="greet") == Matched("meal")
    assert call.keys_heard == ["greet", "menu"] * 4
    assert deliveries(call)[::2] == [USUAL, BOTH, LOUD, USUAL]


def test_the_hash_over_a_hint_says_the_question_again() -> None:
    call, dialogue = caller({"error.hint": "#", "menu": ["", "1"]})
    assert dialogue.menu("menu", CHOICES) == Matched("meal")
    assert call.keys_heard == ["menu", "error.hint", "menu"]
    assert deliveries(call) == [USUAL, USUAL, BOTH]


def test_the_hash_is_obeyed_once_round_and_then_a_person_comes() -> None:
    call, dialogue = caller(lambda _key, _times: "#")
    assert dialogue.menu("menu", CHOICES) == NoMatch()
    assert call.keys_heard == ["menu"] * 4


def test_the_hash_is_no_wrong_key() -> None:
    _call, dialogue = caller({"menu": ["#7", "#", "2"], "error.wrong_key": "#"})
    assert dialogue.menu("menu", CHOICES) == Matched("cleaning")


@pytest.mark.parametrize("question", ["confirm", "rate", "ask"])
def test_star_and_hash_in_every_kind_of_question(question: str) -> None:
    call, dialogue = caller({"sure": ["*", "#", "12"]})
    ask: dict[str, Any] = {
        "confirm": lambda: dialogue.confirm("sure"),
        "rate": lambda: dialogue.rate("sure", {"1": True}),
        "ask": lambda: dialogue.ask("sure", digits=2),
    }
    assert ask[question]() == (Entered("12") if question == "ask" else Matched(value=True))
    assert deliveries(call) == [USUAL, USUAL, BOTH]


def test_a_hash_alone_is_the_delivery_and_after_a_digit_the_end() -> None:
    call, dialogue = caller({"pin": ["#", "~#", "12#"]})
    assert dialogue.ask("pin", digits=(2, 4)) == Entered("12")
    assert deliveries(call) == [USUAL, BOTH, LOUD]
    _call, dialogue = caller(lambda _key, _times: "#")
    assert dialogue.ask("pin", digits=4) == NoMatch()


def test_a_stray_hash_after_a_whole_answer_changes_nothing() -> None:
    call, dialogue = caller({"pin": "1234#", "again": "~5678"})
    assert dialogue.ask("pin", digits=4) == Entered("1234")
    assert dialogue.ask("again", digits=4) == Entered("5678")
    assert set(deliveries(call)) == {USUAL}


def test_a_delivery_lasts_for_the_conversation() -> None:
    call, dialogue = caller({"greet": "#"})
    dialogue.say("greet")
    dialogue.menu("menu", CHOICES)
    dialogue.conclude("goodbye")
    assert set(deliveries(call)[1:]) == {BOTH}


def test_the_elders_manner_is_kept_to() -> None:
    call, dialogue = caller()
    dialogue.suit(Manner(language="zh-CN", dialect="lanzhou", slow=True, key_seconds=4.5, hints=2))
    assert dialogue.menu("menu", CHOICES) == NoInput()
    assert call.keys_heard == ["menu", "error.hint", "error.hint"]
    assert call.now == 3 * 3 + 3 * 4.5
    assert call.heard[0].delivery == Delivery("zh-CN-x-lanzhou", slow=True)


def test_an_elder_without_hints_gets_the_person_at_the_first_silence() -> None:
    call, dialogue = caller()
    dialogue.suit(Manner(hints=0))
    assert dialogue.confirm("sure") == NoInput()
    assert call.keys_heard == ["sure"]


@pytest.mark.parametrize("manner", [Manner(key_seconds=600.0, hints=99), Manner(key_seconds=-1.0, hints=-5)])
def test_no_manner_goes_beyond_the_bounds(manner: Manner) -> None:
    call, dialogue = caller()
    dialogue.suit(manner)
    assert dialogue.menu("menu", CHOICES) == NoInput()
    assert len(call.heard) <= 3
    assert 2.0 <= (call.now - 3 * len(call.heard)) / len(call.heard) <= 4.5


def test_what_was_chosen_by_the_hash_stays_when_the_elder_is_known() -> None:
    call, dialogue = caller({"which": "#1"})
    dialogue.confirm("which")
    dialogue.suit(Manner(language="en"))
    assert call.delivery == Delivery("en", slow=True, loud=True)


def test_two_keys_that_mean_nothing_whatever_is_between() -> None:
    call, dialogue = caller({"menu": ["7", "*", "8"]})
    assert dialogue.menu("menu", CHOICES) == NoMatch()
    assert call.keys_heard == ["menu", "error.wrong_key", "menu", "menu"]


def test_a_conversation_asks_sixty_questions_and_no_more() -> None:
    call, dialogue = caller(lambda _key, _times: "12")
    asked = 0
    with capture_logs() as logs:
        while dialogue.confirm("sure") != NoMatch():
            asked += 1
            assert asked < 1000
    assert asked == 60
    heard = len(call.heard)
    assert dialogue.ask("pin", digits=2) == NoMatch()
    assert dialogue.rate("how", CHOICES) == NoMatch()
    assert len(call.heard) == heard
    assert {each["event"] for each in logs} == {"dialogue.too_many_questions"}


@pytest.mark.parametrize("burst", ["7" * 50, "ABCD" * 12 + "77", "*" * 50, "#" * 50, "*#" * 25, "8#*A" * 12])
def test_a_burst_where_nothing_is_asked_ends_with_a_person_and_places_nothing(burst: str) -> None:
    call, dialogue = caller({"greet": burst})
    dialogue.say("greet")
    assert dialogue.confirm("sure") in {NoMatch(), NoInput()}
    assert len(call.heard) < 20


def test_the_tones_a_to_d_are_no_keys_anywhere() -> None:
    call, dialogue = caller({"greet": "AB", "menu": "CD1", "goodbye": "ABCD"})
    dialogue.say("greet")
    assert dialogue.menu("menu", CHOICES) == Matched("meal")
    dialogue.conclude("goodbye")
    assert call.keys_heard == ["greet", "menu", "goodbye"]


def test_a_person_is_one_key_away_after_any_number_of_other_keys() -> None:
    for before in ("", "*", "#", "7", "*#7"):
        _call, dialogue = caller({"menu": before + "0"})
        assert dialogue.menu("menu", CHOICES) == PersonWanted()

"""The rules of the dialogue, one by one, with callers who press what the script says."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.call import CallerHungUp
from ivr.dialogue import (
    Dialogue,
    Entered,
    Matched,
    NoInput,
    NoMatch,
    PersonAsked,
    PersonWanted,
    SosAsked,
    SosWanted,
    value_or_person,
)
from tests.ivr.fake_call import FakeCall

CHOICES = {"1": "meal", "2": "cleaning"}


def caller(presses: Any = None, **kwargs: Any) -> tuple[FakeCall, Dialogue]:
    call = FakeCall(presses, **kwargs)
    return call, Dialogue(call, call.clock)


@pytest.mark.parametrize("pressed", ["1", "~1"])
def test_a_choice_over_the_prompt_or_after_it(pressed: str) -> None:
    call, dialogue = caller({"menu": pressed})
    assert dialogue.menu("menu", CHOICES) == Matched("meal")
    assert call.keys_heard == ["menu"]


def test_a_key_pressed_ahead_is_the_answer() -> None:
    call, dialogue = caller({"greet": "2"})
    dialogue.say("greet")
    assert dialogue.menu("menu", CHOICES) == Matched("cleaning")
    assert call.keys_heard == ["greet"]


def test_keys_ahead_answer_two_menus() -> None:
    call, dialogue = caller({"first": "12"})
    assert dialogue.menu("first", CHOICES) == Matched("meal")
    assert dialogue.menu("second", CHOICES) == Matched("cleaning")
    assert call.keys_heard == ["first"]


@pytest.mark.parametrize("pressed", ["0", "~0"])
def test_0_is_a_person(pressed: str) -> None:
    assert caller({"menu": pressed})[1].menu("menu", CHOICES) == PersonWanted()


@pytest.mark.parametrize("pressed", ["9", "~9"])
def test_9_is_sos(pressed: str) -> None:
    assert caller({"menu": pressed})[1].menu("menu", CHOICES) == SosWanted()


@pytest.mark.parametrize(("pressed", "asked"), [("0", PersonAsked), ("9", SosAsked)])
def test_0_and_9_over_what_is_said(pressed: str, asked: type[Exception]) -> None:
    call, dialogue = caller({"greet": pressed})
    with pytest.raises(asked):
        dialogue.say("greet")
    assert call.keys_heard == ["greet"]


@pytest.mark.parametrize(("pressed", "wanted"), [("0", PersonWanted()), ("9", SosWanted())])
def test_0_and_9_over_the_hint_and_the_correction(pressed: str, wanted: object) -> None:
    assert caller({"error.hint": pressed})[1].menu("menu", CHOICES) == wanted
    assert caller({"menu": "7", "error.wrong_key": pressed})[1].menu("menu", CHOICES) == wanted


def test_no_key_is_hinted_at_once_and_then_given_up() -> None:
    call, dialogue = caller()
    assert dialogue.menu("menu", CHOICES, key_seconds=4) == NoInput()
    assert call.keys_heard == ["menu", "error.hint"]
    assert call.now == 3 + 4 + 3 + 4


def test_no_key_at_the_welcome_is_given_up_at_once() -> None:
    call, dialogue = caller()
    assert dialogue.menu("menu", CHOICES, hints=0, key_seconds=4) == NoInput()
    assert call.keys_heard == ["menu"]
    assert call.now == 3 + 4


def test_a_key_after_the_hint_is_a_choice() -> None:
    _call, dialogue = caller({"error.hint": "~2"})
    assert dialogue.menu("menu", CHOICES) == Matched("cleaning")


def test_two_hints_if_so_wished() -> None:
    _call, dialogue = caller({"error.hint": ["", "1"]})
    assert dialogue.menu("menu", CHOICES, hints=2) == Matched("meal")


def test_a_wrong_key_is_told_and_the_menu_said_again() -> None:
    call, dialogue = caller({"menu": ["7", "1"]})
    assert dialogue.menu("menu", CHOICES) == Matched("meal")
    assert call.keys_heard == ["menu", "error.wrong_key", "menu"]


@pytest.mark.parametrize("pressed", [["7", "8"], ["#7", "8"], ["~3", "~3"], "34"])
def test_two_wrong_keys_are_no_match(pressed: Any) -> None:
    assert caller({"menu": pressed})[1].menu("menu", CHOICES) == NoMatch()


def test_star_says_it_again_but_not_for_ever() -> None:
    call, dialogue = caller(lambda key, _times: "*")
    assert dialogue.menu("menu", CHOICES) == NoMatch()
    assert call.keys_heard == ["menu"] * 4


def test_50_keys_in_a_burst_end() -> None:
    _call, dialogue = caller({"greet": "7" * 50})
    dialogue.say("greet")
    assert dialogue.menu("menu", CHOICES) == NoMatch()


@pytest.mark.parametrize("key", ["0", "9", "*", "#", "A", "12", ""])
def test_a_menu_on_a_key_that_is_taken_is_refused(key: str) -> None:
    call, dialogue = caller()
    with pytest.raises(ValueError, match="cannot be a choice"):
        dialogue.menu("menu", {key: "x"})
    assert call.steps == 0


@pytest.mark.parametrize("choices", [{}, dict.fromkeys("12345", "x")])
def test_a_menu_has_one_to_four_choices(choices: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one to 4"):
        caller()[1].menu("menu", choices)


def test_a_menu_in_parts_can_be_answered_in_any() -> None:
    parts = [("services.intro", {}), *(("services.choice", {"service": each, "key": each}) for each in "123")]
    call, dialogue = caller({"services.choice": ["", "2"]})
    assert dialogue.menu(parts, {"1": 1, "2": 2, "3": 3}) == Matched(2)
    assert call.keys_heard == ["services.intro", "services.choice", "services.choice"]
    assert call.heard[1].values == {"service": "1", "key": "1"}


def test_what_is_said_before_a_question_is_said_once_and_can_be_answered() -> None:
    call, dialogue = caller({"menu": ["*", "7", "1"]})
    assert dialogue.menu("menu", CHOICES, before=[("greet", {"who": "王奶奶"})]) == Matched("meal")
    assert call.keys_heard == ["greet", "menu", "menu", "error.wrong_key", "menu"]
    call, dialogue = caller({"greet": "2"})
    assert dialogue.menu("menu", CHOICES, before="greet") == Matched("cleaning")
    assert call.keys_heard == ["greet"]
    call, dialogue = caller({"greet": "47", "pin": ["11"]})
    assert dialogue.ask("pin", digits=2, before="greet") == Entered("47")


@pytest.mark.parametrize(("pressed", "asked"), [("10", PersonAsked), ("~79", SosAsked)])
def test_0_and_9_over_the_last_words(pressed: str, asked: type[Exception]) -> None:
    call, dialogue = caller({"placed": pressed})
    with pytest.raises(asked):
        dialogue.conclude([("placed", {}), ("goodbye", {})], listen_seconds=4)
    assert call.keys_heard == ["placed"]


def test_other_keys_over_the_last_words_mean_nothing() -> None:
    call, dialogue = caller({"placed": "1", "goodbye": "~74"})
    dialogue.conclude([("placed", {}), ("goodbye", {})], listen_seconds=4)
    assert (call.keys_heard, call.now) == (["placed", "goodbye"], 3 + 3 + 4)
    assert dialogue.menu("menu", CHOICES, hints=0) == NoInput()


def test_values_belong_to_a_single_prompt() -> None:
    call, dialogue = caller({"order.confirm": "1"})
    assert dialogue.confirm("order.confirm", service="meal", price=1200) == Matched(value=True)
    assert call.heard[0].values == {"service": "meal", "price": 1200}
    with pytest.raises(ValueError, match="parts"):
        dialogue.menu([("a", {})], CHOICES, service="meal")


@pytest.mark.parametrize(
    ("pressed", "answer"), [("1", Matched(value=True)), ("2", Matched(value=False)), ("", NoInput())]
)
def test_a_question_is_affirmed_or_denied(pressed: str, answer: object) -> None:
    assert caller({"sure": pressed})[1].confirm("sure") == answer


def test_half_a_second_of_quiet_after_a_key() -> None:
    call, dialogue = caller({"menu": "1"})
    dialogue.menu("menu", CHOICES)
    pressed_at = call.now
    dialogue.say("done")
    assert call.now == pressed_at + 0.5 + 3


def test_work_counts_as_quiet() -> None:
    call, dialogue = caller({"menu": "1"})
    dialogue.menu("menu", CHOICES)
    call.now += 2
    before = call.steps
    dialogue.say("done")
    assert call.steps == before + 1


def test_no_quiet_before_the_first_word() -> None:
    call, dialogue = caller()
    dialogue.say("greet")
    assert (call.steps, call.now) == (1, 3)


def test_a_key_pressed_in_the_quiet_is_kept() -> None:
    _call, dialogue = caller({"menu": "12"})
    dialogue.menu("menu", CHOICES)
    assert dialogue.menu("second", CHOICES) == Matched("cleaning")


@pytest.mark.parametrize("pressed", ["4711", "~4711", "09#", "~90#", "1200", "~0012"])
def test_digits_over_the_prompt_or_after_it(pressed: str) -> None:
    expected = pressed.strip("~#")
    _call, dialogue = caller({"pin": pressed})
    answer = dialogue.ask("pin", digits=(2, 4))
    assert isinstance(answer, Entered)
    assert answer.value == expected


@pytest.mark.parametrize("pressed", ["0", "~0", "~0#"])
def test_0_alone_is_a_person_in_a_question_too(pressed: str) -> None:
    assert caller({"pin": pressed})[1].ask("pin", digits=4) == PersonWanted()


@pytest.mark.parametrize("pressed", ["9", "~9", "~9#"])
def test_9_alone_is_sos_in_a_question_too(pressed: str) -> None:
    assert caller({"pin": pressed})[1].ask("pin", digits=4) == SosWanted()


def test_star_asks_again() -> None:
    call, dialogue = caller({"pin": ["*", "1234"]})
    assert dialogue.ask("pin", digits=4) == Entered("1234")
    assert call.keys_heard == ["pin", "pin"]


def test_no_digits_are_hinted_at_once_and_then_given_up() -> None:
    call, dialogue = caller()
    assert dialogue.ask("pin", digits=4) == NoInput()
    assert call.keys_heard == ["pin", "error.take_your_time", "error.hint", "pin"]
    assert call.now == 4 * 3 + 3 * 4


@pytest.mark.parametrize("pressed", [["12#", "13#"], ["~1*3", "~5#"]])
def test_two_entries_that_do_not_fit_are_no_match(pressed: list[str]) -> None:
    assert caller({"pin": pressed})[1].ask("pin", digits=4) == NoMatch()


def test_the_hash_after_a_complete_entry_is_forgiven() -> None:
    call, dialogue = caller({"pin": "1234#", "menu": ["", "1"]})
    assert dialogue.ask("pin", digits=4) == Entered("1234")
    assert dialogue.menu("menu", CHOICES) == NoInput()
    assert "error.wrong_key" not in call.keys_heard


def test_the_hash_is_forgiven_once() -> None:
    call, dialogue = caller({"pin": "1234##1"})
    dialogue.ask("pin", digits=4)
    assert not call.delivery.slow
    assert dialogue.menu("menu", CHOICES) == Matched("meal")
    assert call.delivery.slow


@pytest.mark.parametrize("digits", [1, 0, (1, 4), (5, 4)])
def test_a_single_digit_is_a_menu(digits: Any) -> None:
    with pytest.raises(ValueError, match="two digits"):
        caller()[1].ask("pin", digits=digits)


def test_digits_are_in_no_log_and_no_repr() -> None:
    _call, dialogue = caller({"pin": ["12345#", "4711"]})
    with capture_logs() as logs:
        answer = dialogue.ask("pin", digits=4)
    assert "4711" not in repr(answer)
    assert "4711" not in str(logs)


@pytest.mark.parametrize("step", range(1, 8))
def test_hanging_up_at_each_step_is_not_an_answer(step: int) -> None:
    _call, dialogue = caller({"menu": "7"}, hang_up_at=step)
    with pytest.raises(CallerHungUp):
        for _ in range(4):
            dialogue.menu("menu", CHOICES)


def test_whoever_needs_a_value_gets_it_or_a_person() -> None:
    assert value_or_person(Matched("meal")) == "meal"
    for answer in (NoInput(), NoMatch(), PersonWanted()):
        with pytest.raises(PersonAsked):
            value_or_person(answer)
    with pytest.raises(SosAsked):
        value_or_person(SosWanted())

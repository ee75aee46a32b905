"""Many sounds in one command: what is sent, what can never be in it, and what is done when a sound is missing."""

import pytest
from structlog.testing import capture_logs

from ivr.agi_protocol import COMMAND_BYTES, quote
from ivr.background import arguments
from ivr.call import ALWAYS_KEYS, KEYS, CallerHungUp
from tests.ivr.conftest import AgiSession

QUESTION = [("greet", {}), ("menu+more", {})]


def sent(asterisk: object) -> list[str]:
    """The verbs of what was sent, as EXEC Background."""
    return [" ".join(each[:2]) for each in asterisk.commands]  # type: ignore[attr-defined]  # any script has it


def test_a_question_answered_is_one_command(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"menu": "1"})
    assert call.ask(QUESTION, seconds=4.5, quiet=0.42) == "1"
    assert asterisk.commands == [
        [
            "EXEC",
            "Background",
            "/prompts/tones/quiet.5&/prompts/greet&/prompts/menu&/prompts/more&/prompts/tones/quiet.40"
            "&/prompts/tones/quiet.5,m,,any-key",
        ]
    ]


def test_what_is_told_is_one_command_and_a_glance_at_how_it_went(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    assert call.tell([("placed+4+8", {}), ("goodbye", {})]) is None
    assert asterisk.commands == [
        ["EXEC", "Background", "/prompts/placed&/prompts/4&/prompts/8&/prompts/goodbye,m,,always-key"],
        ["GET", "VARIABLE", "BACKGROUNDSTATUS"],
    ]


def test_where_a_sound_is_missing_each_is_said_by_itself_from_then_on(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"second": "2"}, missing={"menu"})
    with capture_logs() as logs:
        assert call.ask(QUESTION, seconds=0.1, quiet=0.1) is None
        assert call.ask([("second", {})], seconds=0.1) == "2"
    assert asterisk.played == ["greet", "greet", "more", "second"]
    assert sent(asterisk).count("EXEC Background") == 1
    assert call.sounds_failed == 1
    assert [(each["event"], each["sound"]) for each in logs] == [("sound.not_played", "/menu")]


def test_where_all_sounds_are_missing_there_is_no_silence(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"beep": "1"}, missing={"greet", "menu", "more"})
    assert call.ask([("menu+more", {})], seconds=1.0) == "1"
    assert asterisk.played == ["beep"]


def test_an_unknown_prompt_is_replaced_and_the_others_are_said(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    assert call.tell([("unknown.prompt", {}), ("goodbye", {})]) is None
    assert asterisk.played == ["beep", "goodbye"]
    assert call.sounds_failed == 1


@pytest.mark.parametrize(
    "name",
    ["a,b", "a&b", "${SHELL(id)}", "$[1+1]", 'a"b', "a\nb", "a b", "a'b", "a|b", "a\\b", "http://h/x", "", ".a", "a/"],
)
def test_a_name_that_is_more_than_a_path_never_gets_into_the_argument(agi_session: AgiSession, name: str) -> None:
    with pytest.raises(ValueError, match="sound"):
        arguments(["/prompts/a", name], KEYS)
    call, asterisk = agi_session()
    call.ask([(name.replace("+", ""), {}), ("menu", {})], seconds=0.1)
    assert all("Background" not in command for command in asterisk.commands)


def test_the_values_of_a_prompt_are_no_names(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    call.tell([("placed", {"number": "1&2,p,${X}"})])
    assert asterisk.commands[0][2] == "/prompts/placed,m,,always-key"


def test_more_sounds_than_a_line_takes_are_two_commands_and_in_order() -> None:
    sounds = [f"/run/elderline/prompts/zh-CN/number.{at}" for at in range(60)]
    lines = list(arguments(sounds, ALWAYS_KEYS))
    assert len(lines) == 2
    assert all(len(f"EXEC Background {quote(each)}".encode()) <= COMMAND_BYTES for each in lines)
    assert all(each.endswith(",m,,always-key") for each in lines)
    assert [sound for each in lines for sound in each.partition(",")[0].split("&")] == sounds


def test_words_longer_than_a_line_end_with_the_key_in_any_of_them(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"s99": "7"})
    assert call.ask([("+".join(f"s{at}" for at in range(200)), {})], seconds=1.0) == "7"
    assert asterisk.played == [f"s{at}" for at in range(100)]


@pytest.mark.parametrize("at", [1, 2])
def test_a_hangup_within_is_no_missing_sound(agi_session: AgiSession, at: int) -> None:
    call, _ = agi_session(hang_up_at=at)
    with pytest.raises(CallerHungUp):
        call.tell([("placed", {})])
        call.tell([("goodbye", {})])
    assert call.sounds_failed == 0

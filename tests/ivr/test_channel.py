"""What only the real channel does: sounds that fail, sounds that go on, and what is sent on the wire."""

import pytest
from structlog.testing import capture_logs

from ivr.call import CallerHungUp, ChannelError, HangupKind
from tests.ivr.conftest import AgiSession


def streams(asterisk: object) -> list[list[str]]:
    return [each for each in asterisk.commands if each[0] == "STREAM"]  # type: ignore[attr-defined]  # any script has it


def test_every_file_of_a_prompt_is_played_in_order(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    call.play("one+two+three")
    assert [each[2] for each in streams(asterisk)] == ["/prompts/one", "/prompts/two", "/prompts/three"]


def test_a_key_between_two_files_is_not_lost(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"one": "~1"})
    assert call.play("one+two+three", keys="1") == "1"
    assert asterisk.played == ["one", "two"]


def test_a_sound_goes_on_where_an_unwanted_key_stopped_it(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"one": "55"})
    assert call.play("one", keys="1") is None
    assert [each[4:] for each in streams(asterisk)] == [[], ["800"], ["1600"]]
    assert (call.wait_key(0.1), call.wait_key(0.1)) == ("5", "5")


def test_a_missing_file_is_counted_logged_and_passed_over(agi_session: AgiSession) -> None:
    call, asterisk = agi_session(missing={"two"})
    with capture_logs() as logs:
        assert call.play("one+two+three") is None
    assert asterisk.played == ["one", "three"]
    assert call.sounds_failed == 1
    assert [(each["event"], each["sound"]) for each in logs] == [("sound.not_played", "/two")]


def test_a_prompt_without_any_file_is_replaced_by_the_fallback(agi_session: AgiSession) -> None:
    call, asterisk = agi_session({"beep": "1"}, missing={"one", "two"})
    assert call.play("one+two", keys="1") == "1"
    assert asterisk.played == ["beep"]


def test_an_unknown_prompt_is_replaced_by_the_fallback(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    with capture_logs() as logs:
        call.play("unknown.prompt")
    assert asterisk.played == ["beep"]
    assert logs[0]["prompt"] == "unknown.prompt"
    assert call.sounds_failed == 1


def test_without_any_sound_there_is_still_a_tone(agi_session: AgiSession) -> None:
    call, asterisk = agi_session(missing={"one", "beep"})
    assert call.play("one") is None
    assert ["EXEC", "PlayTones", "!425/300,!0/150,!425/300"] in asterisk.commands
    assert call.sounds_failed == 2


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_hangup_is_no_missing_file(agi_session: AgiSession, at: int) -> None:
    call, _ = agi_session(hang_up_at=at, missing={"one", "two"})
    with capture_logs() as logs, pytest.raises(CallerHungUp) as gone:
        call.play("one+two+three")
    assert gone.value.kind is HangupKind.HUNG_UP
    assert call.sounds_failed == len(logs) == (at - 1) // 2


def test_the_channel_is_asked_for_nothing_that_the_header_tells(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    assert call.facts.call_id
    assert asterisk.commands == []


@pytest.mark.parametrize("name", ["", "A B", 'X"', "X\nHANGUP", "${X}", "SHELL(rm)", "1X"])
def test_a_variable_has_a_name(agi_session: AgiSession, name: str) -> None:
    call, asterisk = agi_session()
    for act in (lambda: call.get(name), lambda: call.set(name, "x")):
        with pytest.raises(ValueError, match="no name"):
            act()
    assert asterisk.commands == []


@pytest.mark.parametrize("name", ["", "../x", "a/../b", "a b", "a\nb", 'a"b', "/"])
def test_a_recording_has_a_plain_name(agi_session: AgiSession, name: str) -> None:
    call, asterisk = agi_session()
    with pytest.raises(ValueError, match="recording"):
        call.record(name, 10, 2)
    assert asterisk.commands == []


def test_a_recording_that_cannot_be_written_is_an_error(agi_session: AgiSession) -> None:
    call, _ = agi_session(recording=b"200 result=-1 (writefile)")
    with pytest.raises(ChannelError):
        call.record("messages/a", 10, 2)
    call.play("one")


def test_what_a_recording_asks_for(agi_session: AgiSession) -> None:
    call, asterisk = agi_session()
    call.record("/var/messages/a-1", 60, 2.4, end_keys="#*")
    assert asterisk.commands == [["RECORD", "FILE", "/var/messages/a-1", "wav", "#*", "60000", "s=2"]]


def test_digits_that_end_otherwise_are_refused(agi_session: AgiSession) -> None:
    call, _ = agi_session()
    with pytest.raises(ValueError, match="#"):
        call.read_digits(first_seconds=1, next_seconds=1, maximum=4, end="*")

"""Whoever we do not know leaves name and address, or speaks to a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from db.demo import DEMO
from db.models import Case, Elder
from ivr.call import RecordingEnd
from ivr.flows.registration import KEY_SECONDS
from ivr.flows.welcome import Welcome
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.hours.policy import Standing, Why
from tests.ivr.fake_call import PROMPT_SECONDS
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.ivr.flows.test_complaint import Away
from tests.routing.town import ZONE, Town

OPENS = datetime(2026, 3, 5, 8, tzinfo=ZONE)
DAY, NIGHT = ["welcome.unknown", "registration.menu"], ["welcome.unknown", "closed.now", "registration.menu_closed"]


def register(exchange: Exchange, keys: dict[str, Any] | None = None, **more: Any) -> Talk:
    pressed = {"registration.menu": "1", "registration.menu_closed": "1"} | (keys or {})
    return exchange.call(Welcome, DEMO.stranger, pressed, **{"recorded_seconds": 9} | more)


def registrations(town: Town) -> list[Case]:
    return [case for case in town.rows(Case) if case.kind == "registration"]


def close(exchange: Exchange) -> None:
    exchange.services["standing"] = lambda: Standing(False, None, OPENS, Why.WEEKDAY)


def test_a_stranger_leaves_name_and_address_and_is_promised_a_call(exchange: Exchange, town: Town) -> None:
    talk = register(exchange)
    (case,) = registrations(town)
    assert talk.heard == [
        *DAY, "registration.leave", "registration.thanks", "note.call_by", "bye.goodbye",
    ]  # fmt: skip
    assert not talk.call.not_spoken
    assert (case.number, case.elder_id, case.recording) == (
        DEMO.stranger, None, f"registration-{talk.call.facts.call_id}",
    )  # fmt: skip
    assert case.due_at == talk.said("note.call_by")["when"]
    assert (talk.goes, talk.book.ends, talk.book.tickets) == ("bye", ["self_served"], [])


@pytest.mark.parametrize("keys", ["", "2", "33", "****"])
def test_no_key_is_a_person_at_once_who_registers_them(exchange: Exchange, town: Town, keys: str) -> None:
    talk = register(exchange, {"registration.menu": keys})
    assert talk.heard[-1] == "welcome.person"
    assert "error.hint" not in talk.heard
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.REGISTER)
    assert not registrations(town)


def test_one_wait_for_a_key_is_all_that_is_between_them_and_a_person(exchange: Exchange) -> None:
    said = 3 * PROMPT_SECONDS
    assert exchange.call(Welcome, DEMO.stranger).call.now <= said + KEY_SECONDS


@pytest.mark.parametrize("over", ["welcome.unknown", "registration.menu", "registration.leave", "registration.thanks"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_over_every_prompt(exchange: Exchange, over: str, key: str, goes: str) -> None:
    talk = register(exchange, {over: key})
    assert talk.goes == goes
    assert talk.ticket.intent is (Intent.SOS if goes == "sos" else Intent.REGISTER)
    assert (talk.ticket.caller_class is CallerClass.SOS) == (goes == "sos")


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_while_recording(exchange: Exchange, town: Town, key: str, goes: str) -> None:
    talk = register(exchange, recording=RecordingEnd.KEY, recording_key=key, recorded_seconds=5)
    assert talk.goes == goes
    (case,) = registrations(town)
    assert goes == "sos" or talk.ticket.case_id == case.id


def test_silence_twice_is_a_person(exchange: Exchange, town: Town) -> None:
    talk = register(exchange, recorded_seconds=1.2)
    assert talk.heard[-1] == "note.to_person"
    assert (talk.goes, talk.ticket.intent, registrations(town)) == ("hold", Intent.REGISTER, [])


def test_hanging_up_at_every_step(exchange: Exchange, town: Town) -> None:
    every_step(lambda at: register(exchange, hang_up_at=at))
    assert len({case.call_id for case in registrations(town)}) == len(registrations(town)) > 0
    talk = register(exchange, recording=RecordingEnd.HANGUP, recorded_seconds=4)
    assert talk.call.facts.call_id in [case.call_id for case in registrations(town)]


def test_with_the_database_away_they_are_thanked_all_the_same(exchange: Exchange, town: Town) -> None:
    town.voice_notes._cases = Away()  # type: ignore[assignment]
    assert register(exchange).heard[-3:] == ["registration.thanks", "note.call_by", "bye.goodbye"]


def test_by_night_they_hear_who_is_there_and_all_the_keys(exchange: Exchange, town: Town) -> None:
    close(exchange)
    talk = exchange.call(Welcome, DEMO.stranger)
    assert talk.heard == [*NIGHT, "closed.person"]
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.REGISTER)
    assert register(exchange).heard[3:] == [
        "registration.leave", "registration.thanks", "note.call_by", "bye.goodbye"]  # fmt: skip
    assert register(exchange, recorded_seconds=1.2).heard[-1] == "closed.person"
    assert register(exchange, {"closed.now": "9"}).goes == "sos"
    assert every_step(lambda at: register(exchange, hang_up_at=at)) > 4


def test_the_number_of_an_elder_who_left_the_register_is_offered_it_too(exchange: Exchange, town: Town) -> None:
    with town.unit_of_work() as session:
        session.query(Elder).filter(Elder.code == DEMO.quiet.code).one().state = "moved"
    talk = exchange.call(Welcome, DEMO.quiet.number, {"registration.menu": "1"}, recorded_seconds=9)
    assert talk.heard[:2] == DAY
    assert registrations(town)[0].number == DEMO.quiet.number


@pytest.mark.parametrize("number", ["", "anonymous", "+12125550123", "12a45", "10086"])
def test_whoever_cannot_be_called_back_is_put_through(exchange: Exchange, number: str) -> None:
    assert exchange.call(Welcome, number).heard == ["welcome.unknown", "welcome.person"]


def test_nobody_is_offered_a_registration_while_we_cannot_tell_who_it_is(exchange: Exchange) -> None:
    class Down:
        def look_up(self, _number: str) -> None:
            raise DirectoryUnavailable("down")

    exchange.directory = Down()
    assert exchange.call(Welcome, DEMO.stranger).heard == ["welcome.unknown", "welcome.person"]

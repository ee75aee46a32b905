"""A cry for help, whatever is broken."""

from __future__ import annotations

import threading

import pytest

from db.demo import DEMO
from db.models import CaseEvent
from ivr.flows import desk
from ivr.flows.sos import Sos
from ivr.flows.welcome import Welcome
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.numbers import masked
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

KEY_PHONE = DEMO.one_key.number


def test_the_case_is_open_before_a_word_is_said(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Sos, KEY_PHONE, hang_up_at=2)
    assert talk.heard == []
    (case,) = town.cases.open_cases()
    assert (case.kind, case.elder_id) == ("sos", town.elder_id(DEMO.one_key))


def test_nothing_is_said_or_asked_and_a_ticket_goes_ahead_of_all(exchange: Exchange, town: Town) -> None:
    """The calm voice is the dialplan's: while a flow speaks, no phone can ring."""
    talk = exchange.call(Sos, KEY_PHONE)
    assert (talk.heard, talk.goes, talk.call.now) == ([], "sos", 0.0)
    assert (talk.ticket.intent, talk.ticket.caller_class) == (Intent.SOS, CallerClass.SOS)
    assert talk.ticket.elder_id == town.elder_id(DEMO.one_key)
    (case,) = town.cases.open_cases()
    assert talk.ticket.case_id == case.id


@pytest.mark.parametrize(
    ("said", "steps"),
    [
        ("<geo:36.0611,103.8343;u=20>", [("located", "geo:36.061100,103.834300;u=20")]),
        ("<geo:136,103>", [("not_located", "out_of_bounds")]),
        ("", []),
    ],
)
def test_the_case_tells_by_what_it_was_raised_and_where_the_device_is(
    exchange: Exchange, town: Town, said: str, steps: list[tuple[str, str]]
) -> None:
    talk = exchange.call(Sos, KEY_PHONE, arguments={"place": said})
    raised = ("opened", f"did 12340 one_key {masked(KEY_PHONE)}")
    assert [(each.what, each.detail) for each in town.rows(CaseEvent)] == [raised, *steps]
    assert "geo:" not in " ".join(talk.book.steps)  # A journey holds no personal data.


def test_a_9_tells_where_it_was_pressed(exchange: Exchange, town: Town) -> None:
    exchange.call(Welcome, DEMO.wang.number, {"welcome.menu": "9"})
    (opened,) = town.rows(CaseEvent)
    assert opened.detail == f"key_9 welcome home {masked(DEMO.wang.number)}"


@pytest.mark.parametrize("number", [DEMO.stranger, "", "anonymous", "+12125550123", "x" * 50, DEMO.couple[0].number])
def test_whoever_it_is(exchange: Exchange, town: Town, number: str) -> None:
    talk = exchange.call(Sos, number)
    assert talk.goes == "sos"
    (case,) = town.cases.open_cases()
    assert (case.elder_id, talk.ticket.case_id) == (None, case.id)


@pytest.mark.parametrize("keys", ["0", "9", "1", "***###", "0" * 40])
def test_keys_pressed_in_panic_do_not_matter(exchange: Exchange, keys: str) -> None:
    talk = exchange.call(Sos, KEY_PHONE, lambda _prompt, _before: keys)
    assert (talk.goes, talk.ticket.caller_class) == ("sos", CallerClass.SOS)


def test_who_waits_already_keeps_the_ticket(exchange: Exchange) -> None:
    talk = exchange.call(Sos, DEMO.wang.number, ref="ticket-7")
    assert talk.ticket.ticket_id == "ticket-7"
    assert talk.book.began_as == []


def test_without_a_database_help_comes_all_the_same(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    class Hangs:
        def open(self, call_id: str, _elder_id: int | None, _raised: object) -> int | None:
            opened.append(call_id)
            asked.set()
            over.wait(20)
            return None

    class Down:
        def look_up(self, _number: str) -> None:
            raise DirectoryUnavailable("down")

    asked, over = threading.Event(), threading.Event()
    monkeypatch.setattr(desk, "SOS_CASE_SECONDS", 0.05)
    exchange.services["sos_cases"], exchange.directory = Hangs(), Down()
    try:
        talk = exchange.call(Sos, KEY_PHONE)
        assert asked.wait(20)
    finally:
        over.set()
    assert (talk.goes, talk.ticket.case_id, talk.ticket.caller_class) == ("sos", None, CallerClass.SOS)
    assert opened == [talk.call.facts.call_id]  # Asked once: the ticket does not wait for the case a second time.


def test_a_caller_may_go_at_any_step_and_the_case_stays(exchange: Exchange, town: Town) -> None:
    steps = every_step(lambda at: exchange.call(Sos, KEY_PHONE, hang_up_at=at))
    assert len(town.cases.open_cases()) == steps  # One for each call, but the one that went before it was answered.

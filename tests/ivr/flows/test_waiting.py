"""What a caller in hold is told, and how a call-back is promised: the place is never lost, whatever they press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from db.demo import DEMO
from db.models import Callback
from ivr.call import HangupKind
from ivr.flows.waiting import Waiting
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, TicketStage
from routing.numbers import as_dialled
from tests.ivr.flows.talk import Exchange, Talk

OWN = DEMO.quiet.number
OFFERED = {"told_ahead": 2, "told_seconds": 170.0, "may_be_called_back": True}


@pytest.fixture
def wait(exchange: Exchange) -> Callable[..., Talk]:
    """Have a caller in hold hear the announcement; `about` is what their ticket says."""

    def hear(presses: object = None, number: str = OWN, key: str = "", **about: object) -> Talk:
        ticket = Ticket(
            "t1", "a-1", "a", "PJSIP/carrier-1", Intent.ORDER, CallerClass.FRAIL, joined_at=1_000.0,
            elder_id=exchange.town.elder_id(DEMO.quiet), order_id=None, stage=TicketStage.HELD, told_at=1_060.0,
        )  # fmt: skip
        exchange.living["t1"] = replace(ticket, **about)  # type: ignore[arg-type]
        arguments = {"key": key} if key else {}
        return exchange.call(Waiting, number, presses, ref="t1", arguments=arguments)  # type: ignore[arg-type]

    return hear


def promises(exchange: Exchange) -> list[Callback]:
    return [each for each in exchange.town.rows(Callback) if each.kind == "promise"]


def test_who_may_not_be_called_back_yet_hears_place_and_wait_and_goes_on_holding(wait: Callable[..., Talk]) -> None:
    talk = wait(told_ahead=2, told_seconds=170.0)
    assert talk.heard == ["hold.position", "hold.minutes"]
    assert (talk.said("hold.position"), talk.said("hold.minutes")) == ({"position": 2}, {"minutes": 3})
    assert talk.goes == "hold"
    assert talk.book.tickets == []
    assert "TICKET_ID" not in talk.call.variables


@pytest.mark.parametrize(("soon_before", "word"), [(False, "hold.soon"), (True, "hold.thanks")])
def test_any_moment_is_said_once(wait: Callable[..., Talk], soon_before: bool, word: str) -> None:
    assert wait(told_ahead=0, told_seconds=20.0, told_soon=soon_before).heard == ["hold.next", word]


def test_the_offer_names_its_key_and_no_key_goes_on_holding(wait: Callable[..., Talk], exchange: Exchange) -> None:
    talk = wait(**OFFERED)
    assert talk.heard == ["hold.position", "hold.minutes", "hold.offer_callback"]
    assert (talk.goes, promises(exchange)) == ("hold", [])


@pytest.mark.parametrize("asks_at", ["hold.position", "hold.offer_callback"])
def test_1_and_1_promise_a_call_to_the_own_number(wait: Callable[..., Talk], exchange: Exchange, asks_at: str) -> None:
    talk = wait({asks_at: "1", "hold.callback_number": "1"}, **OFFERED)
    assert talk.heard[-3:] == ["hold.callback_number", "hold.callback_promised", "bye.goodbye"]
    assert talk.said("hold.callback_number") == {"number": as_dialled(OWN)}
    assert talk.goes == "bye"
    (row,) = promises(exchange)
    assert (row.number, row.state, row.reference) == (OWN, "due", "t1")
    assert talk.book.told == [("promise", "t1", row.cause)]
    (kept,) = exchange.town.promises.kept()
    assert (kept.joined_at, kept.caller_class, kept.intent) == (1_000.0, CallerClass.FRAIL, Intent.ORDER)
    assert "waiting.told" in talk.book.steps
    assert "promise.made" in talk.book.steps


def test_key_1_in_hold_asks_at_once_for_the_number(wait: Callable[..., Talk], exchange: Exchange) -> None:
    talk = wait({"hold.callback_number": "1"}, key="1", told_ahead=3)
    assert talk.heard == ["hold.callback_number", "hold.callback_promised", "bye.goodbye"]
    assert len(promises(exchange)) == 1


def test_no_answer_to_the_number_promises_nothing(wait: Callable[..., Talk], exchange: Exchange) -> None:
    talk = wait({"hold.offer_callback": "1"}, **OFFERED)
    assert (talk.goes, promises(exchange)) == ("hold", [])


def test_another_number_is_read_back_before_it_counts(wait: Callable[..., Talk], exchange: Exchange) -> None:
    presses = {"hold.callback_number": ["2", "1"], "hold.enter_number": "14599990201#"}
    talk = wait(presses, key="1")
    assert [each.values for each in talk.call.heard if each.key == "hold.callback_number"] == [
        {"number": as_dialled(OWN)}, {"number": "14599990201"},
    ]  # fmt: skip
    assert [row.number for row in promises(exchange)] == ["+8614599990201"]


@pytest.mark.parametrize("number", ["", "anonymous", "+14155550100"])
def test_who_cannot_be_called_at_their_own_number_is_asked_for_one(
    wait: Callable[..., Talk], exchange: Exchange, number: str
) -> None:
    talk = wait({"hold.enter_number": "14599990201#", "hold.callback_number": "1"}, number, key="1")
    assert talk.heard[0] == "hold.enter_number"
    assert [row.number for row in promises(exchange)] == ["+8614599990201"]


@pytest.mark.parametrize("keyed", ["4001234567#", "0014155550#", "0000000#"])
def test_numbers_that_we_must_not_call_are_refused_a_bounded_number_of_times(
    wait: Callable[..., Talk], exchange: Exchange, keyed: str
) -> None:
    talk = wait({"hold.enter_number": [keyed] * 9}, "", key="1")
    assert talk.heard.count("hold.enter_number") == 2
    assert (talk.goes, promises(exchange)) == ("hold", [])


def test_one_person_is_promised_one_call(wait: Callable[..., Talk], exchange: Exchange) -> None:
    wait({"hold.callback_number": "1"}, key="1")
    again = wait({"hold.callback_number": ["2", "1"], "hold.enter_number": "14599990201#"}, key="1")
    assert again.heard[-1] == "hold.promised_already"
    assert (again.goes, len(promises(exchange))) == ("hold", 1)


def test_0_keeps_them_in_hold_and_9_makes_their_ticket_an_sos(wait: Callable[..., Talk]) -> None:
    assert wait({"hold.position": "0"}, **OFFERED).goes == "hold"
    sos = wait({"hold.position": "9"}, **OFFERED)
    assert sos.goes == "sos"
    assert (sos.ticket.ticket_id, sos.ticket.caller_class) == ("t1", CallerClass.SOS)
    assert sos.ticket.case_id is not None


def test_0_after_the_promise_takes_the_place_back(wait: Callable[..., Talk], exchange: Exchange) -> None:
    talk = wait({"hold.callback_number": "1", "hold.callback_promised": "0"}, key="1")
    (row,) = promises(exchange)
    assert talk.goes == "hold"
    assert talk.ticket.ticket_id == row.cause
    assert talk.call.variables["TICKET_ID"] == row.cause


def test_an_sos_hears_no_announcement(wait: Callable[..., Talk]) -> None:
    talk = wait(caller_class=CallerClass.SOS, **OFFERED)
    assert (talk.heard, talk.goes) == ([], "hold")


def test_without_a_ticket_the_music_goes_on(exchange: Exchange) -> None:
    talk = exchange.call(Waiting, OWN, ref="gone")
    assert (talk.heard, talk.goes) == ([], "hold")


def test_without_the_router_no_promise_is_given(wait: Callable[..., Talk], exchange: Exchange) -> None:
    exchange.redis_away = True
    talk = wait({"hold.callback_number": "1"}, key="1")
    assert talk.heard[-1] == "hold.not_promised"
    assert talk.goes == "hold"
    assert exchange.town.promises.kept() == ()


@pytest.mark.parametrize("kind", HangupKind)
def test_gone_at_any_step_records_no_end_of_the_call(exchange: Exchange, kind: HangupKind) -> None:
    ticket = Ticket("t1", "a-1", "a", "c", Intent.GENERAL, CallerClass.ELDER, 1_000.0, told_ahead=1,
                    may_be_called_back=True)  # fmt: skip
    exchange.living["t1"] = ticket
    presses = {"hold.offer_callback": "1"}
    steps = exchange.call(Waiting, OWN, presses, ref="t1").call.steps
    for step in range(1, steps + 1):
        cut = exchange.call(Waiting, OWN, presses, ref="t1", hang_up_at=step, hang_up_kind=kind)
        assert (cut.next, cut.book.ends) == (None, [])
        assert cut.book.steps[-1] == f"waiting.{kind.value.replace(' ', '_')}"

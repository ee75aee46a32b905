"""Who calls again while we owe them a call is told so; every way to a person takes the promise's place."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from ivr.flows.promised import Promised
from ivr.flows.welcome import Welcome
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, TicketStage
from tests.ivr.flows.talk import Exchange, Talk

OWN = DEMO.quiet.number
PROMISE = "promise-1"


def promise(exchange: Exchange, number: str = OWN, elder_id: int | None = None) -> Ticket:
    kept = Ticket(
        PROMISE, "a-0", "", "", Intent.ORDER, CallerClass.ELDER, joined_at=1_000.0, elder_id=elder_id,
        stage=TicketStage.HELD, promised=True, number=number, promised_in="a-0", instead_of="t0",
    )  # fmt: skip
    exchange.town.promises.make(kept)
    return kept


def call(exchange: Exchange, presses: object = None, number: str = OWN) -> Talk:
    return exchange.call(Welcome, number, presses)  # type: ignore[arg-type]


@pytest.mark.parametrize("presses", [{}, {"promise.menu": "1"}, {"promise.menu": "0"}, {"promise.waiting": "0"}])
def test_by_1_0_or_no_key_they_take_their_place_back(exchange: Exchange, presses: dict[str, str]) -> None:
    promise(exchange)
    talk = call(exchange, presses)
    assert "promise.waiting" in talk.heard
    assert "welcome.menu" not in talk.heard
    assert (talk.goes, talk.ticket.ticket_id) == ("hold", PROMISE)
    assert talk.call.variables["TICKET_ID"] == PROMISE
    assert ("defer", PROMISE) in talk.book.told


def test_they_hear_at_which_number_they_will_be_called(exchange: Exchange) -> None:
    promise(exchange)
    talk = call(exchange)
    assert talk.said("promise.number")["number"] == OWN
    assert talk.heard.index("promise.waiting") < talk.heard.index("promise.number") < talk.heard.index("promise.menu")
    assert not talk.call.not_spoken


def test_0_over_the_greeting_takes_the_place_back_too(exchange: Exchange) -> None:
    promise(exchange)
    assert call(exchange, {"welcome.greet_morning": "0"}).ticket.ticket_id == PROMISE


def test_9_takes_it_for_an_sos(exchange: Exchange) -> None:
    promise(exchange)
    talk = call(exchange, {"promise.menu": "9"})
    assert (talk.goes, talk.ticket.ticket_id, talk.ticket.caller_class) == ("sos", PROMISE, CallerClass.SOS)


def test_2_leaves_it_as_it_is(exchange: Exchange) -> None:
    promise(exchange)
    talk = call(exchange, {"promise.menu": "2"})
    assert talk.heard[-2:] == ["promise.kept", "bye.goodbye"]
    assert (talk.goes, talk.book.tickets, talk.book.ends) == ("bye", [], ["promised"])
    assert len(exchange.town.promises.kept()) == 1


def test_3_cancels_it_and_the_call_goes_on_as_any_other(exchange: Exchange) -> None:
    promise(exchange)
    talk = call(exchange, {"promise.menu": "3"})
    assert exchange.town.promises.kept() == ()
    assert ("cancel", PROMISE) in talk.book.told
    assert talk.heard[talk.heard.index("promise.cancelled") + 1] == "welcome.menu"
    assert talk.ticket.ticket_id != PROMISE


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_are_obeyed_over_the_word_that_it_is_cancelled(exchange: Exchange, key: str, goes: str) -> None:
    promise(exchange)
    talk = call(exchange, {"promise.menu": "3", "promise.cancelled": key})
    assert talk.heard[-1] == "promise.cancelled"
    assert talk.goes == goes


def test_an_elder_is_known_by_who_they_are_too(exchange: Exchange) -> None:
    """Promised to another number, they call from home."""
    promise(exchange, "+8614599990250", exchange.town.elder_id(DEMO.quiet))
    assert "promise.waiting" in call(exchange).heard


def test_so_is_the_one_of_two_on_one_number_whom_it_is_for(exchange: Exchange) -> None:
    husband, wife = DEMO.couple
    promise(exchange, "+8614599990250", exchange.town.elder_id(wife))
    assert "promise.waiting" in call(exchange, {"welcome.which_elder": "2"}, wife.number).heard
    assert "promise.waiting" not in call(exchange, {"welcome.which_elder": "1"}, husband.number).heard


def test_a_stranger_is_told_by_number(exchange: Exchange) -> None:
    promise(exchange, "+8614599990777")
    assert call(exchange, {}, "+8614599990777").ticket.ticket_id == PROMISE
    assert "promise.waiting" not in call(exchange, {}, "+8614599990778").heard


def test_nobody_else_hears_of_it(exchange: Exchange) -> None:
    promise(exchange)
    assert "promise.waiting" not in call(exchange, {}, DEMO.wang.number).heard


def test_the_call_back_greets_and_goes_to_the_ticket_that_it_came_with(exchange: Exchange) -> None:
    kept = promise(exchange, elder_id=exchange.town.elder_id(DEMO.quiet))
    exchange.living[PROMISE] = kept
    talk = exchange.call(Promised, "12349", ref=PROMISE)
    assert talk.said("callback.promised") == {"who": "李爷爷"}
    assert (talk.goes, talk.book.tickets, talk.book.began_as) == ("hold", [], ["outbound"])
    assert talk.book.elders == [kept.elder_id]


def test_9_over_it_is_an_sos_of_the_same_ticket(exchange: Exchange) -> None:
    exchange.living[PROMISE] = promise(exchange)
    talk = exchange.call(Promised, "12349", {"callback.promised": "9"}, ref=PROMISE)
    assert (talk.goes, talk.ticket.ticket_id) == ("sos", PROMISE)

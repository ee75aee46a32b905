"""A relative or neighbour is asked to look in on an elder who did not answer."""

from __future__ import annotations

import pytest

from ivr.flows.base import Next
from ivr.flows.look_in import LookIn
from routing.calls.messages import CallerClass
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.outreach.wellbeing.mornings import (
    NEIGHBOUR,
    SON,
    begin_anew,
    check,
    look_ins,
    morning,
    next_call,
    unanswered,
)
from tests.routing.town import Town


@pytest.fixture
def ref(town: Town) -> str:
    morning(town)
    unanswered(town)
    return next_call(town).reference


def call(exchange: Exchange, ref: str, keys: object = (), *, hang_up_at: int | None = None) -> Talk:
    return exchange.call(LookIn, SON, {"look_in.ask": keys}, ref=ref, hang_up_at=hang_up_at)  # type: ignore[dict-item]


@pytest.mark.parametrize(("key", "word"), [("1", "well"), ("2", "needs_us")])
def test_what_they_say_is_kept_and_nobody_else_is_rung(
    exchange: Exchange, town: Town, ref: str, key: str, word: str
) -> None:
    talk = call(exchange, ref, key)
    assert talk.heard == ["look_in.greet", "look_in.who", "look_in.ask", f"look_in.{word}"]
    assert talk.said("look_in.who")["who"] == "王奶奶"
    assert (look_ins(town), check(town).looking_in, talk.next) == ([(0, word)], word, Next.BYE)
    assert town.well_being.sweep() == 0
    assert not talk.call.not_spoken


def test_3_goes_to_look_and_is_rung_again(exchange: Exchange, town: Town, ref: str) -> None:
    assert call(exchange, ref, "3").heard[-1] == "look_in.going"
    again = next_call(town)
    assert (again.number, again.reference != ref) == (SON, True)


def test_no_key_is_no_answer_and_the_next_one_is_rung(exchange: Exchange, town: Town, ref: str) -> None:
    assert call(exchange, ref).next == Next.BYE
    assert next_call(town).number == NEIGHBOUR


def test_0_is_a_person_and_9_an_sos_for_the_elder(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "0")
    assert (talk.goes, talk.ticket.caller_class, check(town).looking_in) == ("hold", CallerClass.FRAIL, "needs_us")
    assert call(exchange, ref, "9").heard[-1] == "look_in.gone"


def test_9_is_an_sos(exchange: Exchange, town: Town, ref: str) -> None:
    assert call(exchange, ref, "9").goes == "sos"
    assert look_ins(town) == [(0, "sos")]


def test_whoever_hangs_up_has_said_nothing(exchange: Exchange, town: Town) -> None:
    morning(town)

    def talk(hang_up_at: int | None) -> Talk:
        begin_anew(town)
        unanswered(town)
        return call(exchange, next_call(town).reference, "1", hang_up_at=hang_up_at)

    assert every_step(talk) > 3

"""The daily call to an elder who lives alone."""

from __future__ import annotations

import pytest

from ivr.flows.base import Next
from ivr.flows.well_being import WellBeing
from routing.calls.messages import CallerClass, Intent
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.outreach.wellbeing.mornings import WANG, alarm_case, begin_anew, check, morning, next_call
from tests.routing.town import Town


@pytest.fixture
def ref(town: Town) -> str:
    morning(town)
    return next_call(town).reference


def owed(town: Town) -> str:
    return town.callbacks.get(town.well_being.of_call(check(town).id).cause).state


def call(exchange: Exchange, ref: str, keys: object = (), *, hang_up_at: int | None = None) -> Talk:
    return exchange.call(WellBeing, WANG.number, {"wellbeing.ask": keys}, ref=ref, hang_up_at=hang_up_at)  # type: ignore[dict-item]


def test_1_is_well_and_that_is_all(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "1")
    assert talk.heard == ["wellbeing.greet", "wellbeing.ask", "wellbeing.well"]
    assert talk.said("wellbeing.greet")["who"] == "王奶奶"
    assert (check(town).state, owed(town), talk.next) == ("well", "done", Next.BYE)
    assert (talk.book.began_as, talk.book.elders) == (["outbound"], [check(town).elder_id])
    assert not talk.call.not_spoken


def test_2_has_a_person_call_at_once(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "2")
    assert talk.heard[-1] == "wellbeing.call_me"
    assert (check(town).state, alarm_case(town).call_id, owed(town)) == ("call_me", talk.call.facts.call_id, "done")


def test_0_is_a_person_among_those_who_go_first(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "0")
    assert (talk.goes, check(town).state, owed(town)) == ("hold", "person", "done")
    assert (talk.ticket.intent, talk.ticket.caller_class) == (Intent.CALLBACK, CallerClass.FRAIL)
    assert talk.ticket.elder_id == check(town).elder_id


def test_9_is_an_sos(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "9")
    assert (talk.goes, check(town).state, owed(town)) == ("sos", "sos", "done")
    assert talk.ticket.caller_class is CallerClass.SOS


@pytest.mark.parametrize("keys", [[], ["5", "7"]])
def test_no_key_and_keys_that_mean_nothing_count_as_no_answer(
    exchange: Exchange, town: Town, ref: str, keys: list[str]
) -> None:
    talk = call(exchange, ref, keys)
    assert (talk.heard[-1], talk.next, owed(town)) == ("wellbeing.no_key", Next.BYE, "failed")
    town.well_being.sweep()
    assert (check(town).state, check(town).attempts, check(town).no_key) == ("calling", 2, 1)


def test_whoever_hangs_up_without_a_key_did_not_answer(exchange: Exchange, town: Town) -> None:
    morning(town)

    def talk(hang_up_at: int | None) -> Talk:
        begin_anew(town)
        cut = call(exchange, next_call(town).reference, "1", hang_up_at=hang_up_at)
        states.append((check(town).state, owed(town)))
        return cut

    states: list[tuple[str, str]] = []
    steps = every_step(talk)
    assert states[0] == ("well", "done")
    assert set(states) <= {("calling", "due"), ("calling", "dialling"), ("calling", "failed"), ("well", "done")}
    assert len(states) == steps + 1


def test_a_second_word_on_the_same_call_changes_nothing(exchange: Exchange, town: Town, ref: str) -> None:
    call(exchange, ref, "1")
    assert call(exchange, ref, "2").heard[-1] == "wellbeing.call_me"
    assert check(town).state == "well"

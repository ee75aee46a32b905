"""The automatic call after a service."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import AuditEntry, Case, Consent, Rating
from ivr.call import RecordingEnd
from ivr.flows.after_service import AfterService
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number
DONE = {"callback.any_key": "5", "callback.done": "1"}


@pytest.fixture
def order(town: Town) -> OrderView:
    """An order that was done, and whose call has been placed."""
    served = town.served()
    town.clock.forward(minutes=31)
    assert town.callbacks.dial_due() == 1
    return served


def owed(town: Town, order: OrderView) -> str:
    return town.callbacks.get(f"after-service-order-{order.id}").state


@pytest.mark.parametrize("score", [3, 4, 5])
def test_she_gives_a_score(exchange: Exchange, town: Town, order: OrderView, score: int) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.score": str(score)}, ref=order.id)
    assert talk.heard == [
        "callback.greet", "callback.any_key", "callback.done", "callback.score", "callback.thanks", "bye.take_care",
    ]  # fmt: skip
    assert talk.said("callback.greet")["who"] == "王奶奶"
    (rating,) = town.rows(Rating)
    assert (rating.channel, rating.score, rating.done) == ("call", score, True)
    assert (town.orders.get(order.id).state, owed(town, order)) == (OrderState.RATED, "done")
    assert (talk.goes, talk.book.began_as) == ("bye", ["outbound"])
    assert not talk.call.not_spoken


@pytest.mark.parametrize("shown", ["", "12349"])
def test_she_is_known_by_the_order_whatever_number_the_call_shows(
    exchange: Exchange, town: Town, order: OrderView, shown: str
) -> None:
    talk = exchange.call(AfterService, shown, {"callback.any_key": "0"}, ref=order.id)
    assert talk.said("callback.greet")["who"] == "王奶奶"
    assert talk.ticket.elder_id == order.elder_id


@pytest.mark.parametrize("score", ["1", "2"])
def test_a_low_score_opens_a_complaint_and_she_hears_that_a_person_rings(
    exchange: Exchange, town: Town, order: OrderView, score: str
) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.score": score}, ref=order.id)
    assert "callback.low" in talk.heard
    assert [case.kind for case in town.rows(Case)] == ["complaint"]
    assert town.orders.get(order.id).state is OrderState.DISPUTED


def test_not_done_opens_a_complaint(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.done": "2"}, ref=order.id)
    assert "callback.not_done" in talk.heard
    assert town.orders.get(order.id).state is OrderState.DISPUTED
    assert owed(town, order) == "done"


def test_nobody_who_listens_is_called_again(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, ref=order.id)
    assert talk.heard == ["callback.greet", *["callback.any_key", "callback.no_more"] * 3, "callback.who_called"]
    assert talk.call.now == 8 * 3 + 3 * 4.5, "no silence is longer than five seconds"
    assert (talk.goes, owed(town, order)) == ("bye", "due")
    assert not town.rows(Rating)


@pytest.mark.parametrize("at", ["callback.greet", "callback.any_key", "callback.done", "callback.score"])
@pytest.mark.parametrize("pressed", [("0", "hold"), ("9", "sos")])
def test_0_is_a_person_who_knows_the_order_and_9_is_sos(
    exchange: Exchange, town: Town, order: OrderView, at: str, pressed: tuple[str, str]
) -> None:
    key, goes = pressed
    talk = exchange.call(AfterService, WANG, DONE | {at: key}, ref=order.id)
    assert talk.goes == goes
    assert talk.ticket.elder_id == order.elder_id
    if goes == "hold":
        assert (talk.ticket.intent, talk.ticket.order_id) == (Intent.CALLBACK, order.id)
        assert owed(town, order) == "done"


@pytest.mark.parametrize("at", ["callback.done", "callback.score"])
@pytest.mark.parametrize("keys", ["", "##", "77"])
def test_no_key_or_a_wrong_one_is_a_person(
    exchange: Exchange, town: Town, order: OrderView, at: str, keys: str
) -> None:
    talk = exchange.call(
        AfterService, WANG, lambda prompt, _before: keys if prompt == at else DONE.get(prompt, ""), ref=order.id
    )
    assert talk.goes == "hold"
    assert not town.rows(Rating)


@pytest.mark.parametrize("ref", ["", "999999", "abc"])
def test_an_order_that_is_not_there_is_a_person(exchange: Exchange, ref: str) -> None:
    talk = exchange.call(AfterService, WANG, DONE, ref=ref)
    assert talk.goes == "hold"


def test_she_may_go_at_any_step_and_is_called_again_until_she_has_answered(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    presses = DONE | {"callback.score": "5"}
    talk = exchange.call(AfterService, WANG, presses, ref=order.id, hang_up_at=4)
    assert talk.goes == ""
    assert owed(town, order) == "due"
    assert every_step(lambda at: exchange.call(AfterService, WANG, presses, ref=order.id, hang_up_at=at)) >= 6
    assert [rating.score for rating in town.rows(Rating)] == [5]
    assert owed(town, order) == "done"


@pytest.mark.parametrize("score", ["1", "2"])
def test_what_was_wrong_is_recorded_and_tied_to_the_one_complaint_that_has_a_time(
    exchange: Exchange, town: Town, order: OrderView, score: str
) -> None:
    talk = exchange.call(
        AfterService, WANG, DONE | {"callback.score": score}, ref=order.id, recording=RecordingEnd.KEY,
        recorded_seconds=9,
    )  # fmt: skip
    assert talk.heard[-4:] == ["complaint.sorry", "complaint.leave", "callback.low", "bye.take_care"]
    (case,) = town.rows(Case)
    assert (case.kind, case.order_id, case.call_id) == ("complaint", order.id, talk.desk.facts.call_id)
    assert case.recording == f"complaint-{case.call_id}"
    assert case.due_at is not None
    assert case.due_at > town.clock()
    assert "after_service.remark" in talk.book.steps


def test_whoever_hangs_up_while_it_is_recorded_has_said_both(exchange: Exchange, town: Town, order: OrderView) -> None:
    presses = DONE | {"callback.score": "2"}
    exchange.call(AfterService, WANG, presses, ref=order.id, recording=RecordingEnd.HANGUP, recorded_seconds=5)
    (case,), (rating,) = town.rows(Case), town.rows(Rating)
    assert (case.recording is not None, rating.score, owed(town, order)) == (True, 2, "done")


def test_whoever_says_nothing_after_the_tone_is_rung_all_the_same(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    talk = exchange.call(AfterService, WANG, DONE | {"callback.score": "1"}, ref=order.id, recorded_seconds=1)
    assert talk.heard[-2:] == ["callback.low", "bye.take_care"]
    (case,) = town.rows(Case)
    assert (case.state, case.recording) == ("open", None)


def test_0_after_the_tone_is_a_person_who_has_the_complaint(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(
        AfterService, WANG, DONE | {"callback.score": "1"}, ref=order.id, recording=RecordingEnd.KEY,
        recorded_seconds=4, recording_key="0",
    )  # fmt: skip
    (case,) = town.rows(Case)
    assert (talk.goes, talk.ticket.case_id, case.recording is not None) == ("hold", case.id, True)


def test_8_is_no_more_such_calls_at_once_and_for_good(exchange: Exchange, town: Town, order: OrderView) -> None:
    other = town.served()
    talk = exchange.call(AfterService, WANG, {"callback.any_key": "8", "callback.no_more": "8"}, ref=order.id)
    assert talk.heard[-2:] == ["callback.opted_out", "bye.take_care"]
    assert (owed(town, order), owed(town, other)) == ("done", "cancelled")
    (said,) = town.rows(Consent)
    assert (said.channel, said.purpose, said.given, said.how) == ("call", "survey", False, "phone_key")
    assert [entry.action for entry in town.rows(AuditEntry) if entry.action.startswith("consent")] == [
        "consent.withdrawn"
    ]
    assert not town.rows(Rating)


def test_8_pressed_as_any_key_is_no_word_about_calls(exchange: Exchange, town: Town, order: OrderView) -> None:
    """Any key was asked for: only who presses 8 again, having heard what it means, is not called any more."""
    talk = exchange.call(
        AfterService, WANG, {"callback.any_key": "8", "callback.done": "1", "callback.score": "5"}, ref=order.id
    )
    assert talk.heard[-2:] == ["callback.thanks", "bye.take_care"]
    assert town.rows(Rating)[0].score == 5 and not town.rows(Consent)


def test_a_machine_is_told_once_who_called_and_nothing_about_anybody(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    first = exchange.call(AfterService, WANG, ref=order.id)
    assert first.heard[-1] == "callback.who_called"
    assert dict(first.said("callback.who_called")) == {}
    town.clock.forward(hours=7)
    assert town.callbacks.dial_due() == 1
    again = exchange.call(AfterService, WANG, ref=order.id)
    assert "callback.who_called" not in again.heard
    assert (again.goes, owed(town, order)) == ("bye", "due")


@pytest.fixture
def unseen(town: Town) -> OrderView:
    """An order that a company took, whose time is over, and of which nobody has told us anything."""
    accepted = town.accept(town.place())
    town.clock.forward(hours=9)
    assert town.unseen.sweep() == 1
    assert town.unseen.sweep() == 0
    assert town.callbacks.dial_due() == 1
    return accepted


def test_nobody_came(exchange: Exchange, town: Town, unseen: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, {"callback.any_key": "5", "callback.came": "2"}, ref=unseen.id)
    assert "callback.not_done" in talk.heard
    (case,) = [case for case in town.rows(Case) if case.key.startswith("nobody-came")]
    assert case.kind == "complaint"
    assert case.due_at is not None
    assert (town.orders.get(unseen.id).state, owed(town, unseen)) == (OrderState.DISPUTED, "done")


def test_somebody_came_and_a_person_puts_in_the_times(exchange: Exchange, town: Town, unseen: OrderView) -> None:
    talk = exchange.call(AfterService, WANG, {"callback.any_key": "5", "callback.came": "1"}, ref=unseen.id)
    assert talk.heard[-2:] == ["callback.thanks", "bye.take_care"]
    (case,) = [case for case in town.rows(Case) if case.key.startswith("somebody-came")]
    assert (case.kind, owed(town, unseen)) == ("visit", "done")


@pytest.mark.parametrize("came", ["1", "2"])
def test_she_may_go_at_any_step_of_that_question_too(
    exchange: Exchange, town: Town, unseen: OrderView, came: str
) -> None:
    presses = {"callback.any_key": "5", "callback.came": came}
    assert every_step(lambda at: exchange.call(AfterService, WANG, presses, ref=unseen.id, hang_up_at=at)) >= 4
    assert owed(town, unseen) == "done"
